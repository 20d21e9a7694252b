// Passes of eventprop_lif: numbers to the engine, spikes and their gradients back.
#include <algorithm>
#include <cmath>

#include "neurarium/core/array.hpp"
#include "neurarium/kernels/finite.hpp"
#include "neurarium/models/eventprop_lif/eventprop_lif.hpp"

namespace neurarium {

using eventprop::Delays;

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

template void EventPropLif<float>::forward_batch(std::span<const ForwardShard<float>>, const EachShard&) const;
template void EventPropLif<float>::forward(const Activity<float>&, Activity<float>&, const Context&, Tape&) const;
template void EventPropLif<float>::backward(const Activity<float>&, Activity<float>*, const Tape&,
                                            std::span<const View<float>>) const;
template double EventPropLif<float>::penalty(const Tape&) const;
template double EventPropLif<float>::smallest_slope(const Tape&) const;
template void EventPropLif<double>::forward_batch(std::span<const ForwardShard<double>>, const EachShard&) const;
template void EventPropLif<double>::forward(const Activity<double>&, Activity<double>&, const Context&, Tape&) const;
template void EventPropLif<double>::backward(const Activity<double>&, Activity<double>*, const Tape&,
                                             std::span<const View<double>>) const;
template double EventPropLif<double>::penalty(const Tape&) const;
template double EventPropLif<double>::smallest_slope(const Tape&) const;

}  // namespace neurarium
