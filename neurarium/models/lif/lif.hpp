// lif: leaky integrate-and-fire units in discrete time, trained by surrogate gradients.
//
// Samples are spikes or currents x [steps, inputs]; the answer is spikes s [steps, units]. With weights W [inputs, units] (row:
// presynaptic unit; column: postsynaptic), recurrent weights V [units, units] (row: presynaptic) and bias b, at step t = 0, 1, …
//   h_t = b + x_t W + s_{t−1} V
//   i_t = h_t                                      synapses act at once (tau_synapse = 0), or
//   i_t = β i_{t−1} + h_t                          synaptic currents decay (CUBA), β = exp(−dt/tau_synapse)
//   u_t = α v_{t−1} + i_t                          α = exp(−dt/tau_membrane), v_{−1} = 0
//   θ_t = θ + κ a_t,  a_t = ρ a_{t−1} + s_{t−1}    thresholds that adapt (ALIF), ρ = exp(−dt/tau_adaptation); κ = 0: they don't
//   s_t = H(u_t − θ_t)                             H(x) = 1 where x > 0, else 0
//   v_t = u_t (1 − s_t)  |  u_t − θ_t s_t  |  u_t                           reset = zero | subtract | none
// In the `refractory` seconds after a spike the membrane stands still and does not fire: v_t = v_{t−1}, s_t = 0.
//
// spike = "late": the founding notebook's order, in which a spike comes a step after the membrane crossed its threshold, and the
// reset with it. With v_0 = s_0 = 0:
//   u_t = α v_t + i_t,   v_{t+1} = u_t (1 − s_t)  (or as above),   s_{t+1} = H(v_t − θ)
// So input needs two steps to be seen at the output, and a unit that is driven hard fires twice in a row.
//
// escape_noise = Δ > 0: units fire by chance, the likelier the further they are above (or the nearer below) their threshold,
//   s_t = 1 with probability 1 − exp(−dt ρ₀ exp((u_t − θ_t)/Δ)), ρ₀ = escape_rate                          (late: v_t for u_t)
// in place of H; the reset takes what it takes without noise. The draw for unit j in step t is number j mod 4 of the Philox block with
// counter (epoch, sample, t, ⌊j / 4⌋) and the key (seed of the run, name.escape_noise): threads, shards and the order of a batch can't
// matter. While evaluated units fire by chance, too, but all samples meet the same draws, with counter (0, 0, t, ⌊j / 4⌋) and the key
// (seed, name.escape_noise.evaluation): the network is then a function of the sample alone, and another seed is another draw of it.
// Gradients are those of the spikes that came, the surrogate taken at u_t − θ_t as without noise.
//
// Backward: the exact adjoint of these equations, in which H' is replaced by a surrogate (nn/surrogate.hpp);
// detach_reset = true: not in the reset. soft_spikes = true puts the surrogate's primitive in place of H: such a network does not
// spike, but has exact gradients by the same code, and shows that they are right.
//
// Spikes are gathered: x_t W is a sum of the rows of the units that fired. Where more than half of a pass's inputs fire, and for
// currents, it is a product of matrices. Which one runs depends on the samples of the pass alone.
//
// `dale` and `recurrent_dale` give the signs of W and V by presynaptic unit, or by synapse (nn/sign_constraint.hpp).
//
// With learn_time_constants and learn_thresholds, the logarithms of the time constants (in seconds), θ and κ are parameters, one
// per unit.
// Sources: Gerstner et al., "Neuronal Dynamics", 2014, chapters 1, 6 and 9.1 (escape noise); Jolivet et al., J. Comput. Neurosci.
// 2006 (that it is exponential); Neftci, Mostafa, Zenke, IEEE SPM 2019; Bellec et al.,
// NeurIPS 2018 (adaptation); Fang et al., ICCV 2021 (learned time constants).
#pragma once

#include <optional>

#include "neurarium/core/registry.hpp"
#include "neurarium/kernels/lif.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/signed_weight.hpp"
#include "neurarium/nn/surrogate.hpp"
#include "neurarium/nn/traces.hpp"

namespace neurarium {

struct LifParams {
  std::string name;
  std::int64_t units = 10;
  double dt = 1e-3;
  double tau_membrane = 5e-3;
  double tau_synapse = 0;
  double threshold = 1;
  double adaptation = 0;
  double tau_adaptation = 0.1;
  double refractory = 0;
  double escape_noise = 0;
  double escape_rate = 1000;
  std::string reset = "zero";
  bool detach_reset = false;
  std::string spike = "same_step";
  Component surrogate{"sigmoid", Value::table()};
  bool soft_spikes = false;
  bool recurrent = false;
  bool use_bias = false;
  bool learn_time_constants = false;
  bool learn_thresholds = false;
  Component initialiser{"glorot", Value::table()};
  Component recurrent_initialiser{"glorot", Value::table()};
  ArraySource weights;
  ArraySource recurrent_weights;
  ArraySource bias;
  ArraySource time_constants;
  ArraySource thresholds;
  DaleParams dale;
  DaleParams recurrent_dale;
  static Schema fields();
};

template <class T>
class Lif : public Layer<T>, public Traced {
 public:
  using Params = LifParams;
  struct Parts {
    std::shared_ptr<const Surrogate<T>> surrogate;
    std::shared_ptr<const Initialiser> initialiser, recurrent_initialiser;
  };
  Lif(const Params& params, Parts parts);

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override;
  std::vector<Parameter<T>*> buffers() override;
  double penalty(const Tape& tape) const override;
  bool takes_spikes() const override { return true; }
  bool reads_turned_spikes() const override { return true; }
  bool takes_products() const override { return !params_.recurrent && !params_.soft_spikes; }
  bool has_surrogate_gradient() const override { return !params_.soft_spikes || params_.detach_reset; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;
  /// "current" i_t, "membrane" u_t (before the reset), "threshold" θ_t, "spikes" s_t
  NamedArrays traces(const Tape& tape) const override;

 private:
  struct Cache;
  struct Scratch;
  void make_units(Cache& cache, const Context& context) const;
  void make_traces(Cache& cache, Activity<T>& out) const;
  void look_at(const Activity<T>& in, Cache& cache) const;
  std::optional<kernels::LifInputs<T>> inputs_of(std::size_t sample, const Cache& cache) const;
  std::optional<SpikesByUnit::Sample> turned_inputs_of(std::size_t sample, const Cache& cache) const;
  void drive(std::size_t sample, Cache& cache) const;
  void require_finite(std::size_t sample, const Cache& cache, const Context& context) const;
  void draw_noise(std::size_t sample, const Context& context, Cache& cache) const;
  void run_recurrent(std::size_t sample, Cache& cache, kernels::LifState<T>& state, StepSpikes* spikes) const;
  kernels::LifSpikeGradient<T> spike_gradient(const Activity<T>& out_gradient, std::size_t sample, std::size_t slot,
                                              Scratch& scratch) const;
  kernels::LifSlopes<T> slopes(std::size_t sample, std::size_t slot, const Cache& cache, Scratch& scratch) const;
  kernels::LifUnitsGradient<T> units_gradient(Scratch& scratch) const;
  void backward_recurrent(const Activity<T>& out_gradient, const Cache& cache, Scratch& scratch) const;
  void add_products(std::size_t sample, const Cache& cache, Scratch& scratch) const;
  void weight_gradients(const Cache& cache, const Scratch& scratch, std::span<const View<T>> gradient) const;
  void unit_gradients(const Cache& cache, const Scratch& scratch, std::span<const View<T>> gradient) const;

  Params params_;
  Parts parts_;
  std::function<T(T)> soft_spike_;
  std::string name_;
  std::size_t steps_ = 0, inputs_ = 0, units_ = 0, width_ = 0;
  Parameter<T> weight_{"weight", {}}, recurrent_{"recurrent", {}}, bias_{"bias", {}};
  SignedWeight<T> signs_, recurrent_signs_;
  Parameter<T> log_tau_membrane_{"log_tau_membrane", {}}, log_tau_synapse_{"log_tau_synapse", {}},
      log_tau_adaptation_{"log_tau_adaptation", {}}, threshold_{"threshold", {}}, adaptation_{"adaptation", {}};
};

}  // namespace neurarium
