#include "neurarium/studies/eventprop/poisson_train.hpp"

#include <cmath>

namespace neurarium::anatomy {

double RateBump::probability(std::size_t step, double dt) const {
  const double from_centre = static_cast<double>(step) * dt - centre;
  return r_max / 1000 * std::exp(-from_centre * from_centre / (2 * width * width)) * dt;
}

std::vector<std::size_t> poisson_steps(const RateBump& rate, double dt, std::size_t steps, const Stream& stream,
                                       std::size_t which, std::size_t repeat) {
  std::vector<std::size_t> spikes;
  for (std::size_t step = 0; step < steps; ++step)
    if (uniform(stream, {static_cast<std::uint32_t>(which), static_cast<std::uint32_t>(repeat),
                         static_cast<std::uint32_t>(step), 0}) < rate.probability(step, dt))
      spikes.push_back(step);
  return spikes;
}

}  // namespace neurarium::anatomy
