#include "neurarium/data/interaural_dataset.hpp"

#include <algorithm>

#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium {
namespace {

constexpr std::string_view prefix = "interaural-phase:";

/// Fields of the base, for the struct that derives from it.
FieldInfo inherited(FieldInfo field) {
  using Derived = InterauralDatasetParams;
  using Base = InterauralPhaseParams;
  field.set = [set = field.set](void* p, const Value& v) { set(static_cast<Base*>(static_cast<Derived*>(p)), v); };
  field.get = [get = field.get](const void* p) {
    return get(static_cast<const Base*>(static_cast<const Derived*>(p)));
  };
  return field;
}

}  // namespace

Schema InterauralDatasetParams::fields() {
  using P = InterauralDatasetParams;
  std::vector<FieldInfo> all = {
      field("seed", &P::seed, "Which sounds are drawn."),
      field("training_samples", &P::training_samples, "Sounds to learn from.").at_least(1),
      field("test_samples", &P::test_samples, "Sounds of the test.").at_least(0),
  };
  const Schema sounds = InterauralPhaseParams::fields();
  for (const FieldInfo& field : sounds.fields()) all.push_back(inherited(field));
  return Schema::of<P>(std::move(all));
}

bool is_interaural_dataset(const std::string& name) { return name.starts_with(prefix); }

InterauralDatasetParams interaural_dataset_params(const std::string& name) {
  if (!is_interaural_dataset(name))
    throw SpecError("'" + name + "' names no sounds", "write for example interaural-phase:seed=1,steps=200");
  const Value table = parse_toml_literal("{" + name.substr(prefix.size()) + "}", {"data set '" + name + "'", 0, 0});
  if (!table.is_table())
    throw SpecError("'" + name + "': expected settings behind the colon",
                    "write for example interaural-phase:seed=1,steps=200");
  std::vector<Fault> faults;
  const Schema schema = InterauralDatasetParams::fields();
  InterauralDatasetParams params;
  schema.read(schema.complete(table, {nullptr, &faults, "", {}}), &params, {nullptr, &faults, "", {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  params.check();
  return params;
}

std::string interaural_dataset_name(const InterauralDatasetParams& params) {
  const Schema schema = InterauralDatasetParams::fields();
  const InterauralDatasetParams defaults;
  std::string settings;
  for (const FieldInfo& field : schema.fields()) {
    const std::string value = to_json(field.get(&params), -1);
    if (field.name == "seed" || value != to_json(field.get(&defaults), -1))
      settings += (settings.empty() ? "" : ",") + field.name + '=' + value;
  }
  return std::string(prefix) + settings;
}

Dataset interaural_dataset(const std::string& name, WorkerPool* pool) {
  const InterauralDatasetParams params = interaural_dataset_params(name);
  Dataset data;
  data.name = name;
  const auto split = [&](const char* set, std::int64_t samples) {
    InterauralPhaseSet sounds =
        make_interaural_phase(params, static_cast<std::size_t>(samples), params.seed, set, 0, pool);
    Split made;
    made.y = Array(DType::i64, {sounds.labels.size()});
    std::ranges::copy(sounds.labels, made.y.as<std::int64_t>().data());
    made.spikes = std::make_shared<const StepSpikes>(std::move(sounds.spikes));
    return made;
  };
  data.train = split("training", params.training_samples);
  if (params.test_samples > 0) data.test = split("test", params.test_samples);
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
