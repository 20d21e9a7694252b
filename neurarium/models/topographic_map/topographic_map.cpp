#include "neurarium/models/topographic_map/topographic_map.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/kernels/rows.hpp"

namespace neurarium {

Schema TopographicMapParams::fields() {
  using P = TopographicMapParams;
  return Schema::of<P>({
      field("rows", &P::rows, "Units along the vertical axis of the map.").between(1, 1024),
      field("columns", &P::columns, "Units along the horizontal axis of the map.").between(1, 1024),
      field("inputs", &P::inputs, "Numbers in one image, D; 0 = as many as the data has.").at_least(0),
      field("radius", &P::radius, "Reach of lateral excitation: 1 gives 8 neighbours, 2 gives 24, 0 none.")
          .between(0, 512),
      field("fidelity", &P::fidelity, "Repeat the notebook with its slips, or mend them.")
          .one_of({"notebook", "corrected"}),
      field("corrections", &P::corrections, "Single mends on top of fidelity = \"notebook\".")
          .one_of({"neighbourhood", "clipping", "growth"}),
      field("learning_rate", &P::learning_rate, "Step ξ of the weights.").positive().below(1),
      field("threshold_rate", &P::threshold_rate, "Step γ of the thresholds.").at_least(0),
      field("sparsity", &P::sparsity, "Wanted mean activity s of a unit.").between(0, 1),
      field("precision", &P::precision, "ε: smallest weight and smallest divisor.").positive(),
      field("initial_low", &P::initial_low, "Initial weights are U(initial_low, initial_high).").at_least(0),
      field("initial_high", &P::initial_high, "Upper end of the initial weights.").positive(),
      field("scalar", &P::scalar, "Type of all numbers.").one_of({"float32", "float64"}),
      field("seed", &P::seed, "Seed of the initial weights; a run sets it to its own.").at_most(largest_seed),
      field("weights", &P::weights, "Initial weights [rows·columns, inputs]."),
      field("thresholds", &P::thresholds, "Initial thresholds [rows·columns]; default 0."),
  });
}

namespace {

std::size_t size_of(std::int64_t x) { return static_cast<std::size_t>(x); }

bool mends(const TopographicMapParams& params, const char* slip) {
  return params.fidelity == "corrected" || std::ranges::find(params.corrections, slip) != params.corrections.end();
}

/// All samples are looked at before the first is learned, so that bad input changes nothing.
void require_non_negative(ArrayView samples) {
  with_dtype(samples.dtype(), [&]<class S>() {
    if constexpr (std::is_signed_v<S>) {
      const auto numbers = samples.as<S>().flat();
      const std::size_t entry = samples.shape()[0] > 0 ? numbers.size() / samples.shape()[0] : 1;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double v = static_cast<double>(numbers[i]);
        if (!(v >= 0) || !std::isfinite(v))
          throw DataError("samples",
                          "entry " + std::to_string(i % entry) + " of sample " + std::to_string(i / entry) + " is " +
                              std::to_string(v) + ", expected a finite number ≥ 0",
                          "the rule needs non-negative images, such as bytes / 255");
      }
    }
  });
}

}  // namespace

template <class T>
TopographicMap<T>::TopographicMap(const Params& params)
    : params_(params),
      rows_(size_of(params.rows)),
      columns_(size_of(params.columns)),
      radius_(size_of(params.radius)),
      source_rows_(rows_ - (mends(params, "neighbourhood") ? 0 : 1)),
      source_columns_(columns_ - (mends(params, "neighbourhood") ? 0 : 1)),
      clip_every_(mends(params, "clipping") ? 1 : 100),
      largest_growth_(mends(params, "growth") ? T{1} : std::numeric_limits<T>::infinity()) {
  const std::size_t units = rows_ * columns_;
  std::size_t inputs = size_of(params.inputs);
  if (params.weights.given() && inputs == 0 && params.weights.array->shape().axes() == 2)
    inputs = params.weights.array->shape()[1];
  if (inputs == 0)
    throw SpecError("model.inputs: the map does not know how many numbers an image has", "give inputs = 300, say");
  if (!(params.initial_low <= params.initial_high))
    throw SpecError("model.initial_low is above model.initial_high", "give initial_low ≤ initial_high");

  const Shape shape{units, inputs};
  if (params.weights.given()) {
    if (params.weights.array->shape() != shape)
      throw ShapeError("model.weights", to_string(shape), to_string(params.weights.array->shape()));
    weights_ = to_tensor<T>(params.weights.array->view());
    for (std::size_t i = 0; i < weights_.size(); ++i)
      if (!(weights_.flat()[i] >= 0) || !std::isfinite(weights_.flat()[i]))
        throw SpecError("model.weights: entry " + std::to_string(i) + " is negative or not finite",
                        "the rule is multiplicative: weights must be ≥ 0");
  } else {
    weights_ = Tensor<T>(shape);
    fill_uniform(Stream(params.seed, "model.weights"), {}, params.initial_low, params.initial_high, weights_.flat());
  }
  thresholds_ = Tensor<T>(Shape{units});
  if (params.thresholds.given()) {
    if (params.thresholds.array->size() != units)
      throw ShapeError("model.thresholds", to_string(Shape{units}), to_string(params.thresholds.array->shape()));
    std::ranges::copy(to_tensor<T>(params.thresholds.array->view()).flat(), thresholds_.flat().begin());
  }
  for (Tensor<T>* of_units : {&drive_, &activity_, &lateral_, &gain_}) *of_units = Tensor<T>(Shape{units});
  for (Tensor<T>* of_inputs : {&input_, &reconstruction_, &direction_}) *of_inputs = Tensor<T>(Shape{inputs});
}

// (L p)_n: the sum of p over the box of half-width `radius` around n, without n itself and without units that are no
// sources. Sums along rows first, then along columns: no N × N matrix.
template <class T>
void TopographicMap<T>::lateral_sum(const T* p, T* out) const {
  const auto sum_row = [&](std::size_t y, std::size_t x) {
    const std::size_t first = x > radius_ ? x - radius_ : 0, end = std::min(source_columns_, x + radius_ + 1);
    T sum = 0;
    for (std::size_t i = first; i < end; ++i) sum += p[y * columns_ + i];
    return sum;
  };
  std::fill(out, out + rows_ * columns_, T{0});
  for (std::size_t source = 0; source < source_rows_; ++source) {
    const std::size_t first = source > radius_ ? source - radius_ : 0, end = std::min(rows_, source + radius_ + 1);
    for (std::size_t x = 0; x < columns_; ++x) {
      const T sum = sum_row(source, x);
      for (std::size_t y = first; y < end; ++y)
        out[y * columns_ + x] += y == source && x < source_columns_ ? sum - p[source * columns_ + x] : sum;
    }
  }
}

template <class T>
void TopographicMap<T>::load_sample(ArrayView samples, std::size_t i, double divisor) {
  scale_into(samples.rows(i, 1), divisor, input_.flat());
}

// drive_ holds W v; leaves p in gain_ (work space), o in activity_ and r in reconstruction_.
template <class T>
void TopographicMap<T>::respond(std::uint64_t step) {
  const std::size_t units = rows_ * columns_;
  Tensor<T>& p = gain_;
  for (std::size_t n = 0; n < units; ++n) p(n) = drive_(n) - thresholds_(n);
  kernels::logistic<T>(p.view(), p.view());
  lateral_sum(p.data(), lateral_.data());
  for (std::size_t n = 0; n < units; ++n) activity_(n) = drive_(n) + lateral_(n) - thresholds_(n);
  kernels::logistic<T>(activity_.view(), activity_.view());
  kernels::weighted_sum_of_rows<T>(weights_.view(), activity_.view(), reconstruction_.view());
  if (const std::size_t bad = first_non_finite(ArrayView(reconstruction_.view())); bad < reconstruction_.size())
    throw NumericError("topographic_map.reconstruction", step, bad,
                       "lower model.learning_rate, or use fidelity = \"corrected\"");
}

template <class T>
void TopographicMap<T>::adapt_thresholds() {
  const T rate = static_cast<T>(params_.threshold_rate), wanted = static_cast<T>(params_.sparsity);
  for (std::size_t n = 0; n < thresholds_.size(); ++n) thresholds_(n) += (activity_(n) - wanted) * rate;
}

template <class T>
void TopographicMap<T>::observe(ArrayView samples, double divisor, const Context& context, WorkerPool&) {
  const std::size_t inputs = weights_.shape()[1];
  if (samples.shape().axes() < 1 || samples.size() != samples.shape()[0] * inputs)
    throw ShapeError("samples", "[n, " + std::to_string(inputs) + "]", to_string(samples.shape()));
  const std::size_t count = samples.shape()[0];
  if (count == 0) return;
  require_non_negative(samples);

  // One sweep over W per sample does two things: the update from this sample and the product with the next.
  // With zero gain the sweep is the plain product (weights keep their bits), and after the last sample the product
  // is not used; so it does not matter how samples are cut into calls.
  const T rate = static_cast<T>(params_.learning_rate), smallest = static_cast<T>(params_.precision);
  const auto sweep = [&](bool clip) {
    kernels::update_rows_and_project<T>(weights_.view(),
                                        {gain_.view(), direction_.view(), largest_growth_, clip, smallest},
                                        input_.view(), drive_.view());
  };
  gain_.fill(0);
  direction_.fill(0);
  load_sample(samples, 0, divisor);
  sweep(false);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t step = context.step + i;
    respond(step);
    for (std::size_t j = 0; j < inputs; ++j)
      direction_(j) = (input_(j) - reconstruction_(j)) / std::max(reconstruction_(j), smallest);
    for (std::size_t n = 0; n < gain_.size(); ++n) gain_(n) = rate * activity_(n);
    adapt_thresholds();
    if (i + 1 < count) load_sample(samples, i + 1, divisor);
    sweep(step % clip_every_ == 0);
  }
}

template <class T>
NamedArrays TopographicMap<T>::outputs(ArrayView x, const Context& context) const {
  const std::size_t units = rows_ * columns_, inputs = weights_.shape()[1];
  if (x.shape().axes() < 1 || x.size() != x.shape()[0] * inputs)
    throw ShapeError("images", "[n, " + std::to_string(inputs) + "]", to_string(x.shape()));
  const std::size_t n = x.shape()[0];
  Tensor<T> images = to_tensor<T>(x);
  Tensor<T> drive(Shape{n, units}), p(drive.shape()), o(drive.shape()), r(Shape{n, inputs});
  kernels::gemm<T>(1, images.view().reshaped({n, inputs}), kernels::Op::none, weights_.view(), kernels::Op::transpose,
                   0, drive.view());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t u = 0; u < units; ++u) p(i, u) = drive(i, u) - thresholds_(u);
    kernels::logistic<T>(p.view()[i], p.view()[i]);
    lateral_sum(p.view()[i].data(), o.view()[i].data());
    for (std::size_t u = 0; u < units; ++u) o(i, u) = drive(i, u) + o(i, u) - thresholds_(u);
    kernels::logistic<T>(o.view()[i], o.view()[i]);
  }
  kernels::gemm<T>(1, o.view(), kernels::Op::none, weights_.view(), kernels::Op::none, 0, r.view());
  if (const std::size_t bad = first_non_finite(ArrayView(r.view())); bad < r.size())
    throw NumericError("topographic_map.reconstruction", context.step, bad);
  NamedArrays named;
  named.emplace_back("feedforward", Array(p));
  named.emplace_back("activity", Array(o));
  named.emplace_back("reconstruction", Array(r));
  return named;
}

template class TopographicMap<float>;
template class TopographicMap<double>;

void register_topographic_map(Registry& registry) {
  registry
      .add<TopographicMapParams>("model", "topographic_map",
                                 "Sparse coding on a grid with lateral excitation, learned one sample at a time.")
      .makes<Model>([](const TopographicMapParams& params) {
        return with_floating(floating_dtype(params.scalar), [&]<class T>() -> std::unique_ptr<Model> {
          return std::make_unique<TopographicMap<T>>(params);
        });
      });
}

}  // namespace neurarium
