#include "neurarium/nn/loss.hpp"

#include "neurarium/core/digits.hpp"
#include "neurarium/nn/loss_rows.hpp"

namespace neurarium {

using namespace loss_rows;

namespace {

struct SquaredErrorParams {
  static Schema fields() { return Schema::of<SquaredErrorParams>({}); }
};

struct CrossEntropyParams {
  double label_smoothing = 0;
  static Schema fields() {
    return Schema::of<CrossEntropyParams>({
        field("label_smoothing", &CrossEntropyParams::label_smoothing,
              "ε: answers become (1 − ε) t + ε/k, so that logits need not grow without end.")
            .at_least(0)
            .below(1),
    });
  }
};

template <class T>
class SquaredError : public Loss<T> {
 public:
  using Params = SquaredErrorParams;
  explicit SquaredError(const Params&) {}
  Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const override {
    return evaluate_rows(outputs, answers, gradient, [](std::span<const T> y, std::span<const T> t, std::span<T> g) {
      double sum = 0;
      for (std::size_t j = 0; j < y.size(); ++j) {
        const T difference = y[j] - t[j];
        sum += 0.5 * static_cast<double>(difference) * static_cast<double>(difference);
        if (!g.empty()) g[j] = difference;
      }
      return sum;
    });
  }
};

template <class T>
class CrossEntropy : public Loss<T> {
 public:
  using Params = CrossEntropyParams;
  explicit CrossEntropy(const Params& params) : smoothing_(params.label_smoothing) {}
  void require_outputs(const Shape& outputs) const override {
    if (outputs.axes() == 2)
      throw ShapeError("model.loss: outputs of cross_entropy", "[classes]", to_string(outputs),
                       "for [steps, classes] use time_averaged_cross_entropy");
    if (outputs.elements() < 2)
      throw ShapeError("model.loss: outputs of cross_entropy", "[2] or more, one per class", to_string(outputs),
                       "give the last layer units = 2, or use squared_error with a logistic output");
  }
  void require_answers(ArrayView answers, const Shape& outputs, const std::string& source) const override {
    Loss<T>::require_answers(answers, outputs, source);
    require_shares(answers, source, "cross_entropy");
  }
  bool reads_logits() const override { return true; }
  Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const override {
    return evaluate_rows(outputs, answers, gradient, [&](std::span<const T> z, std::span<const T> t, std::span<T> g) {
      const double keep = 1 - smoothing_, spread = smoothing_ / static_cast<double>(z.size());
      return cross_entropy<T>(z, g, 1, [&](std::size_t j) { return keep * static_cast<double>(t[j]) + spread; });
    });
  }

 private:
  double smoothing_;
};

}  // namespace

template <class T>
void Loss<T>::require_answers(ArrayView answers, const Shape& outputs, const std::string& source) const {
  if (answers.shape().axes() == 0 || answers.shape()[0] == 0) throw DataError(source, "there are no answers y");
  const std::size_t n = answers.shape()[0], k = outputs.elements(), classes = k / steps_of(outputs);
  if (are_labels(answers)) {
    for (std::size_t i = 0; i < n; ++i) require_label(answers.as<std::int64_t>()(i), classes, source, i);
    return;
  }
  require_width(answers, n, k, classes, source);
  if (const std::size_t bad = first_non_finite(answers); bad < answers.size())
    throw DataError(source,
                    "a target of sample " + std::to_string(bad * n / answers.size()) + " is not a finite number");
}

template void Loss<float>::require_answers(ArrayView, const Shape&, const std::string&) const;
template void Loss<double>::require_answers(ArrayView, const Shape&, const std::string&) const;

void register_losses(Registry& registry) {
  add<SquaredError>(registry, "squared_error", "E = ½ Σ (y − t)², summed over outputs and samples.");
  add<CrossEntropy>(registry, "cross_entropy",
                    "E = −Σ t ln softmax(z): cross-entropy from logits, two or more outputs.");
  register_losses_of_steps(registry);
  register_losses_of_first_spikes(registry);
}

}  // namespace neurarium
