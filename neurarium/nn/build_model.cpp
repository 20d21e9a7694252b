#include "neurarium/nn/build_model.hpp"

namespace neurarium {
namespace {

/// A field of the model's schema, or nullptr. An unknown type has none: make() will say so, with the nearest name.
const FieldInfo* field_of(const Component& component, const Registry& registry, const char* name) {
  const Registry::Entry* model = registry.find("model", component.type);
  return model ? model->schema.find(name) : nullptr;
}

}  // namespace

bool inputs_are_open(const Component& component, const Registry& registry) {
  if (!field_of(component, registry, "inputs")) return false;
  const Value* given = component.settings.find("inputs");
  return !given || (given->is_list() && given->as_list().empty()) || (given->is_integer() && given->as_integer() == 0);
}

Component with_inputs(Component component, const Registry& registry, const Shape& entry) {
  if (!inputs_are_open(component, registry)) return component;
  if (field_of(component, registry, "inputs")->kind == FieldKind::integer) {
    component.settings.set("inputs", static_cast<std::int64_t>(entry.elements()));
  } else {
    Value::List extents;
    for (const std::size_t extent : entry) extents.emplace_back(static_cast<std::int64_t>(extent));
    component.settings.set("inputs", std::move(extents));
  }
  return component;
}

Component with_seed(Component component, const Registry& registry, std::uint64_t seed) {
  if (field_of(component, registry, "seed")) component.settings.set("seed", seed);
  return component;
}

}  // namespace neurarium
