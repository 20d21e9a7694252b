// The same output without a grid: spikes at any times, V in closed form, and its exact adjoint.
//   V(t) = w Σ_k psp(t − t_k),   L = ∫₀ᵀ l(V(t)) dt
//   λ_V(t) = ∫ₜᵀ d(s) e^(−(s−t)/τm)/τm ds,   λ_I(t) = ∫ₜᵀ d(s) psp(s−t)/τs ds,   d = −∂l/∂V
//   dL/dt_k = w (λ_V − λ_I)(t_k) = −w ∫ d(s) · (−psp'(s − t_k)) ds
// (τm λ_V' = −λ_V + d, τs λ_I' = −λ_I + λ_V over reversed time; Wunderlich & Pehle, "Event-based backpropagation can compute
// exact gradients for spiking neural networks", Scientific Reports 11, 12829, 2021.) Going back over a stretch without spikes,
// λ follows exactly from λ at its end and from two integrals, by 12-point Gauss–Legendre on panels that are halved until the
// halves agree with the whole to 1e-14.
// If all spikes are shifted together, L changes only by what leaves [0, T]: Σ_k dL/dt_k = l(0) − l(V(T)).
#pragma once

#include <span>
#include <vector>

#include "neurarium/studies/eventprop/output_loss.hpp"
#include "neurarium/studies/eventprop/synapse.hpp"

namespace neurarium::anatomy {

struct ExactCell {
  TimeConstants tau;
  double weight = 1;  ///< jump of I at a spike
  OutputLoss loss;
  double total = 1400;         ///< T, ms
  std::vector<double> spikes;  ///< rising, in [0, T], ms
  /// d by V; the loss's own by default, −∂l/∂V of a resting wrong output if set.
  bool resting = false;
};

double voltage_at(const ExactCell& cell, double t);

struct Lambda {
  double v = 0, i = 0;
  double difference() const { return v - i; }
};
/// At each of the times, which rise and lie in [0, T]; at a spike's time: what the spike reads.
std::vector<Lambda> exact_lambdas(const ExactCell& cell, std::span<const double> times);
/// λ_V − λ_I at each spike.
std::vector<double> exact_at_spikes(const ExactCell& cell);
/// L − T·l(0), so that no digits are lost to what spikes can't change.
double exact_loss(const ExactCell& cell);
/// l(0) − l(V(T)): the sum of dL/dt_k over all spikes.
double exact_total(const ExactCell& cell);

}  // namespace neurarium::anatomy
