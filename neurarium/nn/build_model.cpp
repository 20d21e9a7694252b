#include "neurarium/nn/build_model.hpp"

#include <algorithm>

#include "neurarium/data/picture_sample.hpp"

namespace neurarium {
namespace {

/// A field of the model's schema, or nullptr. An unknown type has none: make() will say so, with the nearest name.
const FieldInfo* field_of(const Component& component, const Registry& registry, const char* name) {
  const Registry::Entry* model = registry.find("model", component.type);
  return model ? model->schema.find(name) : nullptr;
}

/// Layers of images read [channels, height, width]: given the colour pictures of a data set as they are, they would take
/// rows for channels and say nothing.
void require_channels_first(const Component& component, const Shape& entry) {
  const Value* layers = component.settings.find("layers");
  if (!layers || !layers->is_list() || layers->as_list().empty()) return;
  const auto form = picture_form(entry);
  if (!form || form->order != PictureForm::Order::colours_last) return;
  const std::string first = component_from(layers->as_list().front()).type;
  if (std::ranges::count(std::array{"conv2d", "max_pool", "average_pool"}, first) == 0) return;
  throw SpecError("model.layers[0]: " + first + " takes images [channels, height, width], and the samples are " +
                      to_string(entry) + ", with their colours last",
                  "put a layer of type \"channels_first\" before it");
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
    require_channels_first(component, entry);
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
