// Networks of the EventProp studies: numbers become latencies, hidden units speak in spike times, and a readout makes scores of them.
//
//   latency_encoder [→ delay_line] → eventprop_lif × hidden layers → eventprop_lif → first_spike   readout = first_spike
//                                                                  → spike_integrator              readout = mean | weighted | max | …
//
// Behind each hidden layer stands a rate_penalty, if rates have bounds.
// With delay_copies > 1 each input comes again and again, later by delay_spacing each time. With `delays` the inputs of all layers that
// fire have real-valued delays (models/eventprop_lif). What is not to be learned stays as it was drawn.
// With readout = trace the loss is the cross-entropy at each step of dt, averaged over the trial.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/models/eventprop_lif/count_push.hpp"

namespace neurarium {

/// What each hidden layer's rates cost (models/rate_penalty, which stands behind it), and how its silent units answer, for the lower bound.
struct TimedRateParams {
  double lower = 0, upper = 0;
  double strength = 1e-3;
  double silent_push = 10e-3;
  static Schema fields();
  bool wanted() const noexcept { return strength > 0 && (lower > 0 || upper > 0); }
};

struct TimedNetworkParams {
  std::vector<std::int64_t> hidden{200};
  bool recurrent = false;
  std::string readout = "first_spike";
  double tau_membrane = 20e-3;
  double tau_synapse = 5e-3;
  double duration = 60e-3;
  std::string order = "larger_later";
  double latest = 30e-3;
  double silent_below = -1;
  double bias_time = 10e-3;
  double temperature = 0.5e-3;
  std::string late = "exponential";
  double alpha = 3e-3;
  double tau_late = 6.4e-3;
  double silent_push = 2.5e-3;
  double gain = 20;
  double hidden_mean = 1.5, hidden_sd = 0.78;
  double output_mean = 0.93, output_sd = 0.1;
  CountPushParams count_push;
  TimedRateParams rates;
  std::string delays = "none";
  double shortest_delay = 0;
  double longest_delay = 10e-3;
  double delay_unit = 10e-3;
  std::int64_t delay_copies = 1;
  double delay_spacing = 5e-3;
  bool learn_weights = true;
  bool learn_delays = true;
  std::string engine = "event";
  double dt = 1e-3;
  static std::vector<FieldInfo> fields();

  /// Whether a parameter of that name, "LAYER.WHAT", is to stay as it is.
  bool holds(const std::string& parameter) const;
  bool fires_at_output() const { return readout == "first_spike"; }
};

/// The model that learns samples of shape `entry`.
Component timed_network(const TimedNetworkParams& params, const Shape& entry, std::size_t classes, std::uint64_t seed);

}  // namespace neurarium
