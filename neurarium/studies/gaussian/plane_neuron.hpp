// One neuron of the plane, classical and finite Gaussian, and what it says over a grid.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/registry.hpp"

namespace neurarium {

struct PlaneNeuron {
  std::vector<double> weights;  ///< two
  double bias = 0, sigma = 0;
  /// The point of the line W·x + b = 0 that is nearest to the origin; SpecError if W = 0.
  std::vector<double> centre() const;
};

/// Whole numbers W in −100 … 99 and b in −1,000 … 1,000, as the founding notebook draws them.
PlaneNeuron drawn_neuron(std::uint64_t seed, double sigma);

struct PlaneGrid {
  std::vector<double> x, y;
};

struct NeuronMaps {
  Array line, gauss, activity;  ///< W·x + b, exp(−|x − c|²/σ²), and their product, [y, x]
};
/// By the engine's own layers: a dense unit, the finite Gaussian one that it is converted to, and one whose line is 1.
NeuronMaps maps_of(const PlaneNeuron& neuron, const PlaneGrid& grid, const Registry& registry);

}  // namespace neurarium
