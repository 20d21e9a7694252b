#include "neurarium/experiment/network_of.hpp"

namespace neurarium {

std::optional<Component> network_of(const Experiment& experiment, const Registry& registry) {
  const Registry::Entry* study = registry.find("study", experiment.study);
  if (!study) throw SpecError({registry.unknown("study", experiment.study)});
  for (const FieldInfo& field : study->schema.fields())
    if (field.component_kind == "model" && field.kind == FieldKind::component)
      return component_from(experiment.settings.at(field.name));
  return std::nullopt;
}

}  // namespace neurarium
