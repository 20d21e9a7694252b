#include "neurarium/studies/localisation/localisation_network.hpp"

namespace neurarium {

LocalisationNetworkParams::LocalisationNetworkParams() { initialiser.settings.set("fan", "out"); }

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
      field("tau_membrane", &P::tau_membrane, "Time constant of all membranes.").unit("s").positive(),
      field("spike", &P::spike, "When a spike is seen: late is the notebook's order, a step behind.")
          .one_of({"late", "same_step"}),
      field("reset", &P::reset, "What a spike does to its membrane.").one_of({"zero", "subtract", "none"}),
      field("detach_reset", &P::detach_reset, "Whether gradients leave out the spike in the reset."),
      component("surrogate", &P::surrogate, "surrogate", "What stands in for the derivative of a spike."),
      field("readout", &P::readout, "What is made of the output membranes' course.")
          .one_of({"mean", "sum", "last", "max"}),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, before they get their signs."),
  });
}

Component localisation_network(const LocalisationNetworkParams& p, const InterauralPhaseParams& task) {
  const auto dale = [&](bool inhibits) {
    Value section = Value::table();
    if (p.rule == "none") return section;
    section.set("signs", p.signs);
    section.set("inhibitory_fraction", inhibits ? p.inhibitory_fraction : 0);
    section.set("per", p.per);
    section.set("rule", p.rule);
    return section;
  };
  const auto part = [](const Component& of) {
    Value table = of.settings;
    table.set("type", of.type);
    return table;
  };
  Value hidden = Value::table(), output = Value::table(), settings = Value::table();
  hidden.set("type", "lif"), hidden.set("name", "hidden"), hidden.set("units", p.hidden);
  hidden.set("spike", p.spike), hidden.set("reset", p.reset), hidden.set("detach_reset", p.detach_reset);
  hidden.set("surrogate", part(p.surrogate));
  hidden.set("dale", dale(p.inhibition != "hidden"));
  output.set("type", "leaky_integrator"), output.set("name", "output"), output.set("units", task.classes);
  output.set("readout", p.readout), output.set("input", p.spike);
  output.set("dale", dale(p.inhibition != "fibres"));
  for (Value* layer : {&hidden, &output}) {
    layer->set("dt", task.dt), layer->set("tau_membrane", p.tau_membrane);
    layer->set("initialiser", part(p.initialiser));
  }
  settings.set("inputs", Value::List{task.steps, static_cast<std::int64_t>(task.units())});
  settings.set("loss", "cross_entropy");
  settings.set("layers", Value::List{hidden, output});
  return {"sequential", settings};
}

}  // namespace neurarium
