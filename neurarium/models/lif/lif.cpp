#include "neurarium/models/lif/lif.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/kernels/events.hpp"
#include "neurarium/kernels/finite.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

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

// What one unit needs, a line of whole 64 bytes each; and what a pass leaves, [samples, steps, width] each.
template <class T>
struct Lif<T>::Cache {
  const Activity<T>* in = nullptr;
  bool gathers = false;  ///< events; else numbers, in `dense`
  Activity<T> counts;    ///< of spikes that are too many to be gathered
  View<const T> dense;
  std::size_t samples = 0;
  bool keeps_traces =
      true;  ///< of all samples, since a backward pass follows; else each sample's take the place of the last
  typename SignedWeight<T>::Pass signs, recurrent_signs;
  std::vector<T> decay, threshold, synapse_decay, adaptation_decay, adaptation_strength, bias;
  kernels::LifUnits<T> units;
  Tensor<T> weights, recurrent;  ///< [inputs, width], [width, width]
  Tensor<T> current;             ///< of one sample, unless it is asked for again
  Tensor<T> before, spike, adaptation, hold;
  std::vector<std::uint8_t> marks;
  std::vector<kernels::LifTrace<T>> traces;  ///< of each sample, in those
  SpikesView events;                         ///< what went out; the caller keeps them
  mutable std::unique_ptr<Scratch> scratch;
};

template <class T>
struct Lif<T>::Scratch {
  /// [samples, steps, width], of one sample where samples can go one by one; drive: ∂E/∂h
  Tensor<T> spike_gradient, slope, drive;
  Tensor<T> per_unit;            ///< [width]: of a gradient at spikes that is a product
  Tensor<T> weights, recurrent;  ///< gradients, with the lines of Cache
  Tensor<T> bias;                ///< [width]
  Tensor<T> row, back;           ///< [samples, width]: one step of all samples
  std::vector<kernels::LifCostate<T>> costates;
  std::vector<T> decay, threshold, synapse_decay, adaptation_decay, adaptation_strength;
};

template <class T>
Lif<T>::Lif(const Params& params, Parts parts) : params_(params), parts_(std::move(parts)) {
  if (params.soft_spikes) soft_spike_ = [surrogate = parts_.surrogate](T x) { return surrogate->soft(x); };
  if (params.spike == "late" && (params.adaptation > 0 || params.refractory > 0))
    throw SpecError("spike: 'late' is the order of plain units, without adaptation and refractory time",
                    "use spike = \"same_step\"");
  if (params.soft_spikes && params.refractory > 0)
    throw SpecError("soft_spikes: soft spikes know no refractory time", "set refractory = 0");
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
    Tensor<T> numbers = given.given() ? given_values<T>(given, one_each, name + "." + what) : Tensor<T>(one_each);
    for (T& x : numbers.flat()) {
      if (!given.given()) x = static_cast<T>(value);
      if (!(x > 0)) throw SpecError(name + "." + what + ": all numbers must be above 0");
    }
    return numbers;
  };
  const auto logarithms = [](Tensor<T> numbers) {
    for (T& x : numbers.flat()) x = std::log(x);
    return numbers;
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

namespace {

/// Rows of `from` [rows, units] with their lines filled up by 0.
template <class T>
void fill_up(View<const T> from, std::size_t rows, std::size_t width, Tensor<T>& to) {
  to.resize(Shape{rows, width});
  std::ranges::fill(to.flat(), T{0});
  const std::size_t units = from.shape()[1];
  for (std::size_t i = 0; i < from.shape()[0]; ++i) std::copy_n(from.data() + i * units, units, to.data() + i * width);
}

template <class T>
void set_zero(Tensor<T>& tensor, const Shape& shape) {
  tensor.resize(shape);
  std::ranges::fill(tensor.flat(), T{0});
}

template <class T>
T* rows_of(Tensor<T>& trace, std::size_t sample) {
  return trace.size() == 0 ? nullptr : trace.data() + sample * trace.shape()[1] * trace.shape()[2];
}

/// One step of the events of a sample.
template <class Spikes>
kernels::EventRows step_of(const Spikes& spikes, std::size_t sample, std::size_t t) {
  return {spikes.rows(sample) + t, spikes.all(), 1};
}

}  // namespace

template <class T>
void Lif<T>::make_traces(Cache& c) const {
  const std::size_t kept = c.keeps_traces ? c.samples : std::min<std::size_t>(c.samples, 1);
  const std::size_t bytes = params_.soft_spikes ? 0 : kernels::bytes_of_marks(steps_, width_);
  const Shape traces{kept, steps_, width_};
  c.current.resize(c.units.synapse_decay ? traces : Shape{1, steps_, width_});
  c.before.resize(traces);
  if (params_.soft_spikes) c.spike.resize(traces);
  if (c.units.adaptation_decay) c.adaptation.resize(traces);
  if (c.units.refractory > 0) c.hold.resize(traces);
  c.marks.resize(kept * bytes);
  c.traces.clear();
  for (std::size_t i = 0; i < c.samples; ++i) {
    const std::size_t slot = c.keeps_traces ? i : 0;
    c.traces.push_back({rows_of(c.current, c.units.synapse_decay ? slot : 0), rows_of(c.before, slot),
                        rows_of(c.spike, slot), c.marks.data() + slot * bytes, rows_of(c.adaptation, slot),
                        rows_of(c.hold, slot)});
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

/// The spikes of sample i and their weights, where they are gathered.
template <class T>
std::optional<kernels::LifInputs<T>> Lif<T>::inputs_of(std::size_t i, const Cache& c) const {
  if (!c.gathers) return {};
  const SpikesView spikes = c.in->spikes();
  return kernels::LifInputs<T>{{spikes.rows(i), spikes.all(), steps_}, c.weights.data(), c.bias.data()};
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
void Lif<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& c = tape.cache<Cache>();
  make_units(c, context);
  fill_up<T>(signs_.effective(weight_, context, c.signs), inputs_, width_, c.weights);
  if (params_.recurrent)
    fill_up<T>(recurrent_signs_.effective(recurrent_, context, c.recurrent_signs), width_, width_, c.recurrent);
  look_at(in, c);
  c.keeps_traces = context.backward_follows;
  make_traces(c);

  const View<T> soft = params_.soft_spikes ? out.make_dense(Shape{c.samples, steps_, units_}) : View<T>();
  StepSpikes* spikes = params_.soft_spikes ? nullptr : &out.make_spikes(c.samples, steps_, units_);
  kernels::LifState<T> state;
  for (std::size_t i = 0; i < c.samples; ++i) {
    state.reset(width_);
    if (params_.recurrent) {
      drive(i, c);
      run_recurrent(i, c, state, spikes);
    } else {
      const auto inputs = inputs_of(i, c);
      if (!inputs) drive(i, c);
      else if (i + 1 < c.samples) kernels::fetch_ahead(inputs_of(i + 1, c)->events);
      kernels::lif_forward(c.units, c.traces[i], 0, steps_, state, inputs ? &*inputs : nullptr);
      if (spikes) kernels::append_events<T>(c.traces[i].marks, 0, steps_, width_, *spikes);
    }
    require_finite(i, c, context);
    for (std::size_t t = 0; t < steps_ && !spikes; ++t)
      std::copy_n(c.traces[i].spike + t * width_, units_, soft[i][t].data());
  }
  if (spikes) c.events = SpikesView(*spikes);
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

/// ∂E/∂s of sample i as it comes from above; rows that are not whole lines are copied to place `slot`.
template <class T>
kernels::LifSpikeGradient<T> Lif<T>::spike_gradient(const Activity<T>& out_gradient, std::size_t i, std::size_t slot,
                                                    Scratch& s) const {
  if (out_gradient.layout() == Layout::product) {
    set_zero(s.per_unit, Shape{width_});
    std::copy_n(out_gradient.product().data() + i * units_, units_, s.per_unit.data());
    return {nullptr, out_gradient.factors().data(), s.per_unit.data()};
  }
  const T* from = out_gradient.dense().data() + i * steps_ * units_;
  if (units_ == width_ && !params_.recurrent) return {from};
  T* to = rows_of(s.spike_gradient, slot);
  for (std::size_t t = 0; t < steps_; ++t) std::copy_n(from + t * units_, units_, to + t * width_);
  return {to};
}

/// The surrogate derivatives of sample i: a formula, or rows in place `slot`.
template <class T>
kernels::LifSlopes<T> Lif<T>::slopes(std::size_t i, std::size_t slot, const Cache& c, Scratch& s) const {
  if (const auto curve = parts_.surrogate->curve(); curve && !params_.soft_spikes) return {nullptr, *curve};
  const std::span<T> slopes(rows_of(s.slope, slot), steps_ * width_);
  kernels::lif_distances<T>(c.units, c.traces[i], steps_, slopes.data());
  parts_.surrogate->slopes(slopes, slopes);
  return {slopes.data(), {}};
}

template <class T>
kernels::LifUnitsGradient<T> Lif<T>::units_gradient(Scratch& s) const {
  kernels::LifUnitsGradient<T> sums;
  if (params_.learn_time_constants)
    sums.decay = s.decay.data(), sums.synapse_decay = s.synapse_decay.data(),
    sums.adaptation_decay = s.adaptation_decay.data();
  if (params_.learn_thresholds)
    sums.threshold = s.threshold.data(), sums.adaptation_strength = s.adaptation_strength.data();
  return sums;
}

// Recurrent spikes add to the gradient of the step before: all samples go back through time together.
template <class T>
void Lif<T>::backward_recurrent(const Activity<T>& out_gradient, const Cache& c, Scratch& s) const {
  std::vector<kernels::LifSlopes<T>> curves;
  for (std::size_t i = 0; i < c.samples; ++i) {
    spike_gradient(out_gradient, i, i, s);
    curves.push_back(slopes(i, i, c, s));
    s.costates[i].reset(width_);
  }
  s.row.resize(Shape{c.samples, width_}), s.back.resize(Shape{c.samples, width_});
  for (std::size_t t = steps_; t-- > 0;) {
    if (t + 1 < steps_) {
      for (std::size_t i = 0; i < c.samples; ++i)
        std::copy_n(rows_of(s.drive, i) + (t + 1) * width_, width_, s.row.data() + i * width_);
      gemm<T>(1, s.row.view(), Op::none, c.recurrent.view(), Op::transpose, 0, s.back.view());
      for (std::size_t i = 0; i < c.samples; ++i) {
        T* here = rows_of(s.spike_gradient, i) + t * width_;
        for (std::size_t j = 0; j < width_; ++j) here[j] += s.back(i, j);
      }
    }
    for (std::size_t i = 0; i < c.samples; ++i)
      kernels::lif_backward<T>(c.units, c.traces[i], {rows_of(s.spike_gradient, i)}, curves[i],
                               {rows_of(s.drive, i), nullptr, {}, params_.use_bias ? s.bias.data() : nullptr}, t, t + 1,
                               s.costates[i], units_gradient(s));
  }
}

// What ∂E/∂h of sample i, in its place of `drive`, adds to the sums of the weights' gradients, where that is not done on the way.
template <class T>
void Lif<T>::add_products(std::size_t i, const Cache& c, Scratch& s) const {
  const View<const T> drive(rows_of(s.drive, params_.recurrent ? i : 0), Shape{steps_, width_});
  if (!c.gathers) gemm<T>(1, c.dense[i], Op::transpose, drive, Op::none, 1, s.weights.view());
  if (!params_.recurrent) return;
  if (const auto inputs = inputs_of(i, c)) kernels::scatter_rows<T>(inputs->events, drive, s.weights.view());
  if (steps_ == 1) return;
  const View<const T> next(drive.data() + width_, Shape{steps_ - 1, width_});
  if (c.events) kernels::scatter_rows<T>({c.events.rows(i), c.events.all(), steps_ - 1}, next, s.recurrent.view());
  else
    gemm<T>(1, View<const T>(c.traces[i].spike, Shape{steps_ - 1, width_}), Op::transpose, next, Op::none, 1,
            s.recurrent.view());
}

template <class T>
void Lif<T>::weight_gradients(const Cache& c, const Scratch& s, std::span<const View<T>> gradient) const {
  const auto add = [&](const Tensor<T>& sums, View<T> to) {
    for (std::size_t i = 0; i < to.shape()[0]; ++i) {
      const T* from = sums.data() + i * width_;
      T* row = to.data() + i * units_;
      for (std::size_t j = 0; j < units_; ++j) row[j] += from[j];
    }
  };
  const auto learned = gradient.last(recurrent_signs_.is_learned() ? 2 : 1);  // if signs are: they stand at the end
  add(s.weights, signs_.gradient_at_weight(c.signs, gradient[0]));
  signs_.pull_back(weight_, c.signs, c.samples, gradient[0], learned.front());
  if (!params_.recurrent) return;
  add(s.recurrent, recurrent_signs_.gradient_at_weight(c.recurrent_signs, gradient[1]));
  recurrent_signs_.pull_back(recurrent_, c.recurrent_signs, c.samples, gradient[1], gradient.back());
}

template <class T>
void Lif<T>::unit_gradients(const Cache& c, const Scratch& s, std::span<const View<T>> gradient) const {
  std::size_t at = params_.recurrent ? 2 : 1;
  const auto plain = [&](std::span<const T> sums) {
    const View<T> to = gradient[at++];
    for (std::size_t j = 0; j < units_; ++j) to(j) += sums[j];
  };
  // ∂α/∂ln τ = α dt/τ
  const auto time_constant = [&](const Tensor<T>& log_tau, const std::vector<T>& decay, const std::vector<T>& sums) {
    const View<T> to = gradient[at++];
    for (std::size_t j = 0; j < units_; ++j)
      to(j) += sums[j] * decay[j] * static_cast<T>(params_.dt) / std::exp(log_tau(j));
  };
  if (params_.use_bias) plain(s.bias.flat());
  if (params_.learn_time_constants) {
    time_constant(log_tau_membrane_.value, c.decay, s.decay);
    if (c.units.synapse_decay) time_constant(log_tau_synapse_.value, c.synapse_decay, s.synapse_decay);
    if (c.units.adaptation_decay) time_constant(log_tau_adaptation_.value, c.adaptation_decay, s.adaptation_decay);
  }
  if (!params_.learn_thresholds) return;
  plain(s.threshold);
  if (c.units.adaptation_decay) plain(s.adaptation_strength);
}

template <class T>
void Lif<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                      std::span<const View<T>> gradient) const {
  const Cache& c = tape.cache<Cache>();
  if (!c.keeps_traces) throw InternalError(name_ + ": backward after a pass that said there would be none");
  if (!c.scratch) c.scratch = std::make_unique<Scratch>();
  Scratch& s = *c.scratch;
  const std::size_t slots = params_.recurrent ? c.samples : 1;
  const bool wants_weights = !gradient.empty(), recurrent = params_.recurrent;
  set_zero(s.spike_gradient, Shape{slots, steps_, width_});
  s.slope.resize(s.spike_gradient.shape()), s.drive.resize(s.spike_gradient.shape());
  s.costates.resize(slots);
  for (auto* sums : {&s.decay, &s.threshold, &s.synapse_decay, &s.adaptation_decay, &s.adaptation_strength})
    sums->assign(width_, T{0});
  set_zero(s.bias, Shape{width_});
  if (wants_weights) {
    set_zero(s.weights, Shape{inputs_, width_});
    if (recurrent) set_zero(s.recurrent, Shape{width_, width_});
  }
  const View<T> to = in_gradient ? in_gradient->make_dense(Shape{c.samples, steps_, inputs_}) : View<T>();
  if (recurrent) backward_recurrent(out_gradient, c, s);
  for (std::size_t i = 0; i < c.samples; ++i) {
    T* rows = rows_of(s.drive, recurrent ? i : 0);
    if (c.gathers && i + 1 < c.samples) kernels::fetch_ahead(inputs_of(i + 1, c)->events);
    if (!recurrent) {
      kernels::LifDriveGradient<T> below;
      if (in_gradient || !c.gathers || params_.soft_spikes) below.rows = rows;
      if (c.gathers && wants_weights) below.weights = s.weights.data(), below.events = inputs_of(i, c)->events;
      if (params_.use_bias) below.start = s.bias.data();
      s.costates[0].reset(width_);
      kernels::lif_backward<T>(c.units, c.traces[i], spike_gradient(out_gradient, i, 0, s), slopes(i, 0, c, s), below,
                               0, steps_, s.costates[0], units_gradient(s));
    }
    if (wants_weights) add_products(i, c, s);
    if (in_gradient)
      gemm<T>(1, View<const T>(rows, Shape{steps_, width_}), Op::none, c.weights.view(), Op::transpose, 0, to[i]);
  }
  if (gradient.empty()) return;
  weight_gradients(c, s, gradient);
  unit_gradients(c, s, gradient);
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
  const View<T> spikes = add("spikes", [&](std::size_t i, std::size_t) { return c.events ? T{0} : trace.spike[i]; });
  for (std::size_t t = 0; t < steps_ && c.events; ++t)
    for (const StepSpikes::Unit unit : c.events.at(0, t)) spikes(t, unit) = 1;
  return named;
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
