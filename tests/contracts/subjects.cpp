#include "subjects.hpp"

#include <cstring>

#include "neurarium/core/files.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium::contracts {
namespace {

/// Every way to change one choice or flag of `schema` in `settings`, and in those of its sections that are written there.
std::vector<std::pair<std::string, Value>> changes(const Schema& schema, const Value& settings) {
  std::vector<std::pair<std::string, Value>> out;
  for (const FieldInfo& field : schema.fields()) {
    if (field.name == "scalar") continue;  // the suite chooses it
    const Value* now = settings.find(field.name);
    if (field.kind == FieldKind::text)
      for (const std::string& choice : field.choices)
        if (!now || !now->is_text() || now->as_text() != choice) {
          Value changed = settings;
          changed.set(field.name, choice);
          out.emplace_back(field.name + "=" + choice, changed);
        }
    if (field.kind == FieldKind::boolean) {
      const bool flag = now ? now->as_bool() : schema.defaults().at(field.name).as_bool();
      Value changed = settings;
      changed.set(field.name, !flag);
      out.emplace_back(field.name + (flag ? "=false" : "=true"), changed);
    }
    if (field.section && now && now->is_table())
      for (auto& [name, section] : changes(*field.section, *now)) {
        Value changed = settings;
        changed.set(field.name, section);
        out.emplace_back(field.name + "." + name, changed);
      }
  }
  return out;
}

}  // namespace

std::vector<Variant> variants_of(const Registry& registry, const Registry::Entry& entry) {
  const auto file = folder_of(entry) / "example.toml";
  const Value model = parse_toml(read_text(file), file.string()).at("model");
  std::vector<Variant> variants = {{"example", component_from(model)}};
  if (entry.kind == "model") {
    for (auto& [name, settings] : changes(entry.schema, variants.front().model.settings))
      variants.push_back({name, {entry.type, settings}});
    return variants;
  }
  const auto& layers = model.at("layers").as_list();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].at("type").as_text() != entry.type) continue;
    for (auto& [name, settings] : changes(entry.schema, layers[i])) {
      Value changed = model;
      changed.find("layers")->as_list()[i] = settings;
      variants.push_back({"layer " + std::to_string(i) + " " + name, component_from(changed)});
    }
  }
  (void)registry;
  return variants;
}

std::unique_ptr<Model> build(const Registry& registry, const Variant& variant, const char* scalar, std::uint64_t seed) {
  Component component = variant.model;
  component.settings.set("scalar", scalar);
  component.settings.set("seed", seed);
  return registry.make<Model>("model", component, "model");
}

Samples samples_for(const Model& model, std::size_t count, std::uint64_t seed) {
  Tensor<double> x(model.input_shape().with_leading(count));
  fill_uniform(Stream(seed, "contracts.x"), {}, 0.05, 1, x.flat());
  const NamedArrays outputs = model.outputs(converted(x.view(), model.scalar()), {});
  Tensor<double> y(outputs.front().second.shape());
  fill_uniform(Stream(seed, "contracts.y"), {}, 0, 1, y.flat());
  return {converted(x.view(), model.scalar()), Array(y)};
}

const std::vector<std::pair<std::string, Context>>& modes() {
  static const std::vector<std::pair<std::string, Context>> both = {{"evaluation", {}},
                                                                    {"training", {Mode::train, 3, 1, 0, {}}}};
  return both;
}

bool differs_in_training(const Registry& registry, const Variant& variant) {
  const auto model = build(registry, variant, "float64", 1);
  const auto* trainable = dynamic_cast<const Trainable*>(model.get());
  if (!trainable) return false;
  const Samples samples = samples_for(*model, 9, 1);
  std::vector<NamedArrays> gradients;
  for (const auto& [mode, context] : modes()) {
    Tape tape;
    Gradient gradient = make_gradient(*model);
    trainable->evaluate_with_gradient({samples.x, samples.y, 1}, context, tape, gradient);
    NamedArrays& named = gradients.emplace_back();
    for (Array& array : gradient) named.emplace_back("", std::move(array));
  }
  return !same_bits(gradients[0], gradients[1]);
}

NamedArrays copied_state(Model& model) {
  NamedArrays state;
  for (const auto& list : {model.parameters(), model.buffers()})
    for (const NamedView& item : list) state.emplace_back(item.name, Array(ArrayView(item.values)));
  return state;
}

bool same_bits(const NamedArrays& a, const NamedArrays& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const ArrayView left = a[i].second, right = b[i].second;
    if (a[i].first != b[i].first || left.shape() != right.shape() || left.dtype() != right.dtype()) return false;
    if (left.bytes() > 0 && std::memcmp(left.data(), right.data(), left.bytes()) != 0) return false;
  }
  return true;
}

}  // namespace neurarium::contracts
