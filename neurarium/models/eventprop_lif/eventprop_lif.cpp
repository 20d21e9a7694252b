#include "neurarium/models/eventprop_lif/eventprop_lif.hpp"

#include <algorithm>

#include "neurarium/core/array.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

using eventprop::Delays;

Schema EventPropLifParams::fields() {
  using P = EventPropLifParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default eventprop_lif1, …"),
      field("units", &P::units, "Number of units.").between(1, 65536),
      field("tau_membrane", &P::tau_membrane, "Time constant of the membranes.").unit("s").positive(),
      field("tau_synapse", &P::tau_synapse, "Time constant of the synaptic currents.").unit("s").positive(),
      field("threshold", &P::threshold, "Threshold θ of the membranes.").positive(),
      field("refractory", &P::refractory, "How long a membrane stays at 0 after a spike.").unit("s").at_least(0),
      field("adaptation", &P::adaptation, "By how much a unit's own spike raises its threshold.").at_least(0),
      field("tau_adaptation", &P::tau_adaptation, "Time constant with which raised thresholds fall back.")
          .unit("s")
          .positive(),
      field("engine", &P::engine, "How spikes are found: at exact crossings (event) or at the ends of steps (grid).")
          .one_of({"auto", "event", "grid"}),
      field("dt", &P::dt, "Length of a step of the grid engine.").unit("s").positive(),
      field("recurrent", &P::recurrent, "Whether units drive each other."),
      field("learn_time_constants", &P::learn_time_constants, "Whether ln τ of each unit is learned, of both τ."),
      field("learn_thresholds", &P::learn_thresholds, "Whether θ of each unit is learned."),
      field("learn_adaptation", &P::learn_adaptation, "Whether adaptation and ln τ of it are learned, of each unit."),
      field("delays", &P::delays, "Whether inputs have a learned delay: one each, or one per synapse.")
          .one_of({"none", "axonal", "synaptic"}),
      field("shortest_delay", &P::shortest_delay, "Delays are drawn from here …").unit("s").at_least(0),
      field("longest_delay", &P::longest_delay, "… to here.").unit("s").at_least(0),
      field("delay_unit", &P::delay_unit, "What the parameters of delays are multiples of.").unit("s").positive(),
      field("silent_push", &P::silent_push, "Silent units answer so late per unit of missing membrane; 0: not at all.")
          .unit("s")
          .at_least(0),
      field("count_push", &P::count_push, "A push on how often units fire; no gradient."),
      field("most_spikes", &P::most_spikes, "Spikes of a sample beyond which a pass stops with an error.").at_least(1),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, unless they are given."),
      component("recurrent_initialiser", &P::recurrent_initialiser, "initialiser", "Initial recurrent weights."),
      field("weights", &P::weights, "Initial W [inputs, units]."),
      field("recurrent_weights", &P::recurrent_weights, "Initial R [units, units]."),
      field("time_constants", &P::time_constants, "Membrane time constant of each unit [units], in seconds."),
      field("synapse_time_constants", &P::synapse_time_constants, "Synaptic time constant of each unit [units]."),
      field("thresholds", &P::thresholds, "Threshold of each unit [units]."),
      field("adaptations", &P::adaptations, "Adaptation of each unit [units]."),
      field("adaptation_time_constants", &P::adaptation_time_constants, "Its time constant, of each unit [units]."),
      field("initial_delays", &P::initial_delays, "Initial delays [inputs] or [inputs, units], in seconds."),
      field("dale", &P::dale, "Signs of W, by input unit (Dale's law)."),
      field("recurrent_dale", &P::recurrent_dale, "Signs of R, by unit."),
  });
}

Component EventPropLifParams::first_weights() {
  Component normal{"normal", Value::table()};
  normal.settings.set("mean", 1.0), normal.settings.set("sd", 0.5);
  return normal;
}

namespace {

/// Each event of a recurrent layer is looked at by all its units: so many, and steps are cheaper.
constexpr std::int64_t many_recurrent_units = 128;

bool works_on_grid(const EventPropLifParams& params) {
  if (params.engine == "auto")
    return params.recurrent && params.units >= many_recurrent_units && params.delays != "synaptic";
  return params.engine == "grid";
}

}  // namespace

template <class T>
EventPropLif<T>::EventPropLif(const Params& params, Parts parts)
    : params_(params),
      parts_(std::move(parts)),
      on_grid_(works_on_grid(params)),
      adapts_(params.adaptation > 0 || params.adaptations.given() || params.learn_adaptation),
      engine_(on_grid_ ? eventprop::make_grid_engine<T>(params.dt) : eventprop::make_event_engine<T>()) {
  if (params.delays == "axonal") delay_kind_ = Delays::axonal;
  if (params.delays == "synaptic") delay_kind_ = Delays::synaptic;
  if (on_grid_ && delay_kind_ == Delays::synaptic)
    throw SpecError("delays: those of single synapses need exact times",
                    "set engine = \"event\", or delays = \"axonal\"");
  if (params.shortest_delay > params.longest_delay)
    throw SpecError("shortest_delay is above longest_delay", "give shortest_delay ≤ longest_delay");
  if (delay_kind_ == Delays::none && params.initial_delays.given())
    throw SpecError("initial_delays are given, but there are no delays", "set delays = \"axonal\" or \"synaptic\"");
  if (!adapts_ && params.adaptation_time_constants.given())
    throw SpecError("adaptation_time_constants are given, but thresholds do not adapt", "set adaptation = 0.2, say");
}

template <class T>
Shape EventPropLif<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  if (input.axes() != 1 || input[0] == 0) throw ShapeError(name, "entries of [inputs]", to_string(input));
  name_ = name, inputs_ = input[0], units_ = static_cast<std::size_t>(params_.units);
  const Shape one_each{units_};
  weight_.value =
      initial_weights<T>(params_.weights, Shape{inputs_, units_}, name, *parts_.initialiser, inputs_, units_, seed);
  signs_.build(params_.dale, weight_, 0, name, seed);
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
  log_tau_synapse_.value =
      logarithms(filled(params_.tau_synapse, params_.synapse_time_constants, "synapse_time_constants"));
  threshold_.value = filled(params_.threshold, params_.thresholds, "thresholds");
  if (adapts_) build_adaptation();
  if (delay_kind_ != Delays::none) build_delays(seed);
  return one_each;
}

template <class T>
void EventPropLif<T>::build_adaptation() {
  const Shape one_each{units_};
  Tensor<double> growth(one_each);
  std::ranges::fill(growth.flat(), params_.adaptation);
  if (params_.adaptations.given()) growth = given_values<double>(params_.adaptations, one_each, name_ + ".adaptations");
  if (std::ranges::any_of(growth.flat(), [](double b) { return b < 0; }))
    throw SpecError(name_ + ".adaptations: a spike would lower its threshold", "give numbers of 0 or more");
  adaptation_.value = to_tensor<T>(std::as_const(growth).view());
  log_tau_adaptation_.value = logarithms(positive_values<T>(params_.tau_adaptation, params_.adaptation_time_constants,
                                                            one_each, name_ + ".adaptation_time_constants"));
}

template <class T>
void EventPropLif<T>::build_delays(std::uint64_t seed) {
  const Shape shape = delay_kind_ == Delays::axonal ? Shape{inputs_} : Shape{inputs_, units_};
  Tensor<double> seconds(shape);
  if (params_.initial_delays.given()) {
    seconds = given_values<double>(params_.initial_delays, shape, name_ + ".initial_delays");
    if (std::ranges::any_of(seconds.flat(), [](double d) { return d < 0; }))
      throw SpecError(name_ + ".initial_delays: a delay is negative", "give delays of 0 or more seconds");
  } else {
    fill_uniform(Stream(seed, name_ + ".delay"), {}, params_.shortest_delay, params_.longest_delay, seconds.flat());
  }
  for (double& d : seconds.flat()) d /= params_.delay_unit;
  delay_.value = to_tensor<T>(std::as_const(seconds).view());
}

template <class T>
std::vector<Parameter<T>*> EventPropLif<T>::parameters() {
  std::vector<Parameter<T>*> all{&weight_};
  if (params_.recurrent) all.push_back(&recurrent_);
  if (params_.learn_time_constants) all.push_back(&log_tau_membrane_), all.push_back(&log_tau_synapse_);
  if (params_.learn_thresholds) all.push_back(&threshold_);
  if (params_.learn_adaptation) all.push_back(&adaptation_), all.push_back(&log_tau_adaptation_);
  if (delay_kind_ != Delays::none) all.push_back(&delay_);
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  if (Parameter<T>* learned = recurrent_signs_.learned()) all.push_back(learned);
  return all;
}

template <class T>
std::vector<Parameter<T>*> EventPropLif<T>::buffers() {
  std::vector<Parameter<T>*> all = signs_.buffers();
  for (Parameter<T>* more : recurrent_signs_.buffers()) all.push_back(more);
  return all;
}

template <class T>
Choices EventPropLif<T>::choices() const {
  if (params_.engine != "auto") return {};
  return {{name_ + ": engine", on_grid_ ? "grid" : "event"}};
}

template class EventPropLif<float>;
template class EventPropLif<double>;

void register_eventprop_lif(Registry& registry) {
  using P = EventPropLifParams;
  const auto make = []<class T>(const P& p, const Registry& parts) {
    return std::make_unique<EventPropLif<T>>(
        p, typename EventPropLif<T>::Parts{
               parts.make<Initialiser>("initialiser", p.initialiser, "initialiser"),
               parts.make<Initialiser>("initialiser", p.recurrent_initialiser, "recurrent_initialiser")});
  };
  registry
      .add<P>("layer", "eventprop_lif",
              "Integrate-and-fire units in continuous time, with exact gradients of spike times.")
      .makes<Layer<float>>([=](const P& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>([=](const P& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
