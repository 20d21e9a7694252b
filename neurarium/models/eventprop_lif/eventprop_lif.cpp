#include "neurarium/models/eventprop_lif/eventprop_lif.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/array.hpp"
#include "neurarium/kernels/finite.hpp"
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

// What a pass leaves.
template <class T>
struct EventPropLif<T>::Cache {
  const Activity<T>* in = nullptr;
  const Activity<T>* out = nullptr;
  eventprop::Numbers<T> numbers;
  std::vector<T> tau_membrane, tau_synapse, adaptation, tau_adaptation, delays;
  typename SignedWeight<T>::Pass signs, recurrent_signs;
  std::unique_ptr<eventprop::Pass<T>> pass;
  bool training = false;
  mutable bool asked = false;       ///< whether a loss wants the penalties, and so the push on counts
  std::vector<double> mean_counts;  ///< [units], over the batch, if the push is by them
  mutable std::unique_ptr<Scratch> scratch;
};

template <class T>
struct EventPropLif<T>::Scratch {
  std::vector<T> tau_membrane, tau_synapse, threshold, adaptation, tau_adaptation, delays, pushed;
};

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
double EventPropLif<T>::penalty(const Tape& tape) const {
  const Cache& c = tape.cache<Cache>();
  c.asked = true;
  return c.signs.penalty + c.recurrent_signs.penalty;
}

template <class T>
double EventPropLif<T>::smallest_slope(const Tape& tape) const {
  const Cache& c = tape.cache<Cache>();
  double smallest = std::numeric_limits<double>::infinity();
  for (const T slope : c.pass->slope)
    if (slope > 0) smallest = std::min(smallest, static_cast<double>(slope));
  return smallest;
}

template <class T>
Choices EventPropLif<T>::choices() const {
  if (params_.engine != "auto") return {};
  return {{name_ + ": engine", on_grid_ ? "grid" : "event"}};
}

template <class T>
std::uint64_t EventPropLif<T>::step_of(const Context& context) const {
  return context.mode == Mode::train ? context.step : NumericError::no_step;
}

// The layer's numbers for this pass.
template <class T>
void EventPropLif<T>::set_numbers(Cache& c, const Context& context) const {
  for (const Tensor<T>* numbers : {&weight_.value, &recurrent_.value, &log_tau_membrane_.value, &log_tau_synapse_.value,
                                   &threshold_.value, &adaptation_.value, &log_tau_adaptation_.value, &delay_.value})
    if (!kernels::all_finite<T>(numbers->view()))
      throw NumericError(name_, step_of(context), first_non_finite(ArrayView(numbers->view())),
                         "a weight, delay, threshold or time constant is not finite: lower the learning rate");
  for (std::size_t j = 0; j < units_; ++j)
    if (!(threshold_.value(j) > 0))
      throw NumericError(name_, step_of(context), j, "a threshold has fallen to 0 or below: lower the learning rate");
  const auto times = [](const Tensor<T>& logarithms, std::vector<T>& to) {
    to.resize(logarithms.size());
    std::ranges::transform(logarithms.flat(), to.begin(), [](T x) { return std::exp(x); });
    return std::ranges::all_of(to, [&](T x) { return x == to[0]; });
  };
  eventprop::Numbers<T>& n = c.numbers;
  n = {};
  n.inputs = inputs_, n.units = units_;
  const bool one_membrane = times(log_tau_membrane_.value, c.tau_membrane);
  const bool one_synapse = times(log_tau_synapse_.value, c.tau_synapse);
  times(log_tau_adaptation_.value, c.tau_adaptation);
  for (const std::vector<T>* taus : {&c.tau_membrane, &c.tau_synapse, &c.tau_adaptation})
    for (std::size_t j = 0; j < taus->size(); ++j)
      if (const T tau = (*taus)[j]; !(tau > 0) || !(1 / tau < std::numeric_limits<T>::max()) || !std::isfinite(tau))
        throw NumericError(name_, step_of(context), j,
                           "a time constant has become 0 or infinite: lower the learning rate");
  n.tau_membrane = c.tau_membrane, n.tau_synapse = c.tau_synapse;
  n.one_tau = one_membrane && one_synapse;
  n.threshold = threshold_.value.flat();
  n.weights = signs_.effective(weight_, context, c.signs);
  if (params_.recurrent) n.recurrent = recurrent_signs_.effective(recurrent_, context, c.recurrent_signs);
  n.refractory = params_.refractory;
  c.adaptation.resize(adaptation_.value.size());
  std::ranges::transform(adaptation_.value.flat(), c.adaptation.begin(), [](T x) { return std::abs(x); });
  n.adaptation = c.adaptation, n.tau_adaptation = c.tau_adaptation;
  n.delay_kind = delay_kind_;
  c.delays.resize(delay_.value.size());
  const T unit = static_cast<T>(params_.delay_unit);
  std::ranges::transform(delay_.value.flat(), c.delays.begin(), [&](T x) { return std::abs(x) * unit; });
  n.delays = c.delays;
  n.silent_push = params_.silent_push;
  n.most_spikes = static_cast<std::size_t>(params_.most_spikes);
}

template <class T>
void EventPropLif<T>::require_finite_times(const SpikeTimes<T>& in, const Context& context) const {
  const auto bad = std::ranges::find_if(in.all_times(), [](T t) { return !(t >= 0) || !std::isfinite(t); });
  if (bad != in.all_times().end())
    throw NumericError(name_, step_of(context), static_cast<std::size_t>(bad - in.all_times().begin()),
                       "a time of an input spike is negative or not finite: check the data and the layer below");
}

template <class T>
void EventPropLif<T>::solve(const Activity<T>& in, Activity<T>& out, const Context& context, Cache& c) const {
  const SpikeTimes<T>& times = in.times();
  if (times.units() != inputs_)
    throw ShapeError(name_, "spike times of " + std::to_string(inputs_) + " inputs", std::to_string(times.units()));
  require_finite_times(times, context);
  c.in = &in, c.out = &out;
  c.training = context.mode == Mode::train, c.asked = false;
  set_numbers(c, context);
  if (!c.pass) c.pass = engine_->make_pass();
  SpikeTimes<T>& spikes = out.make_times(in.samples(), units_, times.duration());
  try {
    engine_->forward(c.numbers, times, spikes, *c.pass);
  } catch (const eventprop::TooManySpikes& too_many) {
    throw NumericError(name_, step_of(context), too_many.sample * units_ + too_many.unit,
                       "a sample has more than " + std::to_string(params_.most_spikes) +
                           " spikes: its weights are too large (lower the learning rate), or raise most_spikes");
  }
}

template <class T>
void EventPropLif<T>::forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const {
  each(shards.size(), [&](std::size_t i) {
    solve(*shards[i].in, *shards[i].out, *shards[i].context, shards[i].tape->template cache<Cache>());
  });
  if (!params_.count_push.of_batch()) return;
  std::vector<double> counts(units_, 0);
  std::size_t samples = 0;
  for (const ForwardShard<T>& shard : shards) {
    const SpikeTimes<T>& spikes = shard.out->times();
    count_spikes(spikes, 0, spikes.samples(), counts);
    samples += spikes.samples();
  }
  for (double& count : counts) count /= static_cast<double>(std::max<std::size_t>(samples, 1));
  for (const ForwardShard<T>& shard : shards) shard.tape->template cache<Cache>().mean_counts = counts;
}

template <class T>
void EventPropLif<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  const ForwardShard<T> shard{&in, &out, &context, &tape};
  forward_batch({&shard, 1}, [](std::size_t, const std::function<void(std::size_t)>& task) { task(0); });
}

// ∂E/∂t of the layer's spikes, with the push on their counts if there is one.
template <class T>
std::span<const T> EventPropLif<T>::gradient_at_spikes(const Cache& c, std::span<const T> above, Scratch& s) const {
  if (!params_.count_push.wanted() || !c.training || !c.asked) return above;
  const T least = on_grid_ ? static_cast<T>(eventprop::least_grid_slope) : T{0};
  push_counts<T>(params_.count_push, {c.out->times(), above, c.pass->slope, c.numbers.threshold, least}, c.mean_counts,
                 s.pushed);
  return s.pushed;
}

template <class T>
void EventPropLif<T>::unit_gradients(const Cache& c, const Scratch& s, std::span<const View<T>> gradient) const {
  std::size_t at = params_.recurrent ? 2 : 1;
  if (params_.learn_time_constants)  // ∂τ/∂ln τ = τ
    for (const auto& [sums, taus] :
         {std::pair(&s.tau_membrane, &c.tau_membrane), std::pair(&s.tau_synapse, &c.tau_synapse)}) {
      const View<T> to = gradient[at++];
      for (std::size_t j = 0; j < units_; ++j) to(j) += (*sums)[j] * (*taus)[j];
    }
  if (params_.learn_thresholds) {
    const View<T> to = gradient[at++];
    for (std::size_t j = 0; j < units_; ++j) to(j) += s.threshold[j];
  }
  if (params_.learn_adaptation) {
    const View<T> growth = gradient[at++], tau = gradient[at++];
    for (std::size_t j = 0; j < units_; ++j) {
      growth(j) += adaptation_.value(j) < 0 ? -s.adaptation[j] : s.adaptation[j];
      tau(j) += s.tau_adaptation[j] * c.tau_adaptation[j];
    }
  }
  if (delay_kind_ == Delays::none) return;
  const std::span<T> to = gradient[at].flat();
  const std::span<const T> delta = delay_.value.flat();
  const T unit = static_cast<T>(params_.delay_unit);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += (delta[i] < 0 ? -unit : unit) * s.delays[i];
}

template <class T>
void EventPropLif<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                               std::span<const View<T>> gradient) const {
  const Cache& c = tape.cache<Cache>();
  if (!c.scratch) c.scratch = std::make_unique<Scratch>();
  Scratch& s = *c.scratch;
  eventprop::Gradients<T> to;
  if (in_gradient) to.in = in_gradient->make_per_event(c.in->times());
  const auto zeros = [](std::vector<T>& sums, std::size_t count) { return sums.assign(count, 0), sums.data(); };
  if (!gradient.empty()) {
    to.weights = signs_.gradient_at_weight(c.signs, gradient[0]).data();
    if (params_.recurrent) to.recurrent = recurrent_signs_.gradient_at_weight(c.recurrent_signs, gradient[1]).data();
    if (params_.learn_time_constants)
      to.tau_membrane = zeros(s.tau_membrane, units_), to.tau_synapse = zeros(s.tau_synapse, units_);
    if (params_.learn_thresholds) to.threshold = zeros(s.threshold, units_);
    if (params_.learn_adaptation)
      to.adaptation = zeros(s.adaptation, units_), to.tau_adaptation = zeros(s.tau_adaptation, units_);
    if (delay_kind_ != Delays::none) to.delays = zeros(s.delays, c.delays.size());
  }
  engine_->backward(c.numbers, c.in->times(), c.out->times(), gradient_at_spikes(c, out_gradient.per_event(), s),
                    *c.pass, to);
  if (gradient.empty()) return;
  const auto learned = gradient.last(recurrent_signs_.is_learned() ? 2 : 1);  // if signs are: they stand at the end
  const std::size_t samples = c.in->samples();
  signs_.pull_back(weight_, c.signs, samples, gradient[0], learned.front());
  if (params_.recurrent)
    recurrent_signs_.pull_back(recurrent_, c.recurrent_signs, samples, gradient[1], gradient.back());
  unit_gradients(c, s, gradient);
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
