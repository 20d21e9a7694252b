// leaky_integrator: units that integrate and leak but do not fire: what a spiking network says at the end.
//
// Samples are spikes or numbers x [steps, inputs]. With W [inputs, units]:
//   o_t = α o_{t−1} + x_t W,      o_{−1} = 0,  α = exp(−dt/tau_membrane)
// and the answer is, by `readout`,
//   mean   Σ_t o_t / steps        [units]
//   sum    Σ_t o_t                [units]
//   last   o_{steps−1}            [units]
//   max    max_t o_t              [units]; its gradient goes to the first step at which it is reached
//   trace  o_0, o_1, …            [steps, units]
// input = "late" (the founding notebook's order): o_0 = 0, o_{t+1} = α o_t + x_t W, so that the last step is never seen.
//
// Mean, sum and last are linear: the answer is (Σ_t c_t x_t) W with numbers c_t that follow from α alone, so time is summed first
// and W multiplied once per sample, forward and backward. For the sum, c_t = (1 − α^(steps − t)) / (1 − α).
//
// learn_time_constant = true: ln tau_membrane (in seconds), one number for the layer, is a parameter.
// Source: Cramer et al., "The Heidelberg spiking data sets", IEEE TNNLS 2022 (max over time); the founding notebook (mean).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {

struct LeakyIntegratorParams {
  std::string name;
  std::int64_t units = 10;
  double dt = 1e-3;
  double tau_membrane = 5e-3;
  std::string readout = "mean";
  std::string input = "same_step";
  bool learn_time_constant = false;
  Component initialiser{"glorot", Value::table()};
  ArraySource weights;
  DaleParams dale;
  static Schema fields();
};

template <class T>
class LeakyIntegrator : public Layer<T> {
 public:
  using Params = LeakyIntegratorParams;
  LeakyIntegrator(const Params& params, std::shared_ptr<const Initialiser> initialiser);

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override;
  std::vector<Parameter<T>*> buffers() override { return signs_.buffers(); }
  double penalty(const Tape& tape) const override;
  bool takes_spikes() const override { return true; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache;
  bool is_linear_in_time() const { return params_.readout != "max" && params_.readout != "trace"; }
  void set_time_weights(Cache& cache, const Context& context) const;
  void forward_linear(const Activity<T>& in, Activity<T>& out, Cache& cache) const;
  void forward_trace(const Activity<T>& in, Activity<T>& out, Cache& cache) const;
  void backward_linear(View<const T> out_gradient, Activity<T>* in_gradient, const Cache& cache,
                       std::span<const View<T>> gradient) const;
  void backward_trace(View<const T> out_gradient, Activity<T>* in_gradient, const Cache& cache,
                      std::span<const View<T>> gradient) const;

  Params params_;
  std::shared_ptr<const Initialiser> initialiser_;
  std::string name_;
  std::size_t steps_ = 0, inputs_ = 0, units_ = 0;
  Parameter<T> weight_{"weight", {}}, log_tau_{"log_tau_membrane", {}};
  SignedWeight<T> signs_;
};

}  // namespace neurarium
