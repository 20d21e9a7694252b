#include "neurarium/studies/gradient_duel/duel_network.hpp"

#include <cmath>

#include "neurarium/nn/network_parts.hpp"

namespace neurarium {
namespace {

/// The surrogate of V − θ, for units that look at (V − θ)/γ. `slope` is per unit of V: the larger, the narrower.
Value surrogate_of(const std::string& type, double slope, double gamma) {
  if (type == "fast_sigmoid") return part("fast_sigmoid", {{"beta", gamma * slope}, {"scale", gamma}});
  if (type == "sigmoid") return part("sigmoid", {{"beta", gamma * slope}});
  if (type == "arctan") return part("arctan", {{"alpha", gamma * slope}});
  const double width = 1 / (gamma * slope);
  return part(type.c_str(), {{type == "gaussian" ? "sd" : "width", width}});
}

Value hidden_layer(const DuelNetworkParams& p, Side side, std::size_t k) {
  const double gamma = drive_of_step(p.tau_membrane, p.tau_synapse, p.dt);
  Value layer = part(side == Side::surrogate ? "lif" : "eventprop_lif",
                     {{"name", "hidden" + std::to_string(k + 1)},
                      {"units", p.hidden[k]},
                      {"dt", p.dt},
                      {"tau_membrane", p.tau_membrane},
                      {"tau_synapse", p.tau_synapse},
                      {"recurrent", p.recurrent},
                      {"initialiser", normal_part(p.hidden_mean, p.hidden_sd)},
                      {"recurrent_initialiser", normal_part(0, p.recurrent_sd)}});
  if (side != Side::surrogate) {
    layer.set("engine", side == Side::exact ? "event" : "grid");
    return layer;
  }
  layer.set("threshold", 1 / gamma);
  layer.set("reset", "zero");
  layer.set("detach_reset", p.detach_reset);
  layer.set("surrogate", surrogate_of(p.surrogate, p.slope, gamma));
  return layer;
}

}  // namespace

std::vector<FieldInfo> DuelNetworkParams::fields() {
  using P = DuelNetworkParams;
  return {
      field("hidden", &P::hidden, "Units of each hidden layer.").at_least(1),
      field("recurrent", &P::recurrent, "Whether units of a hidden layer speak to one another."),
      field("dt", &P::dt, "Step of the grid.").unit("s").positive(),
      field("tau_membrane", &P::tau_membrane, "Time constant of all membranes.").unit("s").positive(),
      field("tau_synapse", &P::tau_synapse, "Time constant of all synapses.").unit("s").positive(),
      field("readout", &P::readout, "What is made of the membranes of the outputs, which do not fire.")
          .one_of({"weighted", "mean", "sum", "last"}),
      field("gain", &P::gain, "Factor on the scores.").positive(),
      field("surrogate", &P::surrogate, "What stands in for a spike's derivative.")
          .one_of({"fast_sigmoid", "sigmoid", "arctan", "triangle", "rectangle", "gaussian"}),
      field("slope", &P::slope,
            "How narrow it is, per unit of the membrane, whose threshold is 1: β, α, 1/width or 1/σ.")
          .positive(),
      field("detach_reset", &P::detach_reset, "Whether the surrogate's gradient leaves out the way through resets."),
      field("hidden_mean", &P::hidden_mean, "Mean of the first weights into hidden units."),
      field("hidden_sd", &P::hidden_sd, "Their standard deviation.").at_least(0),
      field("recurrent_sd", &P::recurrent_sd, "Standard deviation of the first recurrent weights.").at_least(0),
      field("output_mean", &P::output_mean, "Mean of the first weights into outputs."),
      field("output_sd", &P::output_sd, "Their standard deviation.").at_least(0),
  };
}

double drive_of_step(double tau_membrane, double tau_synapse, double dt) {
  const double beta = std::exp(-dt / tau_synapse);
  // α − β = β (e^(dt/τs − dt/τm) − 1), without its cancellation
  const double apart = dt / tau_synapse - dt / tau_membrane;
  const double per_apart = std::abs(apart) < 1e-12 ? 1 : std::expm1(apart) / apart;
  return dt / tau_membrane * beta * per_apart;
}

Component duel_network(const DuelNetworkParams& p, Side side, const Shape& entry, std::size_t classes,
                       std::uint64_t seed, const std::string& scalar) {
  Value::List layers;
  if (side != Side::surrogate) layers.push_back(part("spike_times", {{"dt", p.dt}}));
  for (std::size_t k = 0; k < p.hidden.size(); ++k) layers.push_back(hidden_layer(p, side, k));
  const double late = side == Side::surrogate ? static_cast<double>(p.hidden.size()) * p.dt : 0;
  layers.push_back(part("spike_integrator", {{"name", "readout"},
                                             {"units", static_cast<std::int64_t>(classes)},
                                             {"readout", p.readout},
                                             {"tau_membrane", p.tau_membrane},
                                             {"tau_synapse", p.tau_synapse},
                                             {"gain", p.gain},
                                             {"dt", p.dt},
                                             {"start", late},
                                             {"initialiser", normal_part(p.output_mean, p.output_sd)}}));
  Component model = sequential_model(entry, seed, std::move(layers), "cross_entropy");
  model.settings.set("scalar", scalar);
  return model;
}

}  // namespace neurarium
