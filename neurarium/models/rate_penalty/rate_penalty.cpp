#include "neurarium/models/rate_penalty/rate_penalty.hpp"

#include <algorithm>

namespace neurarium {

Schema RatePenaltyParams::fields() {
  using P = RatePenaltyParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default rate_penalty1, rate_penalty2, …"),
      field("dt", &P::dt, "Length of a step; of spike times nobody asks.").unit("s").positive(),
      field("l1", &P::l1, "Loss per Hz.").at_least(0),
      field("l2", &P::l2, "Loss per Hz².").at_least(0),
      field("lower", &P::lower, "Lower bound on rates; 0: none.").unit("Hz").at_least(0),
      field("lower_strength", &P::lower_strength, "Loss per Hz² below the lower bound.").at_least(0),
      field("upper", &P::upper, "Upper bound on rates; 0: none.").unit("Hz").at_least(0),
      field("upper_strength", &P::upper_strength, "Loss per Hz² above the upper bound.").at_least(0),
      field("rate_of", &P::rate_of, "Whose rate: each unit's, or the mean over all units.")
          .one_of({"unit", "population"}),
  });
}

template <class T>
struct RatePenalty<T>::Cache {
  bool training = false;
  mutable bool asked = false;  ///< whether a loss wants it
  std::size_t samples = 0;
  std::vector<double> rates;  ///< [samples, units], or [samples] of populations
  const SpikeTimes<T>* times = nullptr;
};

template <class T>
RatePenalty<T>::RatePenalty(const Params& params) : params_(params) {
  if (params.upper > 0 && params.lower > params.upper)
    throw SpecError("lower: no rate is above lower and below upper", "give a lower bound that is below the upper one");
}

template <class T>
Shape RatePenalty<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  timed_ = input.axes() == 1;
  if (input.axes() > 2 || input[0] == 0 || (!timed_ && input[1] == 0))
    throw ShapeError(name, "spikes of [steps, units], or spike times of [units]", to_string(input));
  if (timed_) units_ = input[0];
  else steps_ = input[0], units_ = input[1];
  return input;
}

template <class T>
double RatePenalty<T>::cost(double rate) const {
  const double below = params_.lower > 0 ? std::max(0.0, params_.lower - rate) : 0;
  const double above = params_.upper > 0 ? std::max(0.0, rate - params_.upper) : 0;
  const double fired = std::max(0.0, rate);  // below 0: how far silent units are from firing
  return params_.l1 * fired + params_.l2 * fired * fired + params_.lower_strength * below * below +
         params_.upper_strength * above * above;
}

template <class T>
double RatePenalty<T>::slope(double rate) const {
  const double below = params_.lower > 0 ? std::max(0.0, params_.lower - rate) : 0;
  const double above = params_.upper > 0 ? std::max(0.0, rate - params_.upper) : 0;
  const double of_rate = rate < 0 ? 0 : params_.l1 + 2 * params_.l2 * rate;
  return of_rate + 2 * (params_.upper_strength * above - params_.lower_strength * below);
}

template <class T>
double RatePenalty<T>::penalty(const Tape& tape) const {
  const Cache& c = tape.cache<Cache>();
  c.asked = true;
  double sum = 0;
  for (const double rate : c.rates) sum += cost(rate);
  return c.rates.empty() ? 0 : sum / static_cast<double>(c.rates.size());
}

template <class T>
void RatePenalty<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& c = tape.cache<Cache>();
  c.training = context.mode == Mode::train, c.asked = false;
  c.samples = in.samples();
  if (timed_) return pass_times_on(in.times(), out, c);
  const bool spikes = in.layout() == Layout::spikes;
  if (spikes) out.borrow(in.spikes());
  else out.borrow(in.dense());
  c.rates.clear();
  if (!c.training) return;
  const bool together = params_.rate_of == "population";
  c.rates.assign(together ? c.samples : c.samples * units_, 0);
  const double counts = 1 / (static_cast<double>(steps_) * params_.dt * static_cast<double>(together ? units_ : 1));
  for (std::size_t i = 0; i < c.samples; ++i) {
    const auto rate_of = [&](std::size_t j) -> double& { return c.rates[together ? i : i * units_ + j]; };
    for (std::size_t t = 0; t < steps_; ++t)
      if (spikes)
        for (const StepSpikes::Unit unit : in.spikes().at(i, t)) rate_of(unit) += counts;
      else
        for (std::size_t j = 0; j < units_; ++j) rate_of(j) += counts * static_cast<double>(in.dense()(i, t, j));
  }
}

template <class T>
void RatePenalty<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                              std::span<const View<T>>) const {
  if (!in_gradient) return;
  const Cache& c = tape.cache<Cache>();
  if (timed_) return pull_times(out_gradient, *in_gradient, c);
  const View<const T> given = out_gradient.dense();
  const View<T> to = in_gradient->make_dense(given.shape());
  std::ranges::copy(given.flat(), to.flat().begin());
  if (!c.training || !c.asked) return;
  const bool together = params_.rate_of == "population";
  const double share = 1 / (static_cast<double>(units_ * steps_) * params_.dt);
  std::vector<T> pull(units_);
  for (std::size_t i = 0; i < c.samples; ++i) {
    for (std::size_t j = 0; j < units_; ++j)
      pull[j] = static_cast<T>(share * slope(c.rates[together ? i : i * units_ + j]));
    for (std::size_t t = 0; t < steps_; ++t)
      for (std::size_t j = 0; j < units_; ++j) to(i, t, j) += pull[j];
  }
}

template <class T>
void RatePenalty<T>::pass_times_on(const SpikeTimes<T>& in, Activity<T>& out, Cache& c) const {
  SpikeTimes<T>& same = out.make_times(c.samples, units_, in.duration());
  c.times = &in;
  c.rates.clear();
  const bool together = params_.rate_of == "population";
  if (c.training) c.rates.assign(together ? c.samples : c.samples * units_, 0);
  const double end = in.duration(), share = 2 / (end * static_cast<double>(together ? units_ : 1));
  for (std::size_t i = 0; i < c.samples; ++i) {
    const auto times = in.times(i);
    const auto units = in.units_of(i);
    for (std::size_t k = 0; k < times.size(); ++k) {
      same.add(times[k], units[k]);
      if (c.training)
        c.rates[together ? i : i * units_ + units[k]] += share * (1 - static_cast<double>(times[k]) / end);
    }
    same.end_sample();
  }
}

template <class T>
void RatePenalty<T>::pull_times(const Activity<T>& out_gradient, Activity<T>& in_gradient, const Cache& c) const {
  const std::span<const T> given = out_gradient.per_event();
  const std::span<T> to = in_gradient.make_per_event(*c.times);
  std::ranges::copy(given, to.begin());
  if (!c.training || !c.asked) return;
  const bool together = params_.rate_of == "population";
  const double end = c.times->duration(), share = -2 / (end * end * static_cast<double>(units_));
  for (std::size_t i = 0; i < c.samples; ++i) {
    const auto units = c.times->units_of(i);
    for (std::size_t k = 0; k < units.size(); ++k)
      to[c.times->first(i) + k] += static_cast<T>(share * slope(c.rates[together ? i : i * units_ + units[k]]));
  }
}

template class RatePenalty<float>;
template class RatePenalty<double>;

void register_rate_penalty(Registry& registry) {
  using P = RatePenaltyParams;
  registry.add<P>("layer", "rate_penalty", "Passes spikes (or spike times) on; in training, their rates cost.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<RatePenalty<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<RatePenalty<double>>(p); });
}

}  // namespace neurarium
