// A temperature as part of a network: softmax(z/T) is the softmax of a network whose last layer has W/T and b/T.
// For a finite Gaussian last layer, z = (w·x + b) g, the same holds: centres and widths stay, and so does the zero of each line.
// So a tempered network is one like any other, in the same classes; only how sure it is has changed, never which answer is strongest.
// Converted back, it keeps its temperature.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

/// SpecError unless the last layer is dense or finite_gaussian with activation = "identity"; T > 0.
NetworkState tempered(const NetworkState& network, double temperature, const Registry& registry);

}  // namespace neurarium
