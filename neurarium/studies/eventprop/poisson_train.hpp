// The notebook's random hidden spikes: in each step of dt one spike with the probability
//   p = r_max/1000 · e^(−(t − centre)²/(2 width²)) · dt,   t = step · dt in ms, r_max in spikes per second.
#pragma once

#include <cstddef>
#include <vector>

#include "neurarium/core/rng.hpp"

namespace neurarium::anatomy {

struct RateBump {
  double r_max = 10;                 ///< Hz
  double centre = 200, width = 200;  ///< ms
  double probability(std::size_t step, double dt) const;
};

/// Steps with a spike, rising. Train `repeat` of rate `which` is a pure function of the stream's key and of these two.
std::vector<std::size_t> poisson_steps(const RateBump& rate, double dt, std::size_t steps, const Stream& stream,
                                       std::size_t which, std::size_t repeat);

}  // namespace neurarium::anatomy
