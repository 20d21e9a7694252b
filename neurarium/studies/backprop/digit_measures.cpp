#include "neurarium/studies/backprop/digit_measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "neurarium/nn/classes.hpp"

namespace neurarium {
namespace {

std::size_t best_of(std::span<const double> scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

double share(std::size_t part, std::size_t whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole) : std::numeric_limits<double>::quiet_NaN();
}

void require_labels(View<const double> scores, std::span<const std::int64_t> labels) {
  const Shape& shape = scores.shape();
  if (shape.axes() != 2 || shape[0] != labels.size())
    throw ShapeError("scores", "[" + std::to_string(labels.size()) + ", classes]", to_string(shape));
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= shape[1])
      throw DataError(
          "label of sample " + std::to_string(i),
          "is " + std::to_string(labels[i]) + ", but the network has " + std::to_string(shape[1]) + " outputs",
          "labels are 0 … outputs − 1");
}

}  // namespace

Confusion::Confusion(View<const double> scores, std::span<const std::int64_t> labels) {
  require_labels(scores, labels);
  counts.assign(scores.shape()[1], std::vector<std::size_t>(scores.shape()[1]));
  for (std::size_t i = 0; i < labels.size(); ++i)
    ++counts[static_cast<std::size_t>(labels[i])][best_of(scores[i].flat())];
}

std::size_t Confusion::samples() const {
  std::size_t sum = 0;
  for (std::size_t k = 0; k < classes(); ++k) sum += of_answer(k);
  return sum;
}

std::size_t Confusion::right() const {
  std::size_t sum = 0;
  for (std::size_t k = 0; k < classes(); ++k) sum += counts[k][k];
  return sum;
}

double Confusion::accuracy() const { return share(right(), samples()); }

std::size_t Confusion::of_answer(std::size_t k) const {
  return std::accumulate(counts[k].begin(), counts[k].end(), std::size_t{0});
}

std::size_t Confusion::of_prediction(std::size_t k) const {
  std::size_t sum = 0;
  for (const auto& row : counts) sum += row[k];
  return sum;
}

double Confusion::recall(std::size_t k) const { return share(counts[k][k], of_answer(k)); }
double Confusion::precision(std::size_t k) const { return share(counts[k][k], of_prediction(k)); }

std::vector<Confusion::Pair> Confusion::mixed_up() const {
  std::vector<Pair> pairs;
  for (std::size_t a = 0; a < classes(); ++a)
    for (std::size_t p = 0; p < classes(); ++p)
      if (a != p && counts[a][p] > 0) pairs.push_back({a, p, counts[a][p]});
  std::ranges::stable_sort(pairs, [](const Pair& x, const Pair& y) { return x.count > y.count; });
  return pairs;
}

std::vector<std::size_t> errors_of(View<const double> scores, std::span<const std::int64_t> labels) {
  require_labels(scores, labels);
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (best_of(scores[i].flat()) != static_cast<std::size_t>(labels[i])) wrong.push_back(i);
  return wrong;
}

Calibration::Calibration(View<const double> probabilities, std::span<const std::int64_t> labels, std::size_t count)
    : bins(count) {
  require_labels(probabilities, labels);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto p = probabilities[i].flat();
    const std::size_t best = best_of(p);
    const double place = std::ceil(p[best] * static_cast<double>(count)) - 1;
    Bin& bin = bins[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(count - 1)))];
    ++bin.samples;
    bin.confidence += p[best];
    bin.accuracy += best == static_cast<std::size_t>(labels[i]) ? 1 : 0;
    confidence += p[best] / static_cast<double>(labels.size());
  }
  for (Bin& bin : bins) {
    if (bin.samples == 0) continue;
    const auto n = static_cast<double>(bin.samples);
    bin.confidence /= n;
    bin.accuracy /= n;
    const double distance = std::abs(bin.accuracy - bin.confidence);
    expected_error += n / static_cast<double>(labels.size()) * distance;
    largest_error = std::max(largest_error, distance);
  }
}

std::array<std::string, 2> error_title(std::span<const double> scores, std::int64_t answer) {
  std::string best;
  for (const std::size_t k : strongest(scores, 3)) best += (best.empty() ? "" : ", ") + std::to_string(k);
  return {"P. " + best, "/ A. " + std::to_string(answer)};
}

}  // namespace neurarium
