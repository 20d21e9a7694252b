// The founding notebook's output on a grid of steps of dt, forwards and backwards, operation by operation: its printed digits
// come out to the last one. Forwards (V takes the I of the step before, exactly; spikes of step n count from step n + 1 on):
//   V ← τs/(τm − τs) · I · (e^(−dt/τm) − e^(−dt/τs)) + V e^(−dt/τm);   I ← I e^(−dt/τs), + jump at a spike.
// Backwards, by Euler's rule, from 0 at the end; d = −∂l/∂V of that step, and λ_I takes the old λ_V:
//   λ_I ← λ_I + (λ_V − λ_I)/τs · dt;   λ_V ← λ_V + d/τm · dt − λ_V/τm · dt.
// That is not the adjoint of its own way forwards, which is exact: what it says has an error of first order in dt.
// For |τm − τs| < 1e-6 τs, where the notebook's quotient loses its digits (and is 0/0 at last), psp(dt) stands for it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "neurarium/studies/eventprop/synapse.hpp"

namespace neurarium::anatomy {

struct GridCell {
  TimeConstants tau;
  double dt = 1;                          ///< ms
  double jump = 1;                        ///< of I at a spike
  bool spikes_come_before_decay = false;  ///< the notebook's EPSP does it: all is e^(−dt/τs) times as large
};

/// The jump of I with which Σ I dt after a spike is weight · τs for every dt: weight · τs (1 − e^(−dt/τs)) / dt.
double corrected_jump(double weight, double tau_synapse, double dt);

struct CellTrace {
  std::vector<double> v, i;  ///< at the end of each step
};
/// `spike_steps` rise and are below `steps`.
CellTrace forward(const GridCell& cell, std::size_t steps, std::span<const std::size_t> spike_steps);

struct LambdaTrace {
  std::vector<double> v, i;  ///< over reversed time: entry k belongs to step n − 1 − k
  double difference(std::size_t k) const { return v[k] - i[k]; }
};
/// λ of an output whose drive −∂l/∂V is known for each step.
LambdaTrace euler_adjoint(const GridCell& cell, std::span<const double> drive);
/// The same for a drive of 1 in each of `steps` steps, in the order of the notebook's last cell.
LambdaTrace euler_adjoint_of_integral(const GridCell& cell, std::size_t steps);

/// What would mend it: λ follows its equations exactly, driven in each step by the mean of the drives at its two ends, which the
/// grid has. The error is of second order in dt, but for what the corrected jump does to V.
LambdaTrace centred_adjoint(const GridCell& cell, std::span<const double> drive);

/// λ_V − λ_I where a spike of each step is read: at n − 1 − step.
std::vector<double> at_spikes(const LambdaTrace& lambda, std::span<const std::size_t> spike_steps);

}  // namespace neurarium::anatomy
