// rate_penalty: passes spikes on as they are, and in training adds to the loss what their rates cost.
//
// Samples are spikes (or numbers) x [steps, units]. With the rate r_j = Σ_t x_t,j / (steps · dt) of unit j in one sample, in Hz, the loss
// of that sample grows by the mean over units of
//   P(r) = l1 · r + l2 · r² + lower_strength · max(0, lower − r)² + upper_strength · max(0, r − upper)²
// A bound of 0 is none. rate_of = "population": P of the mean rate over the units, in place of the mean of P.
// The rates are those of each sample alone, so that no sample's gradient depends on the others of its batch.
// Backward: ∂E/∂x_t,j = g_t,j + P′(r_j) / (units · steps · dt), g: what comes from above. For the population P′ of the mean rate.
//
// Only a loss that asked for the penalty gets its gradient: one that is pulled back through the network (nn/model.hpp,
// Differentiable) does not.
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
  double penalty(const Tape& tape) const override;
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache;
  double cost(double rate) const;
  double slope(double rate) const;

  Params params_;
  std::size_t steps_ = 0, units_ = 0;
};

}  // namespace neurarium
