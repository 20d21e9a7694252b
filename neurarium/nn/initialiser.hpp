// Initialisers: what weights are before learning. Values are drawn in double and rounded, so that a network starts
// from the same point in float and in double.
//   uniform   U(low, high)
//   glorot    U(−a, a), a = √(6 / (fan_in + fan_out))       Glorot & Bengio, AISTATS 2010
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/core/rng.hpp"

namespace neurarium {

class Initialiser {
 public:
  virtual ~Initialiser() = default;
  virtual void fill(std::span<double> weights, std::size_t fan_in, std::size_t fan_out, const Stream& stream) const = 0;
};

void register_initialisers(Registry& registry);

}  // namespace neurarium
