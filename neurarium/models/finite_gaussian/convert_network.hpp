// A trained classical network becomes a finite Gaussian one without training, and comes back.
//
// Each dense or conv2d layer keeps W and b and becomes a finite_gaussian or finite_gaussian_conv2d layer whose centres are the points of its units' zero lines nearest
// to the origin (conversion.hpp); the second and later ones are gated. How far units reach is a rule's choice (width_rule.hpp).
// Calibration goes from layer to layer: each sees the data as the converted layers before it leave them.
// Back, widths and centres are dropped; b is the layer's own, or −w·c where it is tied.
// Layers that a residual holds are converted as well, but not those on the way around them, which can't be finite Gaussian: they and all
// other layers stay as they are. Convolutions with groups are refused. Source: the founding notebook (σ = d, and the way back); calibration: this project.
#pragma once

#include "neurarium/core/array.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/models/finite_gaussian/width_rule.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

/// `x` [n, …], divided by `divisor`, is what calibrating rules look at. SpecError if there is no dense layer, if a unit has only zero
/// weights, or if a calibrating rule is given no samples or such as lie at a centre; DataError for samples that are not finite.
NetworkState to_gaussian(const NetworkState& classical, const WidthRule& rule, const Registry& registry, ArrayView x,
                         double divisor);
/// SpecError if there is no finite Gaussian layer.
NetworkState to_classical(const NetworkState& gaussian, const Registry& registry);

}  // namespace neurarium
