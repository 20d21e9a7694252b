#include "neurarium/studies/backprop/digit_measures.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "neurarium/nn/classes.hpp"

namespace neurarium {
namespace {

double share(std::size_t part, std::size_t whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Confusion::Confusion(View<const double> scores, std::span<const std::int64_t> labels) {
  require_labels(scores, labels);
  counts.assign(scores.shape()[1], std::vector<std::size_t>(scores.shape()[1]));
  for (std::size_t i = 0; i < labels.size(); ++i)
    ++counts[static_cast<std::size_t>(labels[i])][strongest(scores[i].flat())];
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
    if (strongest(scores[i].flat()) != static_cast<std::size_t>(labels[i])) wrong.push_back(i);
  return wrong;
}

std::array<std::string, 2> error_title(std::span<const double> scores, std::int64_t answer) {
  std::string best;
  for (const std::size_t k : strongest(scores, 3)) best += (best.empty() ? "" : ", ") + std::to_string(k);
  return {"P. " + best, "/ A. " + std::to_string(answer)};
}

}  // namespace neurarium
