// Schedules: the factor on the learning rate, a pure function of the step, so that a resumed run goes on with the same one.
// s: steps done so far; S: steps of the whole training; e = ⌊s / steps per epoch⌋.
//
//   constant   1
//   step       γ^⌊e / every⌋
//   cosine     (s + 1) / (W + 1) while s < W = round(warm_up · S), then low + (1 − low) (1 + cos(π (s − W) / (S − W))) / 2
//   one_cycle  from 1/start_divisor up to 1 at s = warm_up·S − 1, then down to 1/(start_divisor·end_divisor) at s = S − 1,
//              both along half a cosine: a → b by b + (a − b) (1 + cos(π p)) / 2, p = 0 … 1
//
// Any of them may be eased into: the factor is then multiplied by min(1, start · growth^s).
//
// The optimiser's learning_rate is the largest one. They are PyTorch's StepLR (stepped per epoch), CosineAnnealingLR (per
// step, T_max = S; with warm_up T_max = S − W in a SequentialLR behind LinearLR, start_factor = 1 / (W + 1)) and OneCycleLR
// (cycle_momentum = False: momentum stays as it is).
// Sources: Loshchilov, Hutter, "SGDR", ICLR 2017 (cosine); Smith, Topin, "Super-convergence", 2018 (one cycle);
// Nowotny, Turner, Knight, Neuromorphic Computing and Engineering 5, 2025 (ease-in).
#pragma once

#include <cstdint>

#include "neurarium/core/registry.hpp"

namespace neurarium {

class Schedule {
 public:
  virtual ~Schedule() = default;
  /// The factor for the step after `step` steps of `steps` (> step); `steps_per_epoch` ≥ 1.
  virtual double factor(std::uint64_t step, std::uint64_t steps_per_epoch, std::uint64_t steps) const = 0;
};

struct EaseInParams {
  double start = 1;
  double growth = 1.05;
  static Schema fields();
  bool wanted() const noexcept { return start < 1; }
  double factor(std::uint64_t step) const;
};

void register_schedules(Registry& registry);

}  // namespace neurarium
