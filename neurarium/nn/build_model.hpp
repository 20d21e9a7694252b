// From the description of a model to the model, fitted to its data.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// `component` with what only the run knows filled in: `inputs`, where the model has such a field and the user left it
/// open, from the shape of one entry of the data; `seed`, where the model has such a field, from the run.
Component fitted(Component component, const Registry& registry, const Shape& entry, std::uint64_t seed);

/// The model as Interface (Trainable, LocalLearner, …); a SpecError says so if it is none.
template <class Interface>
std::unique_ptr<Interface> build_model(const Component& component, const Registry& registry, const std::string& needed_for) {
  std::unique_ptr<Model> model = registry.make<Model>("model", component, "model");
  auto* wanted = dynamic_cast<Interface*>(model.get());
  if (!wanted) throw SpecError("model.type: '" + component.type + "' can't be used for " + needed_for);
  model.release();
  return std::unique_ptr<Interface>(wanted);
}

}  // namespace neurarium
