// eventprop_lif: leaky integrate-and-fire units in continuous time, with exact gradients of their spike times (EventProp).
//
// Spike times in (nn/activity.hpp, Layout::times; entries [inputs]), spike times out ([units]). Between spikes
//   τm V' = −V + I,   τs I' = −I,
// V = I = 0 at t = 0. An input spike of i adds W[i, j] to I_j after a delay d; an own spike of n adds R[n, j] (`recurrent`).
// Where V_j reaches θ_j from below: a spike of j, and V_j ← 0. Spikes count before the end of the sample, `duration`.
// A lone input of weight w lifts the membrane to w (τs/τm)^(τm/(τm−τs)): 0.16 w for 20 and 5 ms.
//
// Backward: the adjoint (engine.hpp), exact wherever no spike appears or vanishes. With learn_time_constants ln τm and ln τs of each unit
// are parameters, with learn_thresholds θ. Delays are |δ| · delay_unit, δ being a parameter per input (axonal) or synapse (synaptic).
//
// refractory > 0: after a spike V_j stays at 0 that long, and what arrives reaches I_j only. adaptation β > 0: the threshold is θ_j + b_j,
// τa b' = −b, and b_j grows by β at each spike of j (ALIF). With learn_adaptation β, as the absolute number of its parameter, and ln τa learn.
//
// silent_push > 0 (seconds): a unit without spikes answers at duration + silent_push · (θ − max V), beyond the end, so that losses of
// first spikes have an exact gradient there, too. Later layers and integrators do not see such spikes.
//
// count_push: a push on how often units fire, which is no gradient (count_push.hpp).
//
// engine = "event": exact crossings, whose gradient is that of forward. "grid": spikes at the ends of steps of dt, and the adjoint on that
// grid, whose gradient comes near the event engine's as dt falls; forward is piecewise constant in the weights. "auto": grid for
// recurrent layers of 128 units or more, else event.
// Sources: Wunderlich, Pehle, Sci. Rep. 11:12829, 2021; Nowotny, Turner, Knight, Neuromorph. Comput. Eng. 5, 2025 (loss shaping, recurrence).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/models/eventprop_lif/count_push.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"
#include "neurarium/nn/choices.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/signed_weight.hpp"
#include "neurarium/nn/spike_events.hpp"

namespace neurarium {

struct EventPropLifParams {
  std::string name;
  std::int64_t units = 10;
  double tau_membrane = 20e-3;
  double tau_synapse = 5e-3;
  double threshold = 1;
  double refractory = 0;
  double adaptation = 0;
  double tau_adaptation = 100e-3;
  std::string engine = "auto";
  double dt = 1e-3;
  bool recurrent = false;
  bool learn_time_constants = false;
  bool learn_thresholds = false;
  bool learn_adaptation = false;
  std::string delays = "none";
  double shortest_delay = 0;
  double longest_delay = 10e-3;
  double delay_unit = 10e-3;
  double silent_push = 0;
  CountPushParams count_push;
  std::int64_t most_spikes = 100'000;
  Component initialiser = first_weights();
  Component recurrent_initialiser{"normal", Value::table()};
  ArraySource weights;
  ArraySource recurrent_weights;
  ArraySource time_constants;
  ArraySource synapse_time_constants;
  ArraySource thresholds;
  ArraySource adaptations;
  ArraySource adaptation_time_constants;
  ArraySource initial_delays;
  DaleParams dale;
  DaleParams recurrent_dale;
  static Schema fields();
  static Component first_weights();  ///< normal, mean 1, sd 0.5: most synapses excite
};

template <class T>
class EventPropLif : public Layer<T>, public CrossesThresholds, public Chooses {
 public:
  using Params = EventPropLifParams;
  struct Parts {
    std::shared_ptr<const Initialiser> initialiser, recurrent_initialiser;
  };
  EventPropLif(const Params& params, Parts parts);

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override;
  std::vector<Parameter<T>*> buffers() override;
  double penalty(const Tape& tape) const override;
  bool takes_times() const override { return true; }
  bool gives_times() const override { return true; }
  bool has_surrogate_gradient() const override { return on_grid_ || params_.count_push.wanted(); }
  double smallest_slope(const Tape& tape) const override;
  Choices choices() const override;  ///< which engine "auto" is
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;
  /// The push on counts may be by means over the batch.
  bool couples_samples() const override { return params_.count_push.of_batch(); }
  void forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const override;

 private:
  struct Cache;
  struct Scratch;
  void build_delays(std::uint64_t seed);
  void build_adaptation();
  void set_numbers(Cache& cache, const Context& context) const;
  void solve(const Activity<T>& in, Activity<T>& out, const Context& context, Cache& cache) const;
  std::span<const T> gradient_at_spikes(const Cache& cache, std::span<const T> above, Scratch& scratch) const;
  void require_finite_times(const SpikeTimes<T>& in, const Context& context) const;
  void unit_gradients(const Cache& cache, const Scratch& scratch, std::span<const View<T>> gradient) const;
  std::uint64_t step_of(const Context& context) const;

  Params params_;
  Parts parts_;
  bool on_grid_, adapts_;
  std::unique_ptr<const eventprop::Engine<T>> engine_;
  eventprop::Delays delay_kind_ = eventprop::Delays::none;
  std::string name_;
  std::size_t inputs_ = 0, units_ = 0;
  Parameter<T> weight_{"weight", {}}, recurrent_{"recurrent", {}};
  SignedWeight<T> signs_, recurrent_signs_;
  Parameter<T> log_tau_membrane_{"log_tau_membrane", {}}, log_tau_synapse_{"log_tau_synapse", {}},
      threshold_{"threshold", {}}, adaptation_{"adaptation", {}}, log_tau_adaptation_{"log_tau_adaptation", {}},
      delay_{"delay", {}};
};

}  // namespace neurarium
