#include "neurarium/data/interaural_dataset.hpp"

#include "neurarium/core/array_of.hpp"
#include "neurarium/data/settings_in_name.hpp"

namespace neurarium {
namespace {

constexpr std::string_view kind = "interaural-phase";

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

bool is_interaural_dataset(const std::string& name) { return name.starts_with(std::string(kind) + ":"); }

InterauralDatasetParams interaural_dataset_params(const std::string& name) {
  auto params = params_in_name<InterauralDatasetParams>(name, kind, "interaural-phase:seed=1,steps=200");
  params.check();
  return params;
}

std::string interaural_dataset_name(const InterauralDatasetParams& params) {
  const InterauralDatasetParams defaults;
  return name_with_settings(kind, InterauralDatasetParams::fields(), &params, &defaults, "seed");
}

Dataset interaural_dataset(const std::string& name, WorkerPool* pool) {
  Dataset data = interaural_dataset(interaural_dataset_params(name), pool);
  data.name = name;
  return data;
}

Dataset interaural_dataset(const InterauralDatasetParams& params, WorkerPool* pool) {
  Dataset data;
  data.name = interaural_dataset_name(params);
  data.dt = params.dt;
  const auto split = [&](const char* set, std::int64_t samples) {
    InterauralPhaseSet sounds =
        make_interaural_phase(params, static_cast<std::size_t>(samples), params.seed, set, 0, pool);
    Split made;
    made.y = array_of(sounds.labels);
    made.about.emplace_back("interaural_phase", array_of(sounds.ipd));
    made.about.emplace_back("stimulus_phase", array_of(sounds.phase));
    made.spikes = std::make_shared<const StepSpikes>(std::move(sounds.spikes));
    return made;
  };
  data.train = split("training", params.training_samples);
  if (params.test_samples > 0) data.test = split("test", params.test_samples);
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
