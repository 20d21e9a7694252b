#include "neurarium/nn/loss.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"

namespace neurarium {
namespace {

bool are_labels(ArrayView answers) { return answers.dtype() == DType::i64 && answers.shape().axes() == 1; }

std::size_t classes_of(std::size_t outputs) { return std::max<std::size_t>(outputs, 2); }

void require_label(std::int64_t label, std::size_t outputs, const std::string& source, std::size_t sample) {
  if (label >= 0 && label < static_cast<std::int64_t>(classes_of(outputs))) return;
  throw DataError(source,
                  "label " + std::to_string(label) + " of sample " + std::to_string(sample) + " is outside 0 … " +
                      std::to_string(classes_of(outputs) - 1),
                  "the network needs one output per class; labels are 0, 1, 2 …");
}

void require_width(ArrayView answers, std::size_t n, std::size_t outputs, const std::string& source) {
  if (answers.size() == n * outputs) return;
  throw ShapeError(source + ": targets", to_string(Shape{n, outputs}), to_string(answers.shape()),
                   answers.shape().axes() == 1 ? "one number per output, or labels as whole numbers (int64)" : "");
}

/// Answers as target rows, whatever form they came in.
template <class T>
Tensor<T> targets_of(View<const T> outputs, ArrayView answers) {
  const std::size_t n = outputs.shape()[0], k = outputs.size() / std::max<std::size_t>(n, 1);
  Tensor<T> targets(Shape{n, k});
  if (answers.shape().axes() == 0 || answers.shape()[0] != n)
    throw ShapeError("answers", std::to_string(n) + " answers, one per sample", to_string(answers.shape()));
  if (are_labels(answers)) {
    const auto labels = answers.as<std::int64_t>();
    for (std::size_t i = 0; i < n; ++i) {
      require_label(labels(i), k, "answers", i);
      if (k == 1) targets(i, std::size_t{0}) = static_cast<T>(labels(i));
      else targets(i, static_cast<std::size_t>(labels(i))) = 1;
    }
    return targets;
  }
  require_width(answers, n, k, "answers");
  targets = to_tensor<T>(answers);
  targets.resize(Shape{n, k});
  return targets;
}

template <class T>
bool is_correct(std::span<const T> outputs, std::span<const T> targets) {
  if (outputs.size() == 1) return (outputs[0] > T{0.5}) == (targets[0] > T{0.5});
  const auto strongest = [](std::span<const T> row) { return std::ranges::max_element(row) - row.begin(); };
  return strongest(outputs) == strongest(targets);
}

/// Walks the rows; `row_loss(outputs, targets, gradient)` gives one sample's loss.
template <class T, class RowLoss>
Evaluation evaluate_rows(View<const T> outputs, ArrayView answers, Tensor<T>* gradient, RowLoss row_loss) {
  const Tensor<T> targets = targets_of(outputs, answers);
  const std::size_t n = targets.shape()[0], k = targets.shape()[1];
  if (gradient) gradient->resize(outputs.shape());
  Evaluation result{0, 0, answers.dtype() == DType::i64, n};
  for (std::size_t i = 0; i < n; ++i) {
    const auto y = outputs.flat().subspan(i * k, k);
    const auto t = targets.flat().subspan(i * k, k);
    result.loss += row_loss(y, t, gradient ? gradient->flat().subspan(i * k, k) : std::span<T>{});
    if (result.has_accuracy) result.correct += is_correct<T>(y, t);
  }
  return result;
}

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
    if (outputs.elements() < 2)
      throw ShapeError("model.loss: outputs of cross_entropy", "[2] or more, one per class", to_string(outputs),
                       "give the last layer units = 2, or use squared_error with a logistic output");
  }
  void require_answers(ArrayView answers, std::size_t outputs, const std::string& source) const override {
    Loss<T>::require_answers(answers, outputs, source);
    if (are_labels(answers)) return;
    const Tensor<double> shares = to_tensor<double>(answers);
    const auto bad = std::ranges::find_if(shares.flat(), [](double t) { return t < 0; });
    if (bad != shares.flat().end())
      throw DataError(source,
                      "target " + short_digits(*bad, 4) + " of sample " +
                          std::to_string(static_cast<std::size_t>(bad - shares.flat().begin()) / outputs) +
                          " is below 0",
                      "targets of cross_entropy are the classes' shares; squared_error takes any numbers");
  }
  bool reads_logits() const override { return true; }
  Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const override {
    return evaluate_rows(outputs, answers, gradient, [&](std::span<const T> z, std::span<const T> t, std::span<T> g) {
      const double keep = 1 - smoothing_, spread = smoothing_ / static_cast<double>(z.size());
      const auto answer = [&](std::size_t j) { return keep * static_cast<double>(t[j]) + spread; };
      // ln Σ exp(z) from the largest logit on: no overflow.
      const double largest = static_cast<double>(*std::ranges::max_element(z));
      double sum = 0, loss = 0, mass = 0;
      for (const T x : z) sum += std::exp(static_cast<double>(x) - largest);
      const double log_sum = largest + std::log(sum);
      for (std::size_t j = 0; j < z.size(); ++j) {
        loss += answer(j) * (log_sum - static_cast<double>(z[j]));
        mass += answer(j);
      }
      for (std::size_t j = 0; j < g.size(); ++j)
        g[j] = static_cast<T>(mass * std::exp(static_cast<double>(z[j]) - log_sum) - answer(j));
      return loss;
    });
  }

 private:
  double smoothing_;
};

template <template <class> class L>
void add(Registry& registry, const char* type, const char* doc) {
  using Params = typename L<float>::Params;
  registry.add<Params>("loss", type, doc)
      .template makes<Loss<float>>([](const Params& p) { return std::make_unique<L<float>>(p); })
      .template makes<Loss<double>>([](const Params& p) { return std::make_unique<L<double>>(p); });
}

}  // namespace

template <class T>
void Loss<T>::require_answers(ArrayView answers, std::size_t outputs, const std::string& source) const {
  if (answers.shape().axes() == 0 || answers.shape()[0] == 0) throw DataError(source, "there are no answers y");
  const std::size_t n = answers.shape()[0];
  if (are_labels(answers)) {
    for (std::size_t i = 0; i < n; ++i) require_label(answers.as<std::int64_t>()(i), outputs, source, i);
    return;
  }
  require_width(answers, n, outputs, source);
  if (const std::size_t bad = first_non_finite(answers); bad < answers.size())
    throw DataError(source, "a target of sample " + std::to_string(bad / outputs) + " is not a finite number");
}

template void Loss<float>::require_answers(ArrayView, std::size_t, const std::string&) const;
template void Loss<double>::require_answers(ArrayView, std::size_t, const std::string&) const;

void register_losses(Registry& registry) {
  add<SquaredError>(registry, "squared_error", "E = ½ Σ (y − t)², summed over outputs and samples.");
  add<CrossEntropy>(registry, "cross_entropy",
                    "E = −Σ t ln softmax(z): cross-entropy from logits, two or more outputs.");
}

}  // namespace neurarium
