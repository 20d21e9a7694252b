#include "neurarium/models/leaky_integrator/leaky_integrator.hpp"

#include <cmath>

#include "neurarium/kernels/events.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

Schema LeakyIntegratorParams::fields() {
  using P = LeakyIntegratorParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default leaky_integrator1, …"),
      field("units", &P::units, "Number of units: classes, say.").at_least(1),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("tau_membrane", &P::tau_membrane, "Time constant of the membranes.").unit("s").positive(),
      field("readout", &P::readout, "What is made of the membranes' course.")
          .one_of({"mean", "sum", "last", "max", "trace"}),
      field("input", &P::input, "When input is seen: late is the founding notebook's order, a step behind.")
          .one_of({"same_step", "late"}),
      field("learn_time_constant", &P::learn_time_constant, "Whether ln tau_membrane is learned."),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, unless they are given."),
      field("weights", &P::weights, "Initial W [inputs, units]."),
      field("dale", &P::dale, "Signs of W, by input unit (Dale's law)."),
  });
}

template <class T>
struct LeakyIntegrator<T>::Cache {
  const Activity<T>* in = nullptr;
  std::size_t samples = 0;
  T decay = 0;
  std::vector<T> c, slope;      ///< c_t, ∂c_t/∂α
  Tensor<T> sums;               ///< Σ_t c_t x_t [samples, inputs]
  std::vector<T> line;          ///< of one sample, whole vectors
  Activity<T> counts;           ///< of spikes, where they are multiplied
  View<const T> x;              ///< [samples · steps, inputs]
  Tensor<T> trace;              ///< o [samples, steps, units]
  std::vector<std::size_t> at;  ///< the step of each sample's and unit's maximum
  typename SignedWeight<T>::Pass signs;
  mutable Tensor<T> of_sums, of_drive;
};

template <class T>
LeakyIntegrator<T>::LeakyIntegrator(const Params& params, std::shared_ptr<const Initialiser> initialiser)
    : params_(params), initialiser_(std::move(initialiser)) {}

template <class T>
Shape LeakyIntegrator<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  if (input.axes() != 2 || input[0] == 0 || input[1] == 0)
    throw ShapeError(name, "entries of [steps, inputs]", to_string(input));
  name_ = name, steps_ = input[0], inputs_ = input[1], units_ = static_cast<std::size_t>(params_.units);
  weight_.value =
      initial_weights<T>(params_.weights, Shape{inputs_, units_}, name, *initialiser_, inputs_, units_, seed);
  signs_.build(params_.dale, weight_, 0, name, seed);
  log_tau_.value = Tensor<T>(Shape{1});
  log_tau_.value(0) = static_cast<T>(std::log(params_.tau_membrane));
  return params_.readout == "trace" ? Shape{steps_, units_} : Shape{units_};
}

template <class T>
std::vector<Parameter<T>*> LeakyIntegrator<T>::parameters() {
  std::vector<Parameter<T>*> all{&weight_};
  if (params_.learn_time_constant) all.push_back(&log_tau_);
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  return all;
}

namespace {

/// events(i, t, unit) or numbers(i, t, row of numbers), for all that spikes or numbers [samples, steps, inputs] hold.
template <class T, class Events, class Numbers>
void each_input(const Activity<T>& in, std::size_t steps, std::size_t inputs, const Events& events,
                const Numbers& numbers) {
  if (in.layout() != Layout::spikes) {
    for (std::size_t i = 0; i < in.samples(); ++i)
      for (std::size_t t = 0; t < steps; ++t) numbers(i, t, in.dense().data() + (i * steps + t) * inputs);
    return;
  }
  const SpikesView spikes = in.spikes();
  for (std::size_t i = 0; i < in.samples(); ++i) {
    const std::uint64_t* first = spikes.rows(i);
    for (std::size_t t = 0; t < steps; ++t)
      for (std::uint64_t e = first[t]; e < first[t + 1]; ++e) events(i, t, spikes.all()[e]);
  }
}

}  // namespace

// By recursion from the end: the sum over all later steps is C_t = 1 + α C_{t+1}.
template <class T>
void LeakyIntegrator<T>::set_time_weights(Cache& cache, const Context& context) const {
  if (!std::isfinite(log_tau_.value(0)))
    throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step, 0,
                       "its time constant is not finite: lower the learning rate");
  const bool late = params_.input == "late", last = params_.readout == "last";
  const double decay = std::exp(-params_.dt / std::exp(static_cast<double>(log_tau_.value(0))));
  const double scale = params_.readout == "mean" ? 1 / static_cast<double>(steps_) : 1;
  cache.decay = static_cast<T>(decay);
  cache.c.assign(steps_, 0), cache.slope.assign(steps_, 0);
  double c = 0, slope = 0, power = 1, power_slope = 0;
  for (std::size_t t = steps_; t-- > 0;) {
    if (late && t + 1 == steps_) continue;
    slope = c + decay * slope;
    c = 1 + decay * c;
    cache.c[t] = static_cast<T>(last ? power : scale * c);
    cache.slope[t] = static_cast<T>(last ? power_slope : scale * slope);
    power_slope = power + decay * power_slope;
    power *= decay;
  }
}

template <class T>
void LeakyIntegrator<T>::forward_linear(const Activity<T>& in, Activity<T>& out, Cache& cache) const {
  cache.sums.resize(Shape{cache.samples, inputs_});
  std::ranges::fill(cache.sums.flat(), T{0});
  const bool spikes = in.layout() == Layout::spikes;
  for (std::size_t i = 0; i < cache.samples; ++i) {
    T* sums = cache.sums.data() + i * inputs_;
    if (spikes && in.marks(i)) {
      cache.line.assign(line_length<T>(inputs_), T{0});
      kernels::add_per_mark(in.marks(i), steps_, cache.line.size(), cache.c.data(), cache.line.data());
      std::copy_n(cache.line.data(), inputs_, sums);
    } else if (spikes) {
      kernels::add_per_event({in.spikes().rows(i), in.spikes().all(), steps_}, cache.c.data(), sums);
    } else {
      const T* row = in.dense().data() + i * steps_ * inputs_;
      for (std::size_t t = 0; t < steps_; ++t, row += inputs_)
        for (std::size_t j = 0; j < inputs_; ++j) sums[j] += cache.c[t] * row[j];
    }
  }
  gemm<T>(1, cache.sums.view(), Op::none, cache.signs.weight, Op::none, 0,
          out.make_dense(Shape{cache.samples, units_}));
}

// ∂E/∂x_t = c_t · ∂E/∂(Σ_t c_t x_t): at spikes it stays a product.
template <class T>
void LeakyIntegrator<T>::backward_linear(View<const T> out_gradient, Activity<T>* in_gradient, const Cache& cache,
                                         std::span<const View<T>> gradient) const {
  if (!gradient.empty())
    gemm<T>(1, cache.sums.view(), Op::transpose, out_gradient, Op::none, 1,
            signs_.gradient_at_weight(cache.signs, gradient[0]));
  const bool learns_time = params_.learn_time_constant && !gradient.empty();
  if (!in_gradient && !learns_time) return;
  cache.of_sums.resize(Shape{cache.samples, inputs_});
  gemm<T>(1, out_gradient, Op::none, cache.signs.weight, Op::transpose, 0, cache.of_sums.view());
  if (learns_time) {
    double of_decay = 0;
    each_input(
        *cache.in, steps_, inputs_,
        [&](std::size_t i, std::size_t t, StepSpikes::Unit unit) {
          of_decay += static_cast<double>(cache.slope[t] * cache.of_sums(i, unit));
        },
        [&](std::size_t i, std::size_t t, const T* row) {
          for (std::size_t j = 0; j < inputs_; ++j)
            of_decay += static_cast<double>(cache.slope[t] * row[j] * cache.of_sums(i, j));
        });
    const double tau = std::exp(static_cast<double>(log_tau_.value(0)));
    gradient[1](0) += static_cast<T>(of_decay * static_cast<double>(cache.decay) * params_.dt / tau);
  }
  if (!in_gradient) return;
  if (cache.in->layout() == Layout::spikes) {
    std::ranges::copy(cache.of_sums.flat(), in_gradient->make_product(cache.samples, steps_, inputs_).flat().begin());
    in_gradient->factors() = cache.c;
    return;
  }
  T* to = in_gradient->make_dense(Shape{cache.samples, steps_, inputs_}).data();
  for (std::size_t i = 0; i < cache.samples; ++i)
    for (std::size_t t = 0; t < steps_; ++t, to += inputs_)
      for (std::size_t j = 0; j < inputs_; ++j) to[j] = cache.c[t] * cache.of_sums(i, j);
}

template <class T>
void LeakyIntegrator<T>::forward_trace(const Activity<T>& in, Activity<T>& out, Cache& cache) const {
  const std::size_t rows = cache.samples * steps_, late = params_.input == "late" ? 1 : 0;
  if (in.layout() == Layout::spikes) convert(in, Layout::sample_major, cache.counts);
  cache.x = (in.layout() == Layout::spikes ? std::as_const(cache.counts) : in).dense().reshaped(Shape{rows, inputs_});
  cache.trace.resize(Shape{cache.samples, steps_, units_});
  gemm<T>(1, cache.x, Op::none, cache.signs.weight, Op::none, 0, cache.trace.view().reshaped(Shape{rows, units_}));
  for (std::size_t i = 0; i < cache.samples; ++i) {
    T* o = cache.trace.data() + i * steps_ * units_;
    if (late) std::copy_backward(o, o + (steps_ - 1) * units_, o + steps_ * units_), std::fill_n(o, units_, T{0});
    for (std::size_t t = 1; t < steps_; ++t)
      for (std::size_t j = 0; j < units_; ++j) o[t * units_ + j] += cache.decay * o[(t - 1) * units_ + j];
  }
  if (params_.readout == "trace") {
    std::ranges::copy(cache.trace.flat(), out.make_dense(cache.trace.shape()).flat().begin());
    return;
  }
  const View<T> largest = out.make_dense(Shape{cache.samples, units_});
  cache.at.assign(cache.samples * units_, 0);
  for (std::size_t i = 0; i < cache.samples; ++i)
    for (std::size_t j = 0; j < units_; ++j) {
      std::size_t& at = cache.at[i * units_ + j];
      for (std::size_t t = 1; t < steps_; ++t)
        if (cache.trace(i, t, j) > cache.trace(i, at, j)) at = t;
      largest(i, j) = cache.trace(i, at, j);
    }
}

template <class T>
void LeakyIntegrator<T>::backward_trace(View<const T> out_gradient, Activity<T>* in_gradient, const Cache& cache,
                                        std::span<const View<T>> gradient) const {
  const std::size_t rows = cache.samples * steps_, late = params_.input == "late" ? 1 : 0;
  // λ_t = ∂E/∂o_t + α λ_{t+1}: what step t's drive does to everything after it
  Tensor<T>& drive = cache.of_drive;
  drive.resize(cache.trace.shape());
  if (params_.readout == "trace") {
    std::ranges::copy(out_gradient.flat(), drive.flat().begin());
  } else {
    std::ranges::fill(drive.flat(), T{0});
    for (std::size_t i = 0; i < cache.samples; ++i)
      for (std::size_t j = 0; j < units_; ++j) drive(i, cache.at[i * units_ + j], j) = out_gradient(i, j);
  }
  double of_decay = 0;
  for (std::size_t i = 0; i < cache.samples; ++i) {
    T* at = drive.data() + i * steps_ * units_;
    for (std::size_t t = steps_; t-- > 1;)
      for (std::size_t j = 0; j < units_; ++j) {
        const T now = at[t * units_ + j];
        of_decay += static_cast<double>(now * cache.trace(i, t - 1, j));
        at[(t - 1) * units_ + j] += cache.decay * now;
      }
    if (late) std::copy(at + units_, at + steps_ * units_, at), std::fill_n(at + (steps_ - 1) * units_, units_, T{0});
  }
  const View<const T> flat = std::as_const(drive).view().reshaped(Shape{rows, units_});
  if (!gradient.empty()) {
    gemm<T>(1, cache.x, Op::transpose, flat, Op::none, 1, signs_.gradient_at_weight(cache.signs, gradient[0]));
    if (params_.learn_time_constant) {
      const double tau = std::exp(static_cast<double>(log_tau_.value(0)));
      gradient[1](0) += static_cast<T>(of_decay * static_cast<double>(cache.decay) * params_.dt / tau);
    }
  }
  if (in_gradient)
    gemm<T>(1, flat, Op::none, cache.signs.weight, Op::transpose, 0,
            in_gradient->make_dense(Shape{cache.samples, steps_, inputs_}).reshaped(Shape{rows, inputs_}));
}

template <class T>
void LeakyIntegrator<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  cache.in = &in, cache.samples = in.samples();
  set_time_weights(cache, context);
  signs_.effective(weight_, context, cache.signs);
  if (is_linear_in_time()) forward_linear(in, out, cache);
  else forward_trace(in, out, cache);
}

template <class T>
void LeakyIntegrator<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                  std::span<const View<T>> gradient) const {
  const Cache& cache = tape.cache<Cache>();
  if (is_linear_in_time()) backward_linear(out_gradient.dense(), in_gradient, cache, gradient);
  else backward_trace(out_gradient.dense(), in_gradient, cache, gradient);
  if (!gradient.empty()) signs_.pull_back(weight_, cache.signs, cache.samples, gradient[0], gradient.back());
}

template <class T>
double LeakyIntegrator<T>::penalty(const Tape& tape) const {
  return tape.cache<Cache>().signs.penalty;
}

template class LeakyIntegrator<float>;
template class LeakyIntegrator<double>;

void register_leaky_integrator(Registry& registry) {
  const auto make = []<class T>(const LeakyIntegratorParams& p, const Registry& parts) {
    return std::make_unique<LeakyIntegrator<T>>(p,
                                                parts.make<Initialiser>("initialiser", p.initialiser, "initialiser"));
  };
  using P = LeakyIntegratorParams;
  registry.add<P>("layer", "leaky_integrator", "Units that integrate and leak but do not fire: a readout over time.")
      .makes<Layer<float>>([=](const P& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>([=](const P& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
