#include "neurarium/studies/eventprop_training/digits_network.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/normal.hpp"
#include "neurarium/nn/network_parts.hpp"

namespace neurarium {
namespace {

constexpr double least_tau_membrane = 3e-3, least_tau_synapse = 1e-3;

Value drawn_times(double tau, double spread, double least, std::int64_t units, const Stream& stream,
                  std::uint32_t layer) {
  Value::List all;
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const double z = normal(stream, {0, layer, static_cast<std::uint32_t>(unit), 0});
    all.emplace_back(std::max(least, tau * std::exp(spread * z - spread * spread / 2)));
  }
  return all;
}

Value firing_layer(const DigitsNetworkParams& p, std::size_t layer, double dt, std::uint64_t seed) {
  const std::int64_t units = p.hidden[layer];
  Value made = part("eventprop_lif", {{"units", units},
                                      {"recurrent", p.recurrent},
                                      {"engine", p.engine},
                                      {"dt", dt},
                                      {"tau_membrane", p.tau_membrane},
                                      {"tau_synapse", p.tau_synapse},
                                      {"learn_time_constants", p.learn_time_constants},
                                      {"initialiser", layer == 0 ? normal_part(p.input_mean, p.input_sd)
                                                                 : normal_part(p.hidden_mean, p.hidden_sd)}});
  if (p.recurrent) made.set("recurrent_initialiser", normal_part(0, p.recurrent_sd));
  if (p.tau_spread > 0) {
    const auto k = static_cast<std::uint32_t>(layer);
    made.set("time_constants", drawn_times(p.tau_membrane, p.tau_spread, least_tau_membrane, units,
                                           Stream(seed, "digits.tau_membrane"), k));
    made.set("synapse_time_constants",
             drawn_times(p.tau_synapse, p.tau_spread, least_tau_synapse, units, Stream(seed, "digits.tau_synapse"), k));
  }
  return made;
}

}  // namespace

std::vector<FieldInfo> DigitsNetworkParams::fields() {
  using P = DigitsNetworkParams;
  return {
      field("hidden", &P::hidden, "Units of each hidden layer.").at_least(1),
      field("recurrent", &P::recurrent, "Whether units of a hidden layer speak to one another."),
      field("channel_shift", &P::channel_shift, "Largest shift of all channels in training, to either side.")
          .at_least(0),
      field("time_dilation", &P::time_dilation,
            "Largest share by which a sample is made longer or shorter in training.")
          .at_least(0)
          .below(1),
      field("spike_dropout", &P::spike_dropout, "Share of input spikes that are left out in training.")
          .at_least(0)
          .below(1),
      field("delay_copies", &P::delay_copies, "How often each channel comes, later and later; 1: once.")
          .between(1, 100),
      field("delay_spacing", &P::delay_spacing, "How much later each copy comes than the one before.")
          .unit("s")
          .positive(),
      field("hidden_dropout", &P::hidden_dropout, "Share of each hidden layer's spikes that are left out in training.")
          .at_least(0)
          .below(1),
      field("tau_membrane", &P::tau_membrane, "Time constant of hidden membranes.").unit("s").positive(),
      field("tau_synapse", &P::tau_synapse, "Time constant of hidden synapses.").unit("s").positive(),
      field("tau_spread", &P::tau_spread,
            "Standard deviation of the logarithm of the units' own time constants; 0: all alike.")
          .between(0, 2),
      field("learn_time_constants", &P::learn_time_constants, "Whether hidden units learn their time constants."),
      field("readout", &P::readout, "What scores are made of: the outputs' membranes.")
          .one_of({"mean", "sum", "weighted", "max", "last"}),
      field("readout_tau_membrane", &P::readout_tau_membrane, "Time constant of output membranes.")
          .unit("s")
          .positive(),
      field("readout_tau_synapse", &P::readout_tau_synapse, "Time constant of output synapses.").unit("s").positive(),
      field("gain", &P::gain, "Factor on the scores.").positive(),
      field("input_mean", &P::input_mean, "Mean of the first weights from channels to hidden units."),
      field("input_sd", &P::input_sd, "Their standard deviation.").at_least(0),
      field("hidden_mean", &P::hidden_mean, "Mean of the first weights from one hidden layer to the next."),
      field("hidden_sd", &P::hidden_sd, "Their standard deviation.").at_least(0),
      field("recurrent_sd", &P::recurrent_sd, "Standard deviation of the first weights within a hidden layer.")
          .at_least(0),
      field("output_sd", &P::output_sd, "Standard deviation of the first weights into outputs.").at_least(0),
      field("engine", &P::engine, "How hidden spikes are found: on the grid of the data, or exactly.")
          .one_of({"auto", "event", "grid"}),
  };
}

Component digits_network(const DigitsNetworkParams& p, const Shape& entry, double dt, std::size_t classes,
                         std::uint64_t seed) {
  Value::List layers{part("spike_times", {{"dt", dt}})};
  if (p.channel_shift > 0) layers.push_back(part("channel_shift", {{"largest", p.channel_shift}}));
  if (p.time_dilation > 0) layers.push_back(part("time_dilation", {{"largest", p.time_dilation}}));
  if (p.spike_dropout > 0) layers.push_back(part("spike_dropout", {{"rate", p.spike_dropout}}));
  if (p.delay_copies > 1)
    layers.push_back(part("delay_line", {{"copies", p.delay_copies}, {"spacing", p.delay_spacing}}));
  for (std::size_t layer = 0; layer < p.hidden.size(); ++layer) {
    layers.push_back(firing_layer(p, layer, dt, seed));
    if (p.hidden_dropout > 0) layers.push_back(part("spike_dropout", {{"rate", p.hidden_dropout}}));
  }
  layers.push_back(part("spike_integrator", {{"units", static_cast<std::int64_t>(classes)},
                                             {"readout", p.readout},
                                             {"tau_membrane", p.readout_tau_membrane},
                                             {"tau_synapse", p.readout_tau_synapse},
                                             {"gain", p.gain},
                                             {"initialiser", normal_part(0, p.output_sd)}}));
  return sequential_model(entry, seed, std::move(layers), part("cross_entropy", {}));
}

}  // namespace neurarium
