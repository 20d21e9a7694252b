// count_push: a push on how often units fire, as the loss-shaping paper's code has it. It is a rule of thumb, and no gradient.
//
// At each own spike of unit j the adjoint jumps further (Wunderlich & Pehle's signs, λ_V = −p/τm, p = ∂E/∂V):
//   λ_V ← λ_V − strength · (n_j − target),   p ← p + τm · strength · (n_j − target)
// without the factor 1/(I − θ) of what comes from spike times. n_j is the mean number of spikes of unit j over the samples of the batch
// (of = "batch", as there), or that of the sample alone (of = "sample"). Units that fire too often get smaller weights from the inputs
// before their spikes, units that fire too seldom larger ones; units that never fire get none. strength is loss per second and spike, of
// each sample, and gradients are averaged over the batch as those of the loss are (train.reduction). 0: off, and not a bit is another.
//
// What it means. With spikes held where they are it is the gradient of Σ_k τm · strength · (n_j − target) · V(t_k): it lowers the membrane where
// the unit fired. But V(t_k) = θ whatever the weights are, so the exact derivative of that sum is 0, as that of every count.
// The engines know nothing of it: p grows by it at a spike if ∂E/∂t of that spike falls by strength (n_j − target) (I − θ), I − θ being
// what they divide by (where thresholds adapt: the slope that they have there). What has an exact gradient instead is models/rate_penalty.
//
// The batch's mean is a sum of whole numbers, so the same bits come with any number of threads and any size of shards. A pass that is not one
// of training, or whose loss never asked for penalties (attacks; models/rate_penalty), is not pushed.
// Source: Nowotny, Turner, Knight, Neuromorph. Comput. Eng. 5, 2025, and its code (batch means; ν = 14, strengths of 5e-11 to 1e-8 in its units).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/core/spike_times.hpp"

namespace neurarium {

struct CountPushParams {
  double strength = 0;
  double target = 1;
  std::string of = "batch";
  static Schema fields();
  bool wanted() const noexcept { return strength > 0; }
  bool of_batch() const noexcept { return wanted() && of == "batch"; }
};

/// Adds to `counts` [units] how often each unit fires in sample `first` … `end` − 1. What lies beyond the end of a sample is no spike.
template <class T>
void count_spikes(const SpikeTimes<T>& spikes, std::size_t first, std::size_t end, std::vector<double>& counts);

/// What spikes of a layer are told from above, and what its engine divides by: I − θ of each, at least `least` θ of its unit.
template <class T>
struct PushedSpikes {
  const SpikeTimes<T>& spikes;
  std::span<const T> above;      ///< ∂E/∂t of each
  std::span<const T> slope;      ///< I − θ of each
  std::span<const T> threshold;  ///< [units]
  T least;
};

/// ∂E/∂t with the push, of which the answers of silent units have none. `mean_counts` [units]: n of the batch; empty: that of each sample.
template <class T>
void push_counts(const CountPushParams& params, const PushedSpikes<T>& layer, std::span<const double> mean_counts,
                 std::vector<T>& pushed);

}  // namespace neurarium
