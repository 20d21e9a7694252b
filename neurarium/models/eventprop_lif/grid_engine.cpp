// Spikes at step ends (kernels/eventprop_grid.hpp has the equations). An event at t acts at step ⌈t/dt⌉; within 1e-9 of a step, and
// what a number of its kind can't tell from it, it belongs to it. Steps end before the duration.
//
// What a pass keeps: a slope per own spike. Steps are found again from times, and where gradients of time constants are wanted, the
// forward pass is repeated with derivatives. So a spike takes 10 bytes in float32 with its time and unit, whatever is learned; with a
// refractory time 14.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "neurarium/core/errors.hpp"
#include "neurarium/kernels/eventprop_grid.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"

namespace neurarium::eventprop {
namespace {

using kernels::GridEvents, kernels::GridKick, kernels::GridPeaks, kernels::GridScratch, kernels::GridSpikes,
    kernels::GridUnits, kernels::GridWeights;

/// Numbers [rows, units] with lines of whole 64 bytes: as they lie, if they have them, or copied to `room`.
template <class T>
const T* in_lines(View<const T> numbers, std::size_t width, Tensor<T>& room) {
  const std::size_t rows = numbers.size() == 0 ? 0 : numbers.shape()[0], units = rows ? numbers.shape()[1] : 0;
  if (rows == 0) return nullptr;
  if (units == width && reinterpret_cast<std::uintptr_t>(numbers.data()) % 64 == 0) return numbers.data();
  room.resize(Shape{rows, width});
  for (std::size_t i = 0; i < rows; ++i) {
    T* to = std::copy_n(numbers.data() + i * units, units, room.data() + i * width);
    std::fill_n(to, width - units, T{0});
  }
  return room.data();
}

/// Gradients [rows, units], which the kernel adds to in lines of `width`: there, if they have such lines, or in a room of their own.
template <class T>
class LinesToAdd {
 public:
  LinesToAdd(T* to, std::size_t rows, std::size_t units, std::size_t width, Tensor<T>& room)
      : to_(to), rows_(rows), units_(units), width_(width), room_(room) {
    if (!to || units == width) return;
    room.resize(Shape{rows, width});
    std::ranges::fill(room.flat(), T{0});
  }
  T* data() const { return !to_ || units_ == width_ ? to_ : room_.data(); }
  void finish() const {
    if (data() == to_) return;
    for (std::size_t i = 0; i < rows_; ++i)
      for (std::size_t j = 0; j < units_; ++j) to_[i * units_ + j] += room_.data()[i * width_ + j];
  }

 private:
  T* to_;
  std::size_t rows_, units_, width_;
  Tensor<T>& room_;
};

/// One sample's input events on the grid.
template <class T>
struct Inputs {
  std::vector<std::uint32_t> step;
  std::vector<std::uint16_t> unit;
  std::vector<std::uint32_t> place;  ///< of each among the sample's events; empty: they lie in this order
  std::vector<T> by_time;
  std::vector<std::uint64_t> keys;
  GridEvents events() const { return {step.data(), unit.data(), step.size()}; }
};

/// What calls share, of one sample's size.
template <class T>
struct Scratch {
  GridScratch<T> kernel;
  Inputs<T> inputs;
  GridSpikes<T> own;
  GridPeaks<T> peaks;
  std::vector<std::pair<T, std::uint16_t>> answers;
  std::vector<GridKick<T>> kicks;
  std::vector<std::uint32_t> step;
  Tensor<T> weights, recurrent;
};

template <class T>
struct GridPass : Pass<T> {
  GridUnits<T> units;
  Tensor<T> weight_lines, recurrent_lines;
  GridWeights<T> weights;
  std::size_t steps = 0;
  std::vector<std::size_t> own;           ///< spikes of each sample, before the answers of its silent units
  std::vector<std::uint32_t> peak_steps;  ///< of each answer: where V was highest
  std::vector<T> restart;                 ///< of each spike: I where its refractory time ends; empty: there is none
  mutable Scratch<T> scratch;             ///< a pass belongs to one thread
};

template <class T>
class GridEngine final : public Engine<T> {
 public:
  explicit GridEngine(double dt) : dt_(dt) {}

  std::unique_ptr<Pass<T>> make_pass() const override { return std::make_unique<GridPass<T>>(); }

  void forward(const Numbers<T>& numbers, const SpikeTimes<T>& in, SpikeTimes<T>& out, Pass<T>& some) const override {
    if (numbers.delay_kind == Delays::synaptic)
      throw SpecError("delays of single synapses need exact times", "use engine = \"event\", or axonal delays");
    auto& pass = static_cast<GridPass<T>&>(some);
    Scratch<T>& scratch = pass.scratch;
    pass.units = GridUnits<T>(numbers.tau_membrane, numbers.tau_synapse, numbers.threshold, dt_,
                              static_cast<T>(least_grid_slope),
                              {numbers.refractory, numbers.adaptation, numbers.tau_adaptation});
    pass.weights.inputs = in_lines(numbers.weights, pass.units.width(), pass.weight_lines);
    pass.weights.recurrent = in_lines(numbers.recurrent, pass.units.width(), pass.recurrent_lines);
    pass.steps = steps_before(out.duration());
    pass.slope.clear(), pass.restart.clear(), pass.own.clear(), pass.peak_steps.clear();
    scratch.own.with_derivatives = false;
    const bool answers = numbers.silent_push > 0;
    for (std::size_t sample = 0; sample < in.samples(); ++sample) {
      place(numbers, in, sample, pass.steps, scratch.inputs);
      GridSpikes<T>& own = scratch.own;
      own.clear();
      if (!kernels::grid_forward(pass.units, pass.weights, scratch.inputs.events(), pass.steps, numbers.most_spikes,
                                 own, answers ? &scratch.peaks : nullptr, scratch.kernel))
        throw TooManySpikes{sample, busiest(own)};
      for (std::size_t k = 0; k < own.step.size(); ++k) out.add(static_cast<T>(own.step[k] * dt_), own.unit[k]);
      pass.own.push_back(own.step.size());
      pass.slope.insert(pass.slope.end(), own.slope.begin(), own.slope.end());
      pass.restart.insert(pass.restart.end(), own.restart.begin(), own.restart.end());
      if (answers) answer(numbers, scratch, out, pass);
      out.end_sample();
    }
  }

  void backward(const Numbers<T>& numbers, const SpikeTimes<T>& in, const SpikeTimes<T>& out,
                std::span<const T> out_gradient, const Pass<T>& some, const Gradients<T>& gradients) const override {
    const auto& pass = static_cast<const GridPass<T>&>(some);
    Scratch<T>& scratch = pass.scratch;
    const std::size_t width = pass.units.width(), units = numbers.units;
    const bool by_taus = gradients.tau_membrane || gradients.tau_synapse,
               by_times = !gradients.in.empty() || gradients.delays;
    const LinesToAdd<T> weights(gradients.weights, numbers.inputs, units, width, scratch.weights),
        recurrent(pass.weights.recurrent ? gradients.recurrent : nullptr, units, units, width, scratch.recurrent);
    std::size_t answer = 0, restart = 0;
    for (std::size_t sample = 0; sample < in.samples(); ++sample) {
      Inputs<T>& inputs = scratch.inputs;
      place(numbers, in, sample, pass.steps, inputs);
      if (by_taus) repeat(pass, numbers.silent_push > 0);
      const std::size_t first = out.first(sample), spikes = pass.own[sample];
      const auto times = out.times(sample);
      scratch.step.resize(spikes);
      for (std::size_t k = 0; k < spikes; ++k) scratch.step[k] = static_cast<std::uint32_t>(times[k] / dt_ + 0.5);

      scratch.kicks.clear();
      for (std::size_t k = spikes; k < times.size(); ++k, ++answer) {
        const std::uint16_t unit = out.units_of(sample)[k];
        const T push = static_cast<T>(numbers.silent_push) * out_gradient[first + k];
        scratch.kicks.push_back({pass.peak_steps[answer], unit, push / numbers.tau_membrane[unit]});
        if (gradients.threshold) gradients.threshold[unit] += push;
        if (gradients.tau_membrane) gradients.tau_membrane[unit] -= push * scratch.peaks.by_membrane[unit];
        if (gradients.tau_synapse) gradients.tau_synapse[unit] -= push * scratch.peaks.by_synapse[unit];
      }
      std::ranges::stable_sort(scratch.kicks, {}, &GridKick<T>::step);
      inputs.by_time.resize(by_times ? inputs.step.size() : 0);
      kernels::grid_backward(
          pass.units, pass.weights, inputs.events(), pass.steps,
          {{scratch.step.data(), out.units_of(sample).data(), spikes},
           pass.slope.data() + first,
           scratch.own.by_membrane.data(),
           scratch.own.by_synapse.data(),
           out_gradient.data() + first,
           scratch.kicks,
           pass.restart.data() + restart},
          {weights.data(), recurrent.data(), gradients.threshold, gradients.tau_membrane, gradients.tau_synapse,
           by_times ? inputs.by_time.data() : nullptr, gradients.adaptation, gradients.tau_adaptation},
          scratch.kernel);
      if (!pass.restart.empty()) restart += spikes;
      for (std::size_t e = 0; e < inputs.by_time.size(); ++e) {
        if (!gradients.in.empty())
          gradients.in[in.first(sample) + (inputs.place.empty() ? e : inputs.place[e])] = inputs.by_time[e];
        if (gradients.delays) gradients.delays[inputs.unit[e]] += inputs.by_time[e];
      }
    }
    weights.finish(), recurrent.finish();
  }

 private:
  /// The last step before `duration`, for exact numbers and for T.
  std::size_t steps_before(double duration) const {
    const double behind = std::ceil(duration / dt_ - 1e-9);
    std::size_t steps = behind > 1 ? static_cast<std::size_t>(behind) - 1 : 0;
    while (steps > 0 && !(static_cast<double>(static_cast<T>(static_cast<double>(steps) * dt_)) < duration)) --steps;
    return steps;
  }

  /// Where a sample's events act, sorted by step; those behind the last step have no effect.
  void place(const Numbers<T>& numbers, const SpikeTimes<T>& in, std::size_t sample, std::size_t steps,
             Inputs<T>& to) const {
    const auto times = in.times(sample);
    const auto units = in.units_of(sample);
    const bool delayed = numbers.delay_kind == Delays::axonal;
    const double per_dt = 1 / dt_, beyond = static_cast<double>(steps) + 1;
    constexpr double share = 1 - static_cast<double>(std::numeric_limits<T>::epsilon());
    to.step.resize(times.size()), to.unit.assign(units.begin(), units.end()), to.place.clear();
    for (std::size_t e = 0; e < times.size(); ++e) {
      double x = times[e];
      if (delayed) x += numbers.delays[units[e]];
      x = std::min(x * per_dt * share - 1e-9, beyond);
      const auto down = static_cast<std::int64_t>(x);  // towards 0
      to.step[e] = static_cast<std::uint32_t>(down + (x > static_cast<double>(down)));
    }
    if (!delayed || std::ranges::is_sorted(to.step)) return;
    to.keys.resize(times.size()), to.place.resize(times.size());
    for (std::size_t e = 0; e < times.size(); ++e) to.keys[e] = (std::uint64_t{to.step[e]} << 32) + e;
    std::ranges::sort(to.keys);
    for (std::size_t e = 0; e < times.size(); ++e) {
      to.place[e] = static_cast<std::uint32_t>(to.keys[e]), to.step[e] = static_cast<std::uint32_t>(to.keys[e] >> 32);
      to.unit[e] = units[to.place[e]];
    }
  }

  /// The forward pass of the sample in `scratch.inputs` again, with derivatives.
  void repeat(const GridPass<T>& pass, bool answers) const {
    Scratch<T>& scratch = pass.scratch;
    scratch.own.with_derivatives = true;
    scratch.own.clear();
    kernels::grid_forward(pass.units, pass.weights, scratch.inputs.events(), pass.steps,
                          std::numeric_limits<std::size_t>::max(), scratch.own, answers ? &scratch.peaks : nullptr,
                          scratch.kernel);
  }

  /// Silent units answer behind the duration.
  void answer(const Numbers<T>& numbers, Scratch<T>& scratch, SpikeTimes<T>& out, GridPass<T>& pass) const {
    std::vector<bool> spiked(numbers.units);
    for (const std::uint16_t unit : scratch.own.unit) spiked[unit] = true;
    scratch.answers.clear();
    for (std::size_t j = 0; j < numbers.units; ++j) {
      if (spiked[j]) continue;
      const double gap = static_cast<double>(numbers.threshold[j]) - static_cast<double>(scratch.peaks.potential[j]);
      T time = static_cast<T>(out.duration() + numbers.silent_push * gap);
      while (static_cast<double>(time) < out.duration()) time = std::nextafter(time, std::numeric_limits<T>::max());
      scratch.answers.emplace_back(time, static_cast<std::uint16_t>(j));
    }
    std::ranges::sort(scratch.answers);
    for (const auto& [time, unit] : scratch.answers) {
      out.add(time, unit);
      pass.slope.push_back(0), pass.peak_steps.push_back(scratch.peaks.step[unit]);
    }
  }

  static std::size_t busiest(const GridSpikes<T>& own) {
    std::vector<std::size_t> counts(std::size_t{1} << 16);
    for (const std::uint16_t unit : own.unit) ++counts[unit];
    return static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
  }

  double dt_;
};

}  // namespace

template <class T>
std::unique_ptr<Engine<T>> make_grid_engine(double dt) {
  return std::make_unique<GridEngine<T>>(dt);
}
template std::unique_ptr<Engine<float>> make_grid_engine(double);
template std::unique_ptr<Engine<double>> make_grid_engine(double);

}  // namespace neurarium::eventprop
