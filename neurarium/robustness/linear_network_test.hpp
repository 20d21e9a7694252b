// Networks written down by hand for tests of attacks: z = W x + b, with its input gradient, or without one.
#pragma once

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/attack.hpp"

namespace neurarium {

/// z = W x + b for W [k, d].
template <class T>
class LinearNetwork : public Differentiable {
 public:
  LinearNetwork(Tensor<double> weights, std::vector<double> biases)
      : weights_(std::move(weights)), biases_(std::move(biases)) {}
  /// Weights and biases uniform in ±size.
  LinearNetwork(std::size_t classes, std::size_t inputs, double size, std::uint64_t seed)
      : weights_(Shape{classes, inputs}), biases_(classes) {
    fill_uniform(Stream(seed, "weights"), {}, -size, size, weights_.flat());
    fill_uniform(Stream(seed, "biases"), {}, -size, size, biases_);
  }
  DType scalar() const override { return dtype_of<T>(); }
  Shape input_shape() const override { return {weights_.shape()[1]}; }
  std::vector<NamedView> parameters() override { return {}; }
  NamedArrays outputs(const Samples& samples, const Context& context) const override {
    Tape tape;
    return {{"logits", Array(logits(samples.numbers(), context, tape))}};
  }
  ArrayView logits(ArrayView x, const Context&, Tape& tape) const override {
    const std::size_t n = x.shape()[0], k = weights_.shape()[0], d = weights_.shape()[1];
    const auto from = View<const T>(reinterpret_cast<const T*>(x.data()), {n, d});
    Array& z = tape.cache<Pass>().logits = Array(dtype_of<T>(), {n, k});
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t c = 0; c < k; ++c) z.as<T>()(i, c) = static_cast<T>(logit(from[i].flat(), c));
    return z;
  }
  ArrayView pull_back(ArrayView cotangent, const Tape& tape) const override {
    const std::size_t n = cotangent.shape()[0], k = weights_.shape()[0], d = weights_.shape()[1];
    Array& gradient = tape.cache<Pass>().gradient = Array(dtype_of<T>(), {n, d});
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < d; ++j) {
        double sum = 0;
        for (std::size_t c = 0; c < k; ++c) sum += static_cast<double>(cotangent.as<T>()(i, c)) * weights_(c, j);
        gradient.as<T>()(i, j) = static_cast<T>(sum);
      }
    return gradient;
  }
  double logit(std::span<const T> x, std::size_t c) const {
    double sum = biases_[c];
    for (std::size_t j = 0; j < x.size(); ++j) sum += weights_(c, j) * static_cast<double>(x[j]);
    return sum;
  }
  std::int64_t answer(std::span<const T> x) const {
    std::size_t best = 0;
    for (std::size_t c = 1; c < biases_.size(); ++c)
      if (logit(x, c) > logit(x, best)) best = c;
    return static_cast<std::int64_t>(best);
  }
  /// How far x is from the border with class c, were there no bounds: |z_c − z_y| / |w_c − w_y|_q.
  double radius(std::span<const T> x, std::size_t c, Norm norm) const {
    const auto y = static_cast<std::size_t>(answer(x));
    double sum = 0, squares = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double w = weights_(c, j) - weights_(y, j);
      sum += std::abs(w), squares += w * w;
    }
    return (logit(x, y) - logit(x, c)) / (norm == Norm::linf ? sum : std::sqrt(squares));
  }
  /// … from the nearest border.
  double radius(std::span<const T> x, Norm norm) const {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < biases_.size(); ++c)
      if (c != static_cast<std::size_t>(answer(x))) nearest = std::min(nearest, radius(x, c, norm));
    return nearest;
  }

 private:
  struct Pass {
    Array logits;
    mutable Array gradient;
  };
  Tensor<double> weights_;
  std::vector<double> biases_;
};

/// Two classes, without gradients: answers what it is told, by the number of samples in the pass, the row among them and the context.
class ToldNetwork : public Model {
 public:
  using Answer = std::function<std::size_t(std::size_t samples, std::size_t row, const Context& context)>;
  explicit ToldNetwork(Answer answer, std::size_t inputs = 2) : answer_(std::move(answer)), inputs_(inputs) {}
  DType scalar() const override { return DType::f64; }
  Shape input_shape() const override { return {inputs_}; }
  std::vector<NamedView> parameters() override { return {}; }
  NamedArrays outputs(const Samples& samples, const Context& context) const override {
    const std::size_t n = samples.numbers().shape()[0];
    Tensor<double> z(Shape{n, 2});
    for (std::size_t i = 0; i < n; ++i) z(i, answer_(n, i, context)) = 1;
    return {{"logits", Array(z.view())}};
  }

 private:
  Answer answer_;
  std::size_t inputs_;
};

/// Samples uniform in `low` … `high`, answered rightly by the network, and what an attack left of them.
template <class T>
struct Trial {
  Tensor<T> x, changed;
  std::vector<std::int64_t> labels;
  std::vector<std::uint64_t> ids;
  AttackTask<T> task;
  std::vector<bool> fooled;
  GradientTally tally;
  std::size_t queries = 0;

  Trial(const LinearNetwork<T>& network, std::size_t samples, double low, double high, const Bounds& bounds,
        Shape entry = {})
      : x(Shape{samples, network.input_shape()[0]}), changed(x.shape()) {
    fill_uniform(Stream(11, "samples"), {}, low, high, x.flat());
    for (std::size_t i = 0; i < samples; ++i) {
      labels.push_back(network.answer(std::as_const(x).view()[i].flat()));
      ids.push_back(i);
    }
    task = {std::as_const(x).view(), labels, ids, entry.axes() ? entry : network.input_shape(), 0, bounds, 7};
  }
  Trial(const Trial&) = delete;

  /// Runs the attack on all samples, `shard` of them at a time, and asks the network what it thinks of the results.
  void run(const Attack<T>& attack, const Model& network, double epsilon = 0, std::size_t shard = 1000) {
    Target<T> target(network, 0);
    fooled.assign(labels.size(), false);
    for (std::size_t first = 0; first < labels.size(); first += shard) {
      const std::size_t count = std::min(shard, labels.size() - first);
      AttackTask<T> part = task;
      part.epsilon = epsilon;
      part.x = task.x.rows(first, count);
      part.labels = task.labels.subspan(first, count), part.ids = task.ids.subspan(first, count);
      attack.run(target, part, changed.view().rows(first, count));
    }
    tally = target.tally(), queries = target.queries();
    const View<const T> z = target.logits(std::as_const(changed).view());
    for (std::size_t i = 0; i < labels.size(); ++i) fooled[i] = is_fooled(z, i, labels[i]);
  }
  std::span<const T> sample(std::size_t i) const { return x.view()[i].flat(); }
  std::span<const T> result(std::size_t i) const { return changed.view()[i].flat(); }
  bool within_bounds() const {
    return std::ranges::all_of(changed.flat(), [&](T v) {
      return v >= static_cast<T>(task.bounds.low) && v <= static_cast<T>(task.bounds.high);
    });
  }
};

}  // namespace neurarium
