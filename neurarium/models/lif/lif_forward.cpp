// lif forward in time: what drives the units, their steps, and what goes on inside them.
#include <cmath>

#include "neurarium/kernels/escape_noise.hpp"
#include "neurarium/kernels/finite.hpp"
#include "neurarium/kernels/philox.hpp"
#include "neurarium/models/lif/lif_pass.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

namespace {

/// Rows of `from` [rows, units] with their lines filled up by 0.
template <class T>
void fill_up(View<const T> from, std::size_t rows, std::size_t width, Tensor<T>& to) {
  to.resize(Shape{rows, width});
  std::ranges::fill(to.flat(), T{0});
  const std::size_t units = from.shape()[1];
  for (std::size_t i = 0; i < from.shape()[0]; ++i) std::copy_n(from.data() + i * units, units, to.data() + i * width);
}

/// One step of the events of a sample.
template <class Spikes>
kernels::EventRows step_of(const Spikes& spikes, std::size_t sample, std::size_t t) {
  return {spikes.rows(sample) + t, spikes.all(), 1};
}

}  // namespace

template <class T>
void Lif<T>::make_traces(Cache& c, Activity<T>& out) const {
  const std::size_t kept = c.keeps_traces ? c.samples : std::min<std::size_t>(c.samples, 1);
  const Shape traces{kept, steps_, width_};
  c.current.resize(c.units.synapse_decay ? traces : Shape{1, steps_, width_});
  c.before.resize(traces);
  if (params_.soft_spikes) c.spike.resize(traces);
  if (c.units.adaptation_decay) c.adaptation.resize(traces);
  if (c.units.refractory > 0) c.hold.resize(traces);
  const std::size_t bytes = kernels::bytes_of_marks<T>(steps_, width_);
  std::uint8_t* marks = nullptr;
  if (!params_.soft_spikes && !params_.recurrent) marks = out.make_marks(c.samples, steps_, units_);
  else if (!params_.soft_spikes) c.marks.resize(kept * bytes), marks = c.marks.data();
  c.traces.clear();
  for (std::size_t i = 0; i < c.samples; ++i) {
    const std::size_t slot = c.keeps_traces ? i : 0;
    c.traces.push_back({rows_of(c.current, c.units.synapse_decay ? slot : 0), rows_of(c.before, slot),
                        rows_of(c.spike, slot), marks ? marks + (params_.recurrent ? slot : i) * bytes : nullptr,
                        rows_of(c.adaptation, slot), rows_of(c.hold, slot)});
  }
}

// The numbers of the units for this pass. Beyond the last unit: no leak, a threshold that nothing reaches.
template <class T>
void Lif<T>::make_units(Cache& c, const Context& context) const {
  for (const Tensor<T>* numbers : {&log_tau_membrane_.value, &log_tau_synapse_.value, &log_tau_adaptation_.value,
                                   &threshold_.value, &adaptation_.value})
    if (const std::size_t bad = first_non_finite(ArrayView(numbers->view())); bad < numbers->size())
      throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step, bad,
                         "a time constant or threshold is not finite: lower the learning rate");
  const auto line = [&](const Tensor<T>& values, T beyond, auto change, std::vector<T>& to) -> const T* {
    if (values.size() == 0) return nullptr;
    to.assign(width_, beyond);
    for (std::size_t j = 0; j < units_; ++j) to[j] = change(values(j));
    return to.data();
  };
  const auto same = [](T x) { return x; };
  const auto decay = [&](T log_tau) { return std::exp(static_cast<T>(-params_.dt) / std::exp(log_tau)); };
  c.units.width = width_;
  c.units.decay = line(log_tau_membrane_.value, 0, decay, c.decay);
  c.units.threshold = line(threshold_.value, 1, same, c.threshold);
  c.units.synapse_decay = line(log_tau_synapse_.value, 0, decay, c.synapse_decay);
  c.units.adaptation_decay = line(log_tau_adaptation_.value, 0, decay, c.adaptation_decay);
  c.units.adaptation_strength = line(adaptation_.value, 0, same, c.adaptation_strength);
  c.units.reset = params_.reset == "zero"       ? kernels::Reset::zero
                  : params_.reset == "subtract" ? kernels::Reset::subtract
                                                : kernels::Reset::none;
  c.units.late = params_.spike == "late";
  c.units.detach_reset = params_.detach_reset;
  c.units.refractory = static_cast<T>(std::ceil(params_.refractory / params_.dt - 1e-9));
  c.units.soft_spike = params_.soft_spikes ? &soft_spike_ : nullptr;
  line(bias_.value, 0, same, c.bias);
}

// How what comes from below is taken.
template <class T>
void Lif<T>::look_at(const Activity<T>& in, Cache& c) const {
  constexpr double too_many = 0.5;  // of all inputs: then a product of matrices is faster
  const bool spikes = in.layout() == Layout::spikes;
  c.in = &in, c.samples = in.samples();
  c.gathers = spikes &&
              static_cast<double>(in.spikes().events()) <= too_many * static_cast<double>(c.samples * steps_ * inputs_);
  if (c.gathers) return;
  if (spikes) convert(in, Layout::sample_major, c.counts);
  c.dense = (spikes ? std::as_const(c.counts) : in).dense().reshaped(Shape{c.samples, steps_, inputs_});
}

// Into the trace: b + x W, for all steps of a sample whose inputs are not gathered on the way.
template <class T>
void Lif<T>::drive(std::size_t i, Cache& c) const {
  const View<T> current(c.traces[i].current, Shape{steps_, width_});
  if (const auto inputs = inputs_of(i, c)) {
    kernels::gather_rows<T>(inputs->events, c.weights.view(), c.bias, current);
    return;
  }
  for (std::size_t t = 0; t < steps_; ++t) std::ranges::copy(c.bias, current[t].data());
  gemm<T>(1, c.dense[i], Op::none, c.weights.view(), Op::none, 1, current);
}

// How far the thresholds of sample i move in each step; beyond the last unit, not at all. While evaluated, for all samples alike.
template <class T>
void Lif<T>::draw_noise(std::size_t i, const Context& context, Cache& c) const {
  const bool learns = context.mode == Mode::train;
  if (!learns && i > 0) return;
  const Stream stream(context.seed, name_ + (learns ? ".escape_noise" : ".escape_noise.evaluation"));
  Counter counter;
  if (learns) counter.epoch = context.epoch;
  if (learns) counter.sample = static_cast<std::uint32_t>(context.sample_ids.empty() ? i : context.sample_ids[i]);
  set_zero(c.noise, Shape{steps_, width_});
  c.draws.resize(units_), c.shifts.resize(units_);
  for (std::size_t t = 0; t < steps_; ++t) {
    counter.step = static_cast<std::uint32_t>(t);
    kernels::philox_elements(stream, counter, c.draws);
    kernels::escape_shifts(c.draws, params_.escape_noise, params_.escape_rate * params_.dt, c.shifts);
    std::ranges::copy(c.shifts, c.noise.data() + t * width_);
  }
  c.units.threshold_noise = c.noise.data();
}

template <class T>
void Lif<T>::run_recurrent(std::size_t i, Cache& c, kernels::LifState<T>& state, StepSpikes* spikes) const {
  const kernels::LifTrace<T> trace = c.traces[i];
  for (std::size_t t = 0; t < steps_; ++t) {
    const View<T> now(trace.current + t * width_, Shape{1, width_});
    if (t > 0 && spikes) kernels::gather_rows<T>(step_of(*spikes, i, t - 1), c.recurrent.view(), now.flat(), now);
    else if (t > 0)
      gemm<T>(1, View<const T>(trace.spike + (t - 1) * width_, Shape{1, width_}), Op::none, c.recurrent.view(),
              Op::none, 1, now);
    kernels::lif_forward(c.units, trace, t, t + 1, state);
    if (spikes) kernels::append_events<T>(trace.marks, t, 1, width_, *spikes);
  }
}

template <class T>
void Lif<T>::require_finite(std::size_t i, const Cache& c, const Context& context) const {
  const View<const T> before(c.traces[i].before, Shape{steps_, width_});
  if (kernels::all_finite(before)) return;
  const std::size_t bad = first_non_finite(ArrayView(before));
  throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step,
                     (i * steps_ + bad / width_) * units_ + bad % width_,
                     "a membrane is not finite: lower the learning rate, or check the data for NaN");
}

template <class T>
void Lif<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& c = tape.cache<Cache>();
  make_units(c, context);
  fill_up<T>(signs_.effective(weight_, context, c.signs), inputs_, width_, c.weights);
  if (params_.recurrent)
    fill_up<T>(recurrent_signs_.effective(recurrent_, context, c.recurrent_signs), width_, width_, c.recurrent);
  look_at(in, c);
  c.keeps_traces = context.backward_follows;
  make_traces(c, out);

  const View<T> soft = params_.soft_spikes ? out.make_dense(Shape{c.samples, steps_, units_}) : View<T>();
  StepSpikes* spikes =
      params_.recurrent && !params_.soft_spikes ? &out.make_spikes(c.samples, steps_, units_) : nullptr;
  kernels::LifState<T> state;
  for (std::size_t i = 0; i < c.samples; ++i) {
    state.reset(width_);
    if (params_.escape_noise > 0) draw_noise(i, context, c);
    if (params_.recurrent) {
      drive(i, c);
      run_recurrent(i, c, state, spikes);
    } else {
      const auto inputs = inputs_of(i, c);
      if (!inputs) drive(i, c);
      else if (i + 1 < c.samples) kernels::fetch_ahead(inputs_of(i + 1, c)->events);
      kernels::lif_forward(c.units, c.traces[i], 0, steps_, state, inputs ? &*inputs : nullptr);
    }
    require_finite(i, c, context);
    for (std::size_t t = 0; t < steps_ && params_.soft_spikes; ++t)
      std::copy_n(c.traces[i].spike + t * width_, units_, soft[i][t].data());
  }
  c.units.threshold_noise = nullptr;  // the way back asks nobody whether it fires
  c.out = &out;
}

template <class T>
NamedArrays Lif<T>::traces(const Tape& tape) const {
  const Cache& c = tape.cache<Cache>();
  if (c.samples != 1 || !c.keeps_traces) throw InternalError(name_ + ": traces are those of a pass of one sample");
  const kernels::LifTrace<T>& trace = c.traces[0];
  NamedArrays named;
  const auto add = [&](const char* name, const auto& value) {
    Array& array = named.emplace_back(name, Array(dtype_of<T>(), Shape{steps_, units_})).second;
    for (std::size_t t = 0; t < steps_; ++t)
      for (std::size_t j = 0; j < units_; ++j) array.as<T>()(t, j) = value(t * width_ + j, j);
    return array.as<T>();
  };
  // Spikes that act at once need not have left a trace of what they drove.
  Tensor<T> driven;
  const T* current = trace.current;
  if (c.gathers && !params_.recurrent && !c.units.synapse_decay) {
    driven.resize(Shape{steps_, width_});
    kernels::gather_rows<T>({c.in->spikes().rows(0), c.in->spikes().all(), steps_}, c.weights.view(), c.bias,
                            driven.view());
    current = driven.data();
  }
  add("current", [&](std::size_t i, std::size_t) { return current[i]; });
  add("membrane", [&](std::size_t i, std::size_t) { return trace.before[i]; });
  add("threshold", [&](std::size_t i, std::size_t j) {
    return c.threshold[j] + (trace.adaptation ? c.adaptation_strength[j] * trace.adaptation[i] : T{0});
  });
  const View<T> spikes = add("spikes", [&](std::size_t i, std::size_t) { return trace.spike ? trace.spike[i] : T{0}; });
  for (std::size_t t = 0; t < steps_ && !params_.soft_spikes; ++t)
    for (const StepSpikes::Unit unit : c.out->spikes().at(0, t)) spikes(t, unit) = 1;
  return named;
}

template void Lif<float>::forward(const Activity<float>&, Activity<float>&, const Context&, Tape&) const;
template void Lif<double>::forward(const Activity<double>&, Activity<double>&, const Context&, Tape&) const;
template NamedArrays Lif<float>::traces(const Tape&) const;
template NamedArrays Lif<double>::traces(const Tape&) const;

}  // namespace neurarium
