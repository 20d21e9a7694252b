#include "neurarium/models/topographic_map/topographic_map.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/gemm.hpp"

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
      field("activity_floor", &P::activity_floor,
            "Units whose activity is not above it neither reconstruct nor learn in that step; 0 = all do.")
          .at_least(0)
          .below(1),
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

template <class T>
topographic::Rule<T> rule_of(const TopographicMapParams& params) {
  const std::size_t missing = mends(params, "neighbourhood") ? 0 : 1;
  topographic::Rule<T> rule;
  rule.rows = size_of(params.rows);
  rule.columns = size_of(params.columns);
  rule.radius = size_of(params.radius);
  rule.source_rows = rule.rows - missing;
  rule.source_columns = rule.columns - missing;
  rule.learning_rate = static_cast<T>(params.learning_rate);
  rule.threshold_rate = static_cast<T>(params.threshold_rate);
  rule.sparsity = static_cast<T>(params.sparsity);
  rule.precision = static_cast<T>(params.precision);
  rule.largest_growth = mends(params, "growth") ? T{1} : std::numeric_limits<T>::infinity();
  rule.activity_floor = static_cast<T>(params.activity_floor);
  rule.clip_every = mends(params, "clipping") ? 1 : 100;
  return rule;
}

std::size_t inputs_of(const TopographicMapParams& params) {
  std::size_t inputs = size_of(params.inputs);
  if (params.weights.given() && inputs == 0 && params.weights.array->shape().axes() == 2)
    inputs = params.weights.array->shape()[1];
  if (inputs == 0)
    throw SpecError("model.inputs: the map does not know how many numbers an image has", "give inputs = 300, say");
  return inputs;
}

}  // namespace

template <class T>
TopographicMap<T>::TopographicMap(const Params& params)
    : rule_(rule_of<T>(params)), learner_(rule_, inputs_of(params)) {
  if (!(params.initial_low <= params.initial_high))
    throw SpecError("model.initial_low is above model.initial_high", "give initial_low ≤ initial_high");
  const std::size_t units = rule_.rows * rule_.columns;
  const Shape shape{units, inputs_of(params)};
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
}

template <class T>
void TopographicMap<T>::observe(ArrayView samples, double divisor, const Context& context, WorkerPool& pool) {
  const std::size_t inputs = weights_.shape()[1];
  if (samples.shape().axes() < 1 || samples.size() != samples.shape()[0] * inputs)
    throw ShapeError("samples", "[n, " + std::to_string(inputs) + "]", to_string(samples.shape()));
  if (samples.shape()[0] == 0) return;
  require_non_negative(samples);
  const auto failure = learner_.observe(weights_.view(), thresholds_.view(), {samples, divisor, context.step}, pool);
  if (failure.found)
    throw NumericError("topographic_map.reconstruction", context.step + failure.sample, failure.index,
                       "lower model.learning_rate, or use fidelity = \"corrected\"");
}

template <class T>
std::vector<std::pair<std::string, std::string>> TopographicMap<T>::choices() const {
  const topographic::Plan& plan = learner_.plan();
  return {{"topographic_map: order of sweeps", plan.wave ? "row wave" : "two passes"},
          {"topographic_map: most threads that share a sweep", std::to_string(plan.chunks.size())}};
}

template <class T>
NamedArrays TopographicMap<T>::outputs(const Samples& samples, const Context& context) const {
  const std::size_t units = weights_.shape()[0], inputs = weights_.shape()[1];
  const ArrayView x = samples.numbers();
  if (x.shape().axes() < 1 || x.size() != x.shape()[0] * inputs)
    throw ShapeError("images", "[n, " + std::to_string(inputs) + "]", to_string(x.shape()));
  const std::size_t n = x.shape()[0];
  const Tensor<T> images = to_tensor<T>(x);
  Tensor<T> drive(Shape{n, units}), p(drive.shape()), o(drive.shape()), r(Shape{n, inputs});
  kernels::gemm<T>(1, images.view().reshaped({n, inputs}), kernels::Op::none, weights_.view(), kernels::Op::transpose,
                   0, drive.view());
  topographic::respond<T>(rule_, thresholds_.view(), drive.view(), p.view(), o.view());
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
