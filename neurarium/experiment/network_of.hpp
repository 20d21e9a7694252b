// The network of an experiment, whatever its study calls it.
#pragma once

#include <optional>

#include "neurarium/experiment/experiment.hpp"

namespace neurarium {

/// The description in the study's first field that holds a model, as the experiment has it (inputs may still be open: see
/// nn/build_model.hpp); none if the study has no such field.
std::optional<Component> network_of(const Experiment& experiment, const Registry& registry);

}  // namespace neurarium
