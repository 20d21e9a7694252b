// From the description of a model to the model, fitted to its data.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// Whether the model has a field `inputs` and the user left it open ([] or 0): then only the data can say.
bool inputs_are_open(const Component& component, const Registry& registry);
/// `component` with open `inputs` set to the shape of one entry of the data; as it was if they are not open. SpecError if its
/// first layer would take the rows of colour pictures for channels.
Component with_inputs(Component component, const Registry& registry, const Shape& entry);
/// `component` with `seed` set, where the model has such a field.
Component with_seed(Component component, const Registry& registry, std::uint64_t seed);
/// Both: what a run knows and the description leaves open.
inline Component fitted(Component component, const Registry& registry, const Shape& entry, std::uint64_t seed) {
  return with_seed(with_inputs(std::move(component), registry, entry), registry, seed);
}

/// The model as Interface (Trainable, LocalLearner, …); a SpecError says so if it is none.
template <class Interface>
std::unique_ptr<Interface> build_model(const Component& component, const Registry& registry,
                                       const std::string& needed_for) {
  std::unique_ptr<Model> model = registry.make<Model>("model", component, "model");
  std::unique_ptr<Interface> wanted = model_as<Interface>(std::move(model));
  if (!wanted) throw SpecError("model.type: '" + component.type + "' can't be used for " + needed_for);
  return wanted;
}

}  // namespace neurarium
