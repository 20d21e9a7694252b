// A trained classical network becomes a finite Gaussian one without training, and comes back.
//
// Each dense layer keeps W and b and becomes a finite_gaussian layer whose centres are the points of its units' zero lines nearest
// to the origin (conversion.hpp); the second and later ones are gated. How far units reach is a rule's choice, σ = √d · exp(log_width):
//   notebook             σ = d, the number of inputs
//   author               σ = 10 · units
//   scaled               σ = s √d
//   calibrated           σ_j so that g = level at the quantile of the layer's own distances to training data
//   calibrated-diagonal  the same, with widths of each input in proportion to its standard deviation over the data (its variance
//                        no less than `floor` of the layer's mean variance)
// Calibration goes from layer to layer: each sees the data as the converted layers before it leave them.
// Back, widths and centres are dropped; b is the layer's own, or −w·c where it is tied.
// All other layers stay as they are; dense layers inside a residual are refused. Source: the founding notebook (σ = d, and the way back); calibration: this project.
#pragma once

#include "neurarium/core/array.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// A network: what it is made of, without its numbers, and its parameters and buffers by name.
struct NetworkState {
  Component description;
  NamedArrays arrays;
};

struct WidthRule {
  std::string name = "calibrated-diagonal";
  double scale = 2;        ///< s of "scaled"
  double quantile = 0.99;  ///< of distances
  double level = 0.5;      ///< g there
  double floor = 0.05;
  static const std::vector<std::string>& names();
};

/// `x` [n, …], divided by `divisor`, is what calibrating rules look at. SpecError if there is no dense layer, if a unit has only zero
/// weights, or if a calibrating rule is given no samples or such as lie at a centre; DataError for samples that are not finite.
NetworkState to_gaussian(const NetworkState& classical, const WidthRule& rule, const Registry& registry, ArrayView x,
                         double divisor);
/// SpecError if there is no finite Gaussian layer.
NetworkState to_classical(const NetworkState& gaussian, const Registry& registry);

/// A model with the numbers of `state` in it; its inputs must be told in the description. DataError if a number is missing or
/// belongs to no layer.
std::unique_ptr<Model> network_with(const NetworkState& state, const Registry& registry);

}  // namespace neurarium
