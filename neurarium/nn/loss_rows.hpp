// What losses have in common: answers as rows of targets, and a walk over the samples. For the files of losses only.
#pragma once

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/nn/loss.hpp"

namespace neurarium {

void register_losses_of_steps(Registry& registry);
void register_losses_of_first_spikes(Registry& registry);

namespace loss_rows {

inline bool are_labels(ArrayView answers) { return answers.dtype() == DType::i64 && answers.shape().axes() == 1; }

/// How often the outputs of a sample are told the same answer: [steps, k].
inline std::size_t steps_of(const Shape& outputs) { return outputs.axes() == 2 ? outputs[0] : 1; }

inline void require_label(std::int64_t label, std::size_t outputs, const std::string& source, std::size_t sample) {
  const std::size_t classes = std::max<std::size_t>(outputs, 2);
  if (label >= 0 && label < static_cast<std::int64_t>(classes)) return;
  throw DataError(source,
                  "label " + std::to_string(label) + " of sample " + std::to_string(sample) + " is outside 0 … " +
                      std::to_string(classes - 1),
                  "the network needs one output per class; labels are 0, 1, 2 …");
}

/// Targets of n samples of k numbers, or of as many as there are classes, the same at every step.
inline void require_width(ArrayView answers, std::size_t n, std::size_t k, std::size_t classes,
                          const std::string& source) {
  if (answers.size() == n * k || answers.size() == n * classes) return;
  throw ShapeError(source + ": targets", to_string(Shape{n, classes}), to_string(answers.shape()),
                   answers.shape().axes() == 1 ? "one number per output, or labels as whole numbers (int64)" : "");
}

/// DataError unless targets are the classes' shares, 0 or more.
inline void require_shares(ArrayView answers, const std::string& source, const std::string& loss) {
  if (are_labels(answers)) return;
  const Tensor<double> shares = to_tensor<double>(answers);
  const auto bad = std::ranges::find_if(shares.flat(), [](double t) { return t < 0; });
  if (bad == shares.flat().end()) return;
  const std::size_t each = shares.size() / answers.shape()[0];
  throw DataError(source,
                  "target " + short_digits(*bad, 4) + " of sample " +
                      std::to_string(static_cast<std::size_t>(bad - shares.flat().begin()) / each) + " is below 0",
                  "targets of " + loss + " are the classes' shares; squared_error takes any numbers");
}

/// Answers as target rows [n, all numbers of an output], whatever form they came in.
template <class T>
Tensor<T> targets_of(View<const T> outputs, ArrayView answers) {
  const std::size_t n = outputs.shape()[0], k = outputs.size() / std::max<std::size_t>(n, 1);
  const std::size_t steps = steps_of(outputs.shape().tail()), classes = k / steps;
  Tensor<T> targets(Shape{n, k});
  if (answers.shape().axes() == 0 || answers.shape()[0] != n)
    throw ShapeError("answers", std::to_string(n) + " answers, one per sample", to_string(answers.shape()));
  if (are_labels(answers)) {
    const auto labels = answers.as<std::int64_t>();
    for (std::size_t i = 0; i < n; ++i) {
      require_label(labels(i), classes, "answers", i);
      for (std::size_t s = 0; s < steps; ++s)
        if (classes == 1) targets(i, s) = static_cast<T>(labels(i));
        else targets(i, s * classes + static_cast<std::size_t>(labels(i))) = 1;
    }
    return targets;
  }
  require_width(answers, n, k, classes, "answers");
  const Tensor<T> given = to_tensor<T>(answers);
  const std::size_t width = n == 0 ? k : given.size() / n;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t first = 0; first < k; first += width)
      std::ranges::copy(given.flat().subspan(i * width, width), targets.data() + i * k + first);
  return targets;
}

template <class T>
std::vector<T> sum_over_steps(std::span<const T> rows, std::size_t steps) {
  const std::size_t classes = rows.size() / steps;
  std::vector<T> sum(classes);
  for (std::size_t e = 0; e < rows.size(); ++e) sum[e % classes] += rows[e];
  return sum;
}

/// Whether the most active output is the right one; of outputs at several steps, by their sums.
template <class T>
bool is_correct(std::span<const T> outputs, std::span<const T> targets, std::size_t steps) {
  if (steps > 1) {
    const std::vector<T> y = sum_over_steps(outputs, steps), t = sum_over_steps(targets, steps);
    const T half = T{0.5} * static_cast<T>(steps);
    if (y.size() == 1) return (y[0] > half) == (t[0] > half);
    return is_correct<T>(y, t, 1);
  }
  if (outputs.size() == 1) return (outputs[0] > T{0.5}) == (targets[0] > T{0.5});
  const auto strongest = [](std::span<const T> row) { return std::ranges::max_element(row) - row.begin(); };
  return strongest(outputs) == strongest(targets);
}

/// Walks the rows; `row_loss(outputs, targets, gradient)` gives one sample's loss, `right(outputs, targets, steps)` whether it counts as
/// answered.
template <class T, class RowLoss, class Right>
Evaluation evaluate_rows(View<const T> outputs, ArrayView answers, Tensor<T>* gradient, RowLoss row_loss, Right right) {
  const Tensor<T> targets = targets_of(outputs, answers);
  const std::size_t n = targets.shape()[0], k = targets.shape()[1], steps = steps_of(outputs.shape().tail());
  if (gradient) gradient->resize(outputs.shape());
  Evaluation result{0, 0, answers.dtype() == DType::i64, n};
  for (std::size_t i = 0; i < n; ++i) {
    const auto y = outputs.flat().subspan(i * k, k);
    const auto t = targets.flat().subspan(i * k, k);
    result.loss += row_loss(y, t, gradient ? gradient->flat().subspan(i * k, k) : std::span<T>{});
    if (result.has_accuracy) result.correct += right(y, t, steps);
  }
  return result;
}
template <class T, class RowLoss>
Evaluation evaluate_rows(View<const T> outputs, ArrayView answers, Tensor<T>* gradient, RowLoss row_loss) {
  return evaluate_rows<T>(outputs, answers, gradient, row_loss, is_correct<T>);
}

/// weight · −Σ_j answer(j) ln softmax(z)_j; writes ∂/∂z to g unless that is empty.
template <class T, class Answer>
double cross_entropy(std::span<const T> z, std::span<T> g, double weight, const Answer& answer) {
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
    g[j] = static_cast<T>(weight * (mass * std::exp(static_cast<double>(z[j]) - log_sum) - answer(j)));
  return weight * loss;
}

template <template <class> class L>
void add(Registry& registry, const char* type, const char* doc) {
  using Params = typename L<float>::Params;
  registry.add<Params>("loss", type, doc)
      .template makes<Loss<float>>([](const Params& p) { return std::make_unique<L<float>>(p); })
      .template makes<Loss<double>>([](const Params& p) { return std::make_unique<L<double>>(p); });
}

}  // namespace loss_rows
}  // namespace neurarium
