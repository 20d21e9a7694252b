#include "neurarium/models/axonal_delay/axonal_delay.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

Schema AxonalDelayParams::fields() {
  using P = AxonalDelayParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default axonal_delay1, …"),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("maximum", &P::maximum, "The longest delay; the shortest is 0.").unit("s").at_least(0),
      field("initial", &P::initial, "First delays: all the same, or drawn from 0 to maximum.")
          .one_of({"uniform", "constant"}),
      field("delay", &P::delay, "First delay of all units, where initial is constant.").unit("s").at_least(0),
      field("delays", &P::delays, "First delay of each unit [units], in seconds."),
      field("learn_delays", &P::learn_delays, "Whether delays are learned."),
      field("interpolate", &P::interpolate, "Spikes are shared out between two steps; else delays are rounded."),
  });
}

// How a unit's spikes move: by `steps`, and a share of them by one more; slope: ∂d/∂parameter.
namespace {
template <class T>
struct Move {
  std::size_t steps = 0;
  T share = 0, slope = 0;
};

/// A number reflected into [0, most], and the sign of the mirror image.
template <class T>
std::pair<T, T> reflected(T p, T most) {
  if (most <= 0) return {T{0}, T{0}};
  const T sign = p < 0 ? T{-1} : T{1}, way = std::fmod(std::abs(p), 2 * most);
  return way <= most ? std::pair{way, sign} : std::pair{2 * most - way, -sign};
}
}  // namespace

template <class T>
struct AxonalDelay<T>::Cache {
  std::vector<Move<T>> moves;  ///< of each unit
  SpikesView spikes;           ///< what came, one or the other
  View<const T> numbers;
  bool are_spikes = false;
  std::size_t samples = 0;
  Activity<T> counts;                      ///< of spikes that are shared out
  std::vector<std::size_t> ends, row_end;  ///< of each unit's and each step's events, while they are sorted
  std::vector<std::size_t> leaves;         ///< at which step an event goes out
  std::vector<StepSpikes::Unit> sorted;
  mutable Tensor<T> padded;  ///< one sample's gradient with a row of 0 before it, and enough of them after it
  mutable std::vector<T> of_delay;
};

template <class T>
Shape AxonalDelay<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  if (input.axes() != 2 || input[0] == 0 || input[1] == 0)
    throw ShapeError(name, "entries of [steps, units]", to_string(input));
  name_ = name, steps_ = input[0], units_ = input[1];
  Tensor<double> seconds(Shape{units_});
  if (params_.delays.given()) seconds = given_values<double>(params_.delays, Shape{units_}, name + ".delays");
  else if (params_.initial == "uniform")
    fill_uniform(Stream(seed, name + ".delay"), {}, 0, params_.maximum, seconds.flat());
  else std::ranges::fill(seconds.flat(), params_.delay);
  for (double& delay : seconds.flat()) {
    if (!(delay >= 0 && delay <= params_.maximum))
      throw SpecError(name + ": a first delay of " + std::to_string(delay) + " s is outside [0, maximum]",
                      "maximum is " + std::to_string(params_.maximum) + " s");
    delay /= params_.dt;
  }
  delay_.value = to_tensor<T>(std::as_const(seconds).view());
  return input;
}

template <class T>
void AxonalDelay<T>::look_at_delays(Cache& c, const Context& context) const {
  c.moves.resize(units_);
  for (std::size_t j = 0; j < units_; ++j) {
    if (!std::isfinite(delay_.value(j)))
      throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step, j,
                         "a delay is not finite: lower the learning rate");
    const auto [delay, slope] = reflected(delay_.value(j), static_cast<T>(params_.maximum / params_.dt));
    const T whole = std::floor(params_.interpolate ? delay : delay + T{0.5});
    const auto beyond = static_cast<T>(steps_ + 1);  // from there on, all delays do the same: nothing arrives
    c.moves[j] = {static_cast<std::size_t>(std::min(whole, beyond)), params_.interpolate ? delay - whole : T{0}, slope};
  }
}

// Events lie by step, then by unit. Sorted by unit first and then by the step at which they leave, they lie like that again.
template <class T>
void AxonalDelay<T>::move_events(const SpikesView& spikes, std::size_t sample, Cache& c, StepSpikes& out) const {
  const auto each = [&](const auto& visit) {
    for (std::size_t t = 0; t < steps_; ++t)
      for (const StepSpikes::Unit unit : spikes.at(sample, t)) visit(t, unit);
  };
  const auto add_up = [](std::vector<std::size_t>& counts) {
    for (std::size_t i = 1; i < counts.size(); ++i) counts[i] += counts[i - 1];
  };
  c.ends.assign(units_ + 1, 0), c.row_end.assign(steps_ + 1, 0);
  each([&](std::size_t t, std::size_t unit) {
    ++c.ends[unit + 1];
    if (const std::size_t leaves = t + c.moves[unit].steps; leaves < steps_) ++c.row_end[leaves + 1];
  });
  add_up(c.ends), add_up(c.row_end);
  c.leaves.resize(c.ends.back()), c.sorted.resize(c.row_end.back());
  each([&](std::size_t t, std::size_t unit) { c.leaves[c.ends[unit]++] = t + c.moves[unit].steps; });
  for (std::size_t unit = 0, event = 0; unit < units_; ++unit)
    for (; event < c.ends[unit]; ++event)
      if (c.leaves[event] < steps_) c.sorted[c.row_end[c.leaves[event]]++] = static_cast<StepSpikes::Unit>(unit);
  for (std::size_t t = 0, first = 0; t < steps_; first = c.row_end[t++])
    out.add_known_step(c.sorted.data() + first, c.row_end[t] - first);
}

template <class T>
void AxonalDelay<T>::move_numbers(View<const T> numbers, const Cache& c, View<T> out) const {
  std::ranges::fill(out.flat(), T{0});
  for (std::size_t t = 0; t < steps_; ++t)
    for (std::size_t j = 0; j < units_; ++j) {
      const Move<T>& move = c.moves[j];
      const std::size_t leaves = t + move.steps;
      if (leaves < steps_) out(leaves, j) += (1 - move.share) * numbers(t, j);
      if (leaves + 1 < steps_) out(leaves + 1, j) += move.share * numbers(t, j);
    }
}

template <class T>
void AxonalDelay<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& c = tape.cache<Cache>();
  look_at_delays(c, context);
  c.samples = in.samples();
  c.are_spikes = in.layout() == Layout::spikes && !params_.interpolate;
  if (c.are_spikes) {
    c.spikes = in.spikes();
    StepSpikes& moved = out.make_spikes(c.samples, steps_, units_);
    moved.reserve(c.samples, c.spikes.events());
    for (std::size_t i = 0; i < c.samples; ++i) move_events(c.spikes, i, c, moved);
    return;
  }
  if (in.layout() == Layout::spikes) convert(in, Layout::sample_major, c.counts);
  c.numbers = (in.layout() == Layout::spikes ? std::as_const(c.counts) : in).dense();
  const View<T> moved = out.make_dense(Shape{c.samples, steps_, units_});
  for (std::size_t i = 0; i < c.samples; ++i) move_numbers(c.numbers[i], c, moved[i]);
}

// Of sample i, whose gradient lies in `padded`, where row t + 1 is step t.
template <class T>
void AxonalDelay<T>::add_delay_gradient(std::size_t i, const Cache& c) const {
  const std::size_t before = params_.interpolate ? 0 : 1;
  const auto add = [&](std::size_t t, std::size_t j, T x) {
    const std::size_t row = t + 1 + c.moves[j].steps;
    c.of_delay[j] += x * (c.padded(row + 1, j) - c.padded(row - before, j));
  };
  for (std::size_t t = 0; t < steps_; ++t)
    if (c.are_spikes)
      for (const StepSpikes::Unit unit : c.spikes.at(i, t)) add(t, unit, T{1});
    else
      for (std::size_t j = 0; j < units_; ++j) add(t, j, c.numbers(i, t, j));
}

template <class T>
void AxonalDelay<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                              std::span<const View<T>> gradient) const {
  const Cache& c = tape.cache<Cache>();
  const View<const T> given = out_gradient.dense();
  const View<T> to = in_gradient ? in_gradient->make_dense(Shape{c.samples, steps_, units_}) : View<T>();
  std::size_t longest = 0;
  for (const Move<T>& move : c.moves) longest = std::max(longest, move.steps);
  c.padded.resize(Shape{steps_ + longest + 2, units_});
  std::ranges::fill(c.padded.flat(), T{0});
  c.of_delay.assign(units_, T{0});
  for (std::size_t i = 0; i < c.samples; ++i) {
    std::ranges::copy(given[i].flat(), c.padded.data() + units_);
    for (std::size_t t = 0; in_gradient && t < steps_; ++t)
      for (std::size_t j = 0; j < units_; ++j) {
        const Move<T>& move = c.moves[j];
        const std::size_t row = t + 1 + move.steps;
        to(i, t, j) = (1 - move.share) * c.padded(row, j) + move.share * c.padded(row + 1, j);
      }
    if (!gradient.empty()) add_delay_gradient(i, c);
  }
  if (gradient.empty()) return;
  const T span = params_.interpolate ? T{1} : T{0.5};
  for (std::size_t j = 0; j < units_; ++j) gradient[0](j) += span * c.moves[j].slope * c.of_delay[j];
}

template class AxonalDelay<float>;
template class AxonalDelay<double>;

void register_axonal_delay(Registry& registry) {
  using P = AxonalDelayParams;
  registry.add<P>("layer", "axonal_delay", "Each unit's spikes arrive later, by a time that can be learned.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<AxonalDelay<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<AxonalDelay<double>>(p); });
}

}  // namespace neurarium
