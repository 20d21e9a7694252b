// How much of the data each finite Gaussian layer of a network reaches: the distribution of g = exp(−q) over samples and units.
// A unit whose centre lies far from the data, since |b|/|w| is large or its width small, is dead there: g ≈ 0, whatever its line says.
// Gates are left out: each layer is judged by itself.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

/// A layer with a median below it has lost the data.
constexpr double least_median_g = 0.05;

struct LayerReach {
  std::string layer;
  std::size_t units = 0, inputs = 0;
  std::vector<double> quantiles;  ///< of g over all samples and units, at 0, 1, … 100 %
  double median() const { return quantiles[50]; }
  std::size_t lost_units = 0;  ///< with a median over the samples below least_median_g
  bool lost() const { return median() < least_median_g; }
};

/// So many samples are enough for a median.
constexpr std::size_t enough_for_reach = 2000;

/// One entry per finite Gaussian layer, in order. What it sees is x [n, …] / divisor, n ≥ 1, as the layers before leave it.
std::vector<LayerReach> reach_of(const NetworkState& network, const Registry& registry, ArrayView x, double divisor);
/// A line per layer that has lost the data.
std::vector<std::string> warnings_of(std::span<const LayerReach> reach);

}  // namespace neurarium
