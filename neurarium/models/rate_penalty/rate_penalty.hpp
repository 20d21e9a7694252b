// rate_penalty: passes spikes on as they are, and in training adds to the loss what their rates cost.
//
// Samples are spikes (or numbers) x [steps, units], or spike times of [units] (below). With the rate r_j = Σ_t x_t,j / (steps · dt) of unit j in one sample, in Hz, the loss
// of that sample grows by the mean over units of
//   P(r) = l1 · r + l2 · r² + lower_strength · max(0, lower − r)² + upper_strength · max(0, r − upper)²
// A bound of 0 is none. rate_of = "population": P of the mean rate over the units, in place of the mean of P.
// The rates are those of each sample alone, so that no sample's gradient depends on the others of its batch.
// Backward: ∂E/∂x_t,j = g_t,j + P′(r_j) / (units · steps · dt), g: what comes from above. For the population P′ of the mean rate.
//
// Spike times (behind eventprop_lif). The count of a unit's spikes has derivative 0 by every weight: an exact gradient can only act through
// what moves, spike times and membranes. So the rate is, T being the duration of a sample,
//   r_j = (2/T) Σ_k (1 − t_k/T) = (2/T²) ∫₀ᵀ N_j(t) dt,   N_j(t): how many spikes there have been up to t,   ∂r_j/∂t_k = −2/T²
// which is the count over T for spikes that lie evenly in [0, T], and counts early spikes more and late ones less: it is pushed down by spikes
// that come later, until they leave at the end, where they count nothing, so that r has no step there. The sum runs over the answers of
// silent units, too (eventprop_lif's silent_push = π): one at T + π (θ − max V) makes r_j = −(2π/T²) (θ − max V), below 0 and again
// without a step where V touches θ at the end. So a lower bound pulls silent units up by the exact gradient of their largest membrane, and
// an upper bound moves the spikes of those that speak too much. Where a spike appears or vanishes before the end, r jumps, and nobody sees it.
// Spikes beyond the end of a sample count only so: of a unit that fired in time they are none.
// l1 and l2 are of max(0, r). `dt` is not read then. Backward: ∂E/∂t_k = g_k − P′(r_j) 2/(units · T²).
//
// Only a loss that asked for the penalty gets its gradient: one that is pulled back through the network (nn/model.hpp,
// Differentiable) does not.
// eventprop_lif's count_push is what it is to be compared with: a push that is no gradient.
// Source: Zenke, Vogels, Neural Computation 2021; Rossbroich, Gygax, Zenke 2022 (bounds on counts of spikes, per unit or population).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct RatePenaltyParams {
  std::string name;
  double dt = 1e-3;
  double l1 = 0;
  double l2 = 0;
  double lower = 0;
  double lower_strength = 1e-3;
  double upper = 0;
  double upper_strength = 1e-3;
  std::string rate_of = "unit";
  static Schema fields();
};

template <class T>
class RatePenalty : public Layer<T> {
 public:
  using Params = RatePenaltyParams;
  explicit RatePenalty(const Params& params);

  Shape build(const Shape& input, const std::string& name, std::uint64_t) override;
  bool takes_spikes() const override { return true; }
  bool takes_times() const override { return timed_; }
  bool gives_times() const override { return timed_; }
  double penalty(const Tape& tape) const override;
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache;
  double cost(double rate) const;
  double slope(double rate) const;
  void pass_times_on(const SpikeTimes<T>& in, Activity<T>& out, Cache& cache) const;
  void pull_times(const Activity<T>& out_gradient, Activity<T>& in_gradient, const Cache& cache) const;

  Params params_;
  bool timed_ = false;  ///< entries are [units]: spike times
  std::size_t steps_ = 0, units_ = 0;
};

}  // namespace neurarium
