#include "neurarium/studies/localisation/localisation_network.hpp"

namespace neurarium {

LocalisationNetworkParams::LocalisationNetworkParams() {
  initialiser.settings.set("fan", "out");
  recurrent_initialiser.settings.set("gain", 0.1);
}

Schema LocalisationNetworkParams::fields() {
  using P = LocalisationNetworkParams;
  return Schema::of<P>({
      field("hidden", &P::hidden, "Hidden spiking units.").at_least(1),
      field("inhibitory_fraction", &P::inhibitory_fraction, "Share of the units of each layer that inhibit.")
          .between(0, 1),
      field("rule", &P::rule, "How weights keep their signs; none: they don't.")
          .one_of({"none", "abs", "relu", "square", "softplus", "clamp", "exponentiated", "learned"}),
      field("signs", &P::signs, "Which units inhibit: drawn at random, or the first ones.").one_of({"random", "first"}),
      field("per", &P::per, "Whether each unit has a sign, or each synapse.").one_of({"unit", "synapse"}),
      field("inhibition", &P::inhibition, "Where there may be inhibition: from the fibres, the hidden units, or both.")
          .one_of({"both", "fibres", "hidden"}),
      field("start", &P::start,
            "Sizes of the first weights: as drawn, inhibition scaled to balance, or those of ColEI. But for drawn, "
            "weights "
            "of rule none begin with the signs of Dale's law, too.")
          .one_of({"drawn", "balanced", "colei"}),
      field("learned_start", &P::learned_start, "Signs tanh(s) of rule learned start at s = ± this.").positive(),
      field("hardening", &P::hardening, "λ: λ Σ (1 − tanh²(s)) is added to the loss, for rule learned.").at_least(0),
      field("tau_membrane", &P::tau_membrane, "Time constant of all membranes.").unit("s").positive(),
      field("tau_readout", &P::tau_readout, "That of the output's membranes; 0: the same as all.")
          .unit("s")
          .at_least(0),
      field("tau_synapse", &P::tau_synapse, "Time constant of hidden units' synaptic currents; 0: they act at once.")
          .unit("s")
          .at_least(0),
      field("threshold", &P::threshold, "Threshold of hidden units, and of outputs that fire.").positive(),
      field("adaptation", &P::adaptation, "How far each spike lifts its unit's threshold; 0: not at all.").at_least(0),
      field("tau_adaptation", &P::tau_adaptation, "Time constant of the thresholds' way back.").unit("s").positive(),
      field("refractory", &P::refractory, "Time after a spike in which a hidden membrane stands still.")
          .unit("s")
          .at_least(0),
      field("escape_noise", &P::escape_noise,
            "Hidden units fire by chance, e times as often for each of this that their membrane is higher; 0: at their "
            "threshold.")
          .at_least(0),
      field("escape_rate", &P::escape_rate, "How often they do at their threshold, if there is escape noise.")
          .unit("Hz")
          .positive(),
      field("use_bias", &P::use_bias, "Whether hidden units have a bias current."),
      field("recurrent", &P::recurrent,
            "Whether hidden units drive each other, with the signs they have for the output."),
      field("delay_maximum", &P::delay_maximum,
            "Longest axonal delay of the fibres; each begins with one drawn from 0 to here. 0: spikes arrive at once.")
          .unit("s")
          .at_least(0),
      field("learn_delays", &P::learn_delays, "Whether fibres learn their delays, if they have any."),
      field("learn_time_constants", &P::learn_time_constants,
            "Whether each hidden unit learns its time constants, and the output its one (if outputs fire, each its "
            "own)."),
      field("learn_thresholds", &P::learn_thresholds, "Whether each hidden unit learns its threshold."),
      field("spike", &P::spike, "When a spike is seen: late is the notebook's order, a step behind.")
          .one_of({"late", "same_step"}),
      field("reset", &P::reset, "What a spike does to its membrane.").one_of({"zero", "subtract", "none"}),
      field("detach_reset", &P::detach_reset, "Whether gradients leave out the spike in the reset."),
      component("surrogate", &P::surrogate, "surrogate", "What stands in for the derivative of a spike."),
      field("readout", &P::readout,
            "What is made of the output membranes' course; count: outputs fire, too, and their spikes are counted.")
          .one_of({"mean", "sum", "last", "max", "count"}),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, before they get their signs."),
      component("recurrent_initialiser", &P::recurrent_initialiser, "initialiser",
                "Those of hidden units upon each other."),
  });
}

Component localisation_network(const LocalisationNetworkParams& p, const InterauralPhaseParams& task) {
  if (p.recurrent && p.rule == "learned")
    throw SpecError(
        "model.rule: 'learned' with model.recurrent: a hidden unit would learn a sign for each of its two kinds of "
        "synapses",
        "choose another rule, or leave recurrent out");
  const auto dale = [&](bool inhibits) {
    Value section = Value::table();
    if (p.rule == "none" && p.start == "drawn") return section;
    section.set("signs", p.signs);
    section.set("inhibitory_fraction", inhibits ? p.inhibitory_fraction : 0);
    section.set("per", p.per);
    section.set("rule", p.rule), section.set("start", p.start);
    section.set("learned_start", p.learned_start), section.set("hardening", p.hardening);
    return section;
  };
  const auto part = [](const Component& of) {
    Value table = of.settings;
    table.set("type", of.type);
    return table;
  };
  Value::List layers;
  if (p.delay_maximum > 0) {
    Value& delay = layers.emplace_back(Value::table());
    delay.set("type", "axonal_delay"), delay.set("name", "delay"), delay.set("dt", task.dt);
    delay.set("maximum", p.delay_maximum), delay.set("learn_delays", p.learn_delays);
  }
  Value hidden = Value::table(), output = Value::table(), settings = Value::table();
  const auto let_fire = [&](Value& layer) {
    layer.set("spike", p.spike), layer.set("reset", p.reset), layer.set("detach_reset", p.detach_reset);
    layer.set("surrogate", part(p.surrogate));
  };
  hidden.set("type", "lif"), hidden.set("name", "hidden"), hidden.set("units", p.hidden);
  let_fire(hidden);
  hidden.set("dale", dale(p.inhibition != "hidden"));
  const bool counts = p.readout == "count";
  output.set("type", counts ? "lif" : "leaky_integrator"), output.set("name", "output");
  output.set("units", task.classes);
  if (counts) let_fire(output), output.set("threshold", p.threshold);
  else output.set("readout", p.readout), output.set("input", p.spike);
  Value own = dale(p.inhibition != "fibres");
  if (p.recurrent) {
    if (own.find("signs")) own.set("drawn_as", "hidden");
    hidden.set("recurrent", true), hidden.set("recurrent_dale", own);
    hidden.set("recurrent_initialiser", part(p.recurrent_initialiser));
  }
  output.set("dale", own);
  for (Value* layer : {&hidden, &output}) layer->set("dt", task.dt), layer->set("initialiser", part(p.initialiser));
  hidden.set("tau_membrane", p.tau_membrane), hidden.set("tau_synapse", p.tau_synapse);
  hidden.set("threshold", p.threshold), hidden.set("refractory", p.refractory), hidden.set("use_bias", p.use_bias);
  hidden.set("escape_noise", p.escape_noise), hidden.set("escape_rate", p.escape_rate);
  hidden.set("adaptation", p.adaptation), hidden.set("tau_adaptation", p.tau_adaptation);
  hidden.set("learn_time_constants", p.learn_time_constants), hidden.set("learn_thresholds", p.learn_thresholds);
  output.set("tau_membrane", p.tau_readout > 0 ? p.tau_readout : p.tau_membrane);
  output.set(counts ? "learn_time_constants" : "learn_time_constant", p.learn_time_constants);
  settings.set("inputs", Value::List{task.steps, static_cast<std::int64_t>(task.units())});
  settings.set("loss", "cross_entropy");
  layers.push_back(std::move(hidden)), layers.push_back(std::move(output));
  if (counts) {
    Value& count = layers.emplace_back(Value::table());
    count.set("type", "spike_count"), count.set("name", "count");
  }
  settings.set("layers", std::move(layers));
  return {"sequential", settings};
}

std::int64_t unheard_steps(const LocalisationNetworkParams& params) {
  if (params.spike != "late") return 0;
  return params.readout == "count" ? 4 : 3;
}

}  // namespace neurarium
