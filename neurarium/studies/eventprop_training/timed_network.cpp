#include "neurarium/studies/eventprop_training/timed_network.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/network_parts.hpp"

namespace neurarium {
namespace {

Value firing_layer(const TimedNetworkParams& p, std::int64_t units, bool recurrent, double mean, double sd) {
  return part("eventprop_lif", {{"units", units},
                                {"recurrent", recurrent},
                                {"tau_membrane", p.tau_membrane},
                                {"tau_synapse", p.tau_synapse},
                                {"delays", p.delays},
                                {"shortest_delay", p.shortest_delay},
                                {"longest_delay", p.longest_delay},
                                {"delay_unit", p.delay_unit},
                                {"engine", p.engine},
                                {"dt", p.dt},
                                {"initialiser", normal_part(mean, sd)}});
}

/// A hidden layer, and what its spikes cost.
void add_hidden(const TimedNetworkParams& p, std::int64_t units, Value::List& layers) {
  Value layer = firing_layer(p, units, p.recurrent, p.hidden_mean, p.hidden_sd);
  if (p.count_push.wanted()) {
    Value push = Value::table();
    push.set("strength", p.count_push.strength), push.set("target", p.count_push.target);
    push.set("of", p.count_push.of);
    layer.set("count_push", std::move(push));
  }
  if (p.rates.wanted() && p.rates.lower > 0) layer.set("silent_push", p.rates.silent_push);
  layers.push_back(std::move(layer));
  if (p.rates.wanted())
    layers.push_back(part("rate_penalty", {{"lower", p.rates.lower},
                                           {"lower_strength", p.rates.strength},
                                           {"upper", p.rates.upper},
                                           {"upper_strength", p.rates.strength}}));
}

}  // namespace

Schema TimedRateParams::fields() {
  using P = TimedRateParams;
  return Schema::of<P>({
      field("lower", &P::lower, "Lower bound on the rate of each hidden unit; 0: none.").unit("Hz").at_least(0),
      field("upper", &P::upper, "Upper bound; 0: none.").unit("Hz").at_least(0),
      field("strength", &P::strength, "Loss per Hz² beyond a bound, in the mean over units.").at_least(0),
      field("silent_push", &P::silent_push,
            "Seconds by which a silent hidden unit answers later for each unit its membrane stays below threshold.")
          .unit("s")
          .positive(),
  });
}

std::vector<FieldInfo> TimedNetworkParams::fields() {
  using P = TimedNetworkParams;
  return {
      field("hidden", &P::hidden, "Units of each hidden layer.").at_least(1),
      field("recurrent", &P::recurrent, "Whether units of a hidden layer speak to one another."),
      field("readout", &P::readout,
            "What scores are made of: the outputs' first spikes, or the membranes of outputs that do not fire.")
          .one_of({"first_spike", "mean", "sum", "weighted", "linear_weighted", "sigmoid_weighted", "input_weighted",
                   "max", "last", "trace"}),
      field("tau_membrane", &P::tau_membrane, "Time constant of all membranes.").unit("s").positive(),
      field("tau_synapse", &P::tau_synapse, "Time constant of all synapses.").unit("s").positive(),
      field("duration", &P::duration, "How long a sample is watched.").unit("s").positive(),
      field("order", &P::order, "Which numbers come first.").one_of({"larger_first", "larger_later"}),
      field("latest", &P::latest, "When the last of the numbers comes; the first comes at 0.").unit("s").positive(),
      field("silent_below", &P::silent_below, "Numbers up to this one do not fire; below 0: all do.").at_most(1),
      field("bias_time", &P::bias_time, "When a unit fires that always does; below 0: there is none.").unit("s"),
      field("temperature", &P::temperature, "Of first spikes: scores are minus time over temperature.")
          .unit("s")
          .positive(),
      field("late", &P::late, "What a late first spike of the label costs.").one_of({"none", "exponential", "bounded"}),
      field("alpha", &P::alpha, "Strength of that cost.").at_least(0),
      field("tau_late", &P::tau_late, "Time constant of the exponential cost.").unit("s").positive(),
      field(
          "silent_push", &P::silent_push,
          "Seconds by which an output that is silent counts as later for each unit its membrane stays below threshold.")
          .unit("s")
          .at_least(0),
      field("gain", &P::gain, "Factor on the scores of outputs that do not fire.").positive(),
      field("hidden_mean", &P::hidden_mean, "Mean of the first weights into hidden units."),
      field("hidden_sd", &P::hidden_sd, "Their standard deviation.").at_least(0),
      field("output_mean", &P::output_mean, "Mean of the first weights into outputs."),
      field("output_sd", &P::output_sd, "Their standard deviation.").at_least(0),
      field("count_push", &P::count_push, "A push on how often hidden units fire; no gradient."),
      field("rates", &P::rates, "Bounds on the rates of hidden units, by exact gradients."),
      field("delays", &P::delays, "Whether inputs of the layers that fire have delays: one each, or one per synapse.")
          .one_of({"none", "axonal", "synaptic"}),
      field("shortest_delay", &P::shortest_delay, "First delays are drawn from here …").unit("s").at_least(0),
      field("longest_delay", &P::longest_delay, "… to here.").unit("s").at_least(0),
      field("delay_unit", &P::delay_unit, "What the parameters of delays are multiples of: sets how fast they learn.")
          .unit("s")
          .positive(),
      field("delay_copies", &P::delay_copies, "How often each input comes, each time later; 1: once.").between(1, 1000),
      field("delay_spacing", &P::delay_spacing, "How much later.").unit("s").positive(),
      field("learn_weights", &P::learn_weights, "Whether weights are learned; else they stay as they were drawn."),
      field("learn_delays", &P::learn_delays, "Whether delays are learned; else they stay as they were drawn."),
      field("engine", &P::engine, "How spikes are found: exactly, or on a grid of dt.")
          .one_of({"auto", "event", "grid"}),
      field("dt", &P::dt, "Step of the grid, and of a trace.").unit("s").positive(),
  };
}

bool TimedNetworkParams::holds(const std::string& parameter) const {
  if (parameter.ends_with(".delay")) return !learn_delays;
  return !learn_weights && (parameter.ends_with(".weight") || parameter.ends_with(".recurrent"));
}

Component timed_network(const TimedNetworkParams& p, const Shape& entry, std::size_t classes, std::uint64_t seed) {
  Value::List layers;
  layers.push_back(part("latency_encoder", {{"order", p.order},
                                            {"latest", p.latest},
                                            {"duration", p.duration},
                                            {"silent_below", p.silent_below},
                                            {"bias_time", p.bias_time}}));
  if (p.delay_copies > 1)
    layers.push_back(part("delay_line", {{"copies", p.delay_copies}, {"spacing", p.delay_spacing}}));
  for (const std::int64_t units : p.hidden) add_hidden(p, units, layers);
  Value loss;
  const auto outputs = static_cast<std::int64_t>(classes);
  if (p.fires_at_output()) {
    Value last = firing_layer(p, outputs, false, p.output_mean, p.output_sd);
    last.set("silent_push", p.silent_push);
    layers.push_back(std::move(last));
    layers.push_back(part("first_spike", {{"temperature", p.temperature}}));
    loss = part("first_spike_cross_entropy", {{"temperature", p.temperature},
                                              {"late", p.late},
                                              {"alpha", p.alpha},
                                              {"tau_late", p.tau_late},
                                              {"duration", p.duration}});
  } else {
    layers.push_back(part("spike_integrator", {{"units", outputs},
                                               {"readout", p.readout},
                                               {"tau_membrane", p.tau_membrane},
                                               {"tau_synapse", p.tau_synapse},
                                               {"gain", p.gain},
                                               {"dt", p.dt},
                                               {"steps", std::max<std::int64_t>(1, std::llround(p.duration / p.dt))},
                                               {"initialiser", normal_part(p.output_mean, p.output_sd)}}));
    loss = p.readout == "trace" ? "time_averaged_cross_entropy" : "cross_entropy";
  }
  return sequential_model(entry, seed, std::move(layers), std::move(loss));
}

}  // namespace neurarium
