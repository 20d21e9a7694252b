#include "neurarium/robustness/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "neurarium/nn/classes.hpp"

namespace neurarium {
namespace {

double margin_of(std::span<const double> p) {
  double first = 0, second = 0;
  for (const double x : p) {
    second = std::max(second, std::min(first, x));
    first = std::max(first, x);
  }
  return first - second;
}

double log_sum_exp(std::span<const double> z) {
  const double most = std::ranges::max(z);
  double sum = 0;
  for (const double x : z) sum += std::exp(x - most);
  return most + std::log(sum);
}

template <class Of>
std::vector<double> each_row(View<const double> rows, const Of& of) {
  std::vector<double> out(rows.shape()[0]);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = of(rows[i].flat());
  return out;
}

}  // namespace

const std::vector<std::string>& score_names() {
  static const std::vector<std::string> names = {"max-softmax", "margin", "energy", "support"};
  return names;
}

std::vector<std::string> score_names(const Answers& answers) {
  std::vector<std::string> names = score_names();
  if (answers.support.empty()) names.pop_back();
  return names;
}

std::vector<double> familiarity(std::string_view score, const Answers& answers) {
  const Shape& shape = answers.logits.shape();
  if (shape.axes() != 2 || shape[1] == 0) throw ShapeError("logits", "[samples, classes]", to_string(shape));
  const View<const double> logits = answers.logits.view();
  if (score == "max-softmax") return largest_of(softmax(logits).view());
  if (score == "margin") return each_row(softmax(logits).view(), margin_of);
  if (score == "energy") return each_row(logits, log_sum_exp);
  if (score == "support") {
    if (answers.support.empty())
      throw SpecError("the score 'support' needs a network with finite Gaussian layers; this one has none",
                      "convert it, or use max-softmax, margin or energy");
    if (answers.support.size() != shape[0])
      throw ShapeError("support", to_string(Shape{shape[0]}), to_string(Shape{answers.support.size()}));
    return answers.support;
  }
  const std::string near = nearest(score, score_names());
  throw SpecError(
      "there is no score '" + std::string(score) + "'",
      near.empty() ? "the scores are max-softmax, margin, energy and support" : "did you mean " + near + "?");
}

std::vector<double> largest_of(View<const double> probabilities) {
  return each_row(probabilities, [](std::span<const double> p) { return std::ranges::max(p); });
}

double mean_of(const std::vector<double>& numbers) {
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

}  // namespace neurarium
