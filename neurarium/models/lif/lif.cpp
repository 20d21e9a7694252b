#include "neurarium/models/lif/lif.hpp"

#include <cmath>

#include "neurarium/models/lif/lif_pass.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

Schema LifParams::fields() {
  using P = LifParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default lif1, lif2, …"),
      field("units", &P::units, "Number of units.").between(1, StepSpikes::most_units),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("tau_membrane", &P::tau_membrane, "Time constant of the membranes.").unit("s").positive(),
      field("tau_synapse", &P::tau_synapse, "Time constant of the synaptic currents; 0: synapses act at once.")
          .unit("s")
          .at_least(0),
      field("threshold", &P::threshold, "Threshold θ of the membranes.").positive(),
      field("adaptation", &P::adaptation, "κ: how far each spike lifts the threshold; 0: not at all.").at_least(0),
      field("tau_adaptation", &P::tau_adaptation, "Time constant of the thresholds' way back.").unit("s").positive(),
      field("refractory", &P::refractory, "Time after a spike in which the membrane stands still.")
          .unit("s")
          .at_least(0),
      field(
          "escape_noise", &P::escape_noise,
          "Δ: units fire by chance, e times as often for each Δ that their membrane is higher; 0: at their threshold.")
          .at_least(0),
      field("escape_rate", &P::escape_rate, "ρ₀: how often they do at their threshold, if there is escape noise.")
          .unit("Hz")
          .positive(),
      field("reset", &P::reset, "What a spike does to its membrane.").one_of({"zero", "subtract", "none"}),
      field("detach_reset", &P::detach_reset, "Whether gradients leave out the spike in the reset."),
      field("spike", &P::spike, "When a spike is seen: late is the founding notebook's order, a step behind.")
          .one_of({"same_step", "late"}),
      component("surrogate", &P::surrogate, "surrogate", "What stands in for the derivative of a spike."),
      field("soft_spikes", &P::soft_spikes, "The surrogate's primitive in place of spikes: for checks of gradients."),
      field("recurrent", &P::recurrent, "Whether units drive each other, a step later."),
      field("use_bias", &P::use_bias, "Whether there is a bias b."),
      field("learn_time_constants", &P::learn_time_constants, "Whether ln τ of each unit is learned."),
      field("learn_thresholds", &P::learn_thresholds, "Whether θ (and κ) of each unit are learned."),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, unless they are given."),
      component("recurrent_initialiser", &P::recurrent_initialiser, "initialiser", "Initial recurrent weights."),
      field("weights", &P::weights, "Initial W [inputs, units]."),
      field("recurrent_weights", &P::recurrent_weights, "Initial V [units, units]."),
      field("bias", &P::bias, "Initial b [units]; default 0."),
      field("time_constants", &P::time_constants, "Membrane time constant of each unit [units], in seconds."),
      field("thresholds", &P::thresholds, "Threshold of each unit [units]."),
      field("dale", &P::dale, "Signs of W, by input unit (Dale's law)."),
      field("recurrent_dale", &P::recurrent_dale, "Signs of V, by unit."),
  });
}

template <class T>
Lif<T>::Lif(const Params& params, Parts parts) : params_(params), parts_(std::move(parts)) {
  if (params.soft_spikes) soft_spike_ = [surrogate = parts_.surrogate](T x) { return surrogate->soft(x); };
  if (params.spike == "late" && (params.adaptation > 0 || params.refractory > 0))
    throw SpecError("spike: 'late' is the order of plain units, without adaptation and refractory time",
                    "use spike = \"same_step\"");
  if (params.soft_spikes && params.refractory > 0)
    throw SpecError("soft_spikes: soft spikes know no refractory time", "set refractory = 0");
  if (params.soft_spikes && params.escape_noise > 0)
    throw SpecError("soft_spikes: soft spikes know no escape noise", "set escape_noise = 0");
}

template <class T>
Shape Lif<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  if (input.axes() != 2 || input[0] == 0 || input[1] == 0)
    throw ShapeError(name, "entries of [steps, inputs]", to_string(input));
  name_ = name, steps_ = input[0], inputs_ = input[1], units_ = static_cast<std::size_t>(params_.units);
  width_ = line_length<T>(units_);
  const Shape one_each{units_};
  weight_.value =
      initial_weights<T>(params_.weights, Shape{inputs_, units_}, name, *parts_.initialiser, inputs_, units_, seed);
  signs_.build(params_.dale, weight_, 0, name, seed);
  bias_.value = initial_bias<T>(params_.bias, one_each, name, params_.use_bias);
  if (params_.recurrent) {
    recurrent_.value = initial_weights<T>(params_.recurrent_weights, Shape{units_, units_}, name + ".recurrent",
                                          *parts_.recurrent_initialiser, units_, units_, seed);
    recurrent_signs_.build(params_.recurrent_dale, recurrent_, 0, name, seed, 1, "recurrent_dale");
  } else if (params_.recurrent_weights.given() || params_.recurrent_dale.wanted()) {
    throw SpecError(name + ": recurrent weights or signs are given, but recurrent is false", "set recurrent = true");
  }
  const auto filled = [&](double value, const ArraySource& given, const char* what) {
    return positive_values<T>(value, given, one_each, name + "." + what);
  };
  log_tau_membrane_.value = logarithms(filled(params_.tau_membrane, params_.time_constants, "time_constants"));
  threshold_.value = filled(params_.threshold, params_.thresholds, "thresholds");
  if (params_.tau_synapse > 0) log_tau_synapse_.value = logarithms(filled(params_.tau_synapse, {}, "tau_synapse"));
  if (params_.adaptation > 0) {
    log_tau_adaptation_.value = logarithms(filled(params_.tau_adaptation, {}, "tau_adaptation"));
    adaptation_.value = filled(params_.adaptation, {}, "adaptation");
  }
  return Shape{steps_, units_};
}

template <class T>
std::vector<Parameter<T>*> Lif<T>::parameters() {
  std::vector<Parameter<T>*> all{&weight_};
  if (params_.recurrent) all.push_back(&recurrent_);
  if (params_.use_bias) all.push_back(&bias_);
  if (params_.learn_time_constants) {
    all.push_back(&log_tau_membrane_);
    if (params_.tau_synapse > 0) all.push_back(&log_tau_synapse_);
    if (params_.adaptation > 0) all.push_back(&log_tau_adaptation_);
  }
  if (params_.learn_thresholds) {
    all.push_back(&threshold_);
    if (params_.adaptation > 0) all.push_back(&adaptation_);
  }
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  if (Parameter<T>* learned = recurrent_signs_.learned()) all.push_back(learned);
  return all;
}

template <class T>
std::vector<Parameter<T>*> Lif<T>::buffers() {
  std::vector<Parameter<T>*> all = signs_.buffers();
  for (Parameter<T>* more : recurrent_signs_.buffers()) all.push_back(more);
  return all;
}

template <class T>
double Lif<T>::penalty(const Tape& tape) const {
  const Cache& c = tape.cache<Cache>();
  return c.signs.penalty + c.recurrent_signs.penalty;
}

template class Lif<float>;
template class Lif<double>;

void register_lif(Registry& registry) {
  const auto make = []<class T>(const LifParams& p, const Registry& parts) {
    return std::make_unique<Lif<T>>(
        p, typename Lif<T>::Parts{
               parts.make<Surrogate<T>>("surrogate", p.surrogate, "surrogate"),
               parts.make<Initialiser>("initialiser", p.initialiser, "initialiser"),
               parts.make<Initialiser>("initialiser", p.recurrent_initialiser, "recurrent_initialiser")});
  };
  registry.add<LifParams>("layer", "lif", "Leaky integrate-and-fire units: spikes in, spikes out.")
      .makes<Layer<float>>([=](const LifParams& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>([=](const LifParams& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
