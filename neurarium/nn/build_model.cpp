#include "neurarium/nn/build_model.hpp"

namespace neurarium {

Component fitted(Component component, const Registry& registry, const Shape& entry, std::uint64_t seed) {
  const Registry::Entry* description = registry.find("model", component.type);
  if (!description) return component;  // make() will say what is wrong, with the nearest name
  if (description->schema.find("seed")) component.settings.set("seed", seed);
  if (const FieldInfo* inputs = description->schema.find("inputs")) {
    const Value* given = component.settings.find("inputs");
    const bool open = !given || (given->is_list() && given->as_list().empty()) || (given->is_integer() && given->as_integer() == 0);
    if (open && inputs->kind == FieldKind::integer) component.settings.set("inputs", static_cast<std::int64_t>(entry.elements()));
    if (open && inputs->kind == FieldKind::integers) {
      Value::List extents;
      for (const std::size_t extent : entry) extents.emplace_back(static_cast<std::int64_t>(extent));
      component.settings.set("inputs", std::move(extents));
    }
  }
  return component;
}

}  // namespace neurarium
