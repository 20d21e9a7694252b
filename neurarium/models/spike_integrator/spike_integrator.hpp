// spike_integrator: units that integrate spikes at their own times and never fire: what a network of spike times says at the end.
//
// Samples are spike times of [inputs]. With W [inputs, units], a spike of unit i raises all currents by its row, I_j += W_ij, and
//   τm V' = −V + I,   τs I' = −I,   V = I = 0 at first
// without a grid of time. The answer is, by `readout`, with T the sample's duration, and times `gain`,
//   mean      1/T ∫ V dt                      [units]
//   sum       ∫ V dt, in milliseconds         [units]
//   weighted  1/T ∫ e^(−t/tau_weight) V dt    [units]; tau_weight = 0 means T
//   linear_weighted, sigmoid_weighted, input_weighted: 1/T ∫ w V dt with (τ: tau_weight)
//     1 − t/T;   1/(1 + e^((t − T/2)/τ)), τ = 0 means T/5;   1/inputs Σ_k e^(−(t − t_k)/τ) of all spikes so far, τ = 0 means tau_membrane
//   last      V(T)                            [units]
//   max       max V                           [units], at least 0, where it begins
//   trace     V(dt), V(2 dt), …               [steps, units]
// Spikes at T or later do nothing.
//
// Samples may also be spikes on a grid, [steps, inputs], as lif gives them: then a spike of step s is one at start + s·dt, and T is
// steps·dt. Readouts that are linear know what a spike at any step would do, F(start + s·dt), which is the gradient that surrogates
// need; the others refuse a grid. So a network of lif and one of eventprop_lif can have the same readout, number by number.
//
// Mean, sum, weighted and last are linear: answer = Φ W with Φ_i = Σ_k F(t_ik), where F is known in closed form (response.hpp), and so
// is ∂E/∂t_ik = F'(t_ik) (∂E/∂answer Wᵀ)_i. No course is ever computed: a few operations per spike, and W is multiplied once per sample.
// So are the other weights, but that a sigmoid has no closed form and is integrated to rounding (course_of_weight.hpp), and that
// input_weighted has F of the sample's spikes, whose times move its weight, too: exactly, in one sweep.
// Maxima are found spike by spike: between spikes V has at most one, in closed form. If V is largest where an inhibitory spike
// arrives, a kink, it moves with that spike, whose gradient has the term V'(t⁻) more.
//
// learn_time_constants = true: ln τm and ln τs (of seconds), one each for the layer, are parameters.
// Source: Wunderlich and Pehle, Scientific Reports 11, 2021 (max); Nowotny, Turner, Knight, Neuromorphic Computing and
// Engineering 5, 2025 (sum, and weights: e^(−t/T) lets early spikes learn). Theirs by input counts the network's inputs; this layer sees its own.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/models/spike_integrator/course_of_weight.hpp"
#include "neurarium/models/spike_integrator/response.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {

struct SpikeIntegratorParams {
  std::string name;
  std::int64_t units = 10;
  double tau_membrane = 20e-3;
  double tau_synapse = 5e-3;
  std::string readout = "mean";
  double gain = 1;
  double tau_weight = 0;
  double dt = 1e-3;
  std::int64_t steps = 50;
  double start = 0;
  bool learn_time_constants = false;
  Component initialiser{"glorot", Value::table()};
  ArraySource weights;
  DaleParams dale;
  static Schema fields();
};

template <class T>
class SpikeIntegrator : public Layer<T> {
 public:
  using Params = SpikeIntegratorParams;
  SpikeIntegrator(const Params& params, std::shared_ptr<const Initialiser> initialiser);

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override;
  std::vector<Parameter<T>*> buffers() override { return signs_.buffers(); }
  double penalty(const Tape& tape) const override;
  bool takes_times() const override { return grid_steps_ == 0; }
  bool takes_spikes() const override { return grid_steps_ > 0; }
  /// NumericError, naming the layer, if a time constant is no longer finite.
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache;
  /// Where backward leaves what it finds; empty where nobody asks.
  struct Slopes {
    std::span<T> of_times;
    bool of_parameters = false;
    View<T> of_weight;
    double of_log_membrane = 0, of_log_synapse = 0;
  };
  /// Linear in W.
  bool is_linear() const { return params_.readout != "max" && params_.readout != "trace"; }
  bool weighs_by_input() const { return params_.readout == "input_weighted"; }
  InputCourse course_of_input(const Cache& cache) const;
  double weight_rate(double duration) const;
  /// F of a linear readout but input_weighted, without gain; slope is dF/dt of the spike's time t.
  Response answer_to(double t, const Cache& cache) const;
  OfTimeConstants answer_by_tau(double t, const Cache& cache) const;
  /// What an integral is multiplied by, of a spike at t.
  double scale_of(double t, double duration) const;
  void answers_to_sample(std::size_t sample, Cache& cache) const;
  /// What input_weighted adds to the gradient of a sample, since its weight moves with its spikes.
  void backward_of_input(std::size_t sample, const Cache& cache, bool learns_time, Slopes& slopes) const;
  void forward_linear(Activity<T>& out, Cache& cache, bool backward_follows) const;
  void backward_linear(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const;
  void forward_grid(const Activity<T>& in, Activity<T>& out, Cache& cache) const;
  void backward_grid(View<const T> out_gradient, Activity<T>* in_gradient, const Cache& cache, Slopes& slopes) const;
  void forward_max(Activity<T>& out, Cache& cache) const;
  void backward_max(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const;
  void forward_trace(Activity<T>& out, Cache& cache) const;
  void backward_trace(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const;

  Params params_;
  std::shared_ptr<const Initialiser> initialiser_;
  std::string name_;
  std::size_t steps_ = 0, grid_steps_ = 0, inputs_ = 0, units_ = 0;
  Parameter<T> weight_{"weight", {}}, log_membrane_{"log_tau_membrane", {}}, log_synapse_{"log_tau_synapse", {}};
  SignedWeight<T> signs_;
};

/// What a pass leaves on the tape.
template <class T>
struct SpikeIntegrator<T>::Cache {
  const SpikeTimes<T>* in = nullptr;
  const Activity<T>* on_grid = nullptr;  ///< spikes or numbers [samples, steps, inputs], in place of these times
  std::size_t samples = 0;
  TimeConstants tau{};
  typename SignedWeight<T>::Pass signs;
  // linear readouts
  Tensor<T> sums;             ///< gain · Φ [samples, inputs]
  std::vector<double> slope;  ///< gain · F' of each spike
  mutable Tensor<T> of_sums;
  std::vector<T> per_step;  ///< gain · F of a spike of each step, on a grid
  double duration = 0;
  SigmoidCourse sigmoid;
  std::vector<Response> answers;               ///< of a sample's spikes before its end
  mutable std::vector<double> times, weights;  ///< of a sample, for input_weighted
  mutable std::vector<double> by_weight;
  // max: of each sample and unit, when it is, and the spike that makes it a kink with V' before it, else none and 0
  struct Peak {
    double time = 0, value = 0, rate = 0;
    std::size_t spike = no_spike;
  };
  static constexpr auto no_spike = static_cast<std::size_t>(-1);
  std::vector<Peak> peaks;
  // trace, if time constants are learned: V and I at the steps [samples, steps, units]
  std::vector<double> potential, current;
};

}  // namespace neurarium
