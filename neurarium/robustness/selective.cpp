#include "neurarium/robustness/selective.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "neurarium/nn/classes.hpp"

namespace neurarium {
namespace {

void require_samples(std::span<const double> familiarity, const std::vector<bool>& right) {
  if (familiarity.empty()) throw DataError("scores", "there are none");
  if (familiarity.size() != right.size())
    throw DataError("scores", "there are " + std::to_string(familiarity.size()) + " for " +
                                  std::to_string(right.size()) + " answers");
  for (std::size_t i = 0; i < familiarity.size(); ++i)
    if (std::isnan(familiarity[i])) throw DataError("scores", "score " + std::to_string(i) + " is no number");
}

}  // namespace

std::vector<bool> right_answers(View<const double> scores, std::span<const std::int64_t> labels) {
  require_labels(scores, labels);
  std::vector<bool> right(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    right[i] = strongest(scores[i].flat()) == static_cast<std::size_t>(labels[i]);
  return right;
}

RiskCoverage risk_coverage(std::span<const double> familiarity, const std::vector<bool>& right) {
  require_samples(familiarity, right);
  const std::size_t n = familiarity.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return familiarity[a] > familiarity[b]; });
  RiskCoverage curve;
  double errors = 0;
  for (std::size_t i = 0; i < n;) {
    std::size_t end = i;
    double more = 0;
    for (; end < n && familiarity[order[end]] == familiarity[order[i]]; ++end) more += right[order[end]] ? 0 : 1;
    const auto equal = static_cast<double>(end - i);
    for (std::size_t j = i; j < end; ++j)
      curve.risk.push_back((errors + more * static_cast<double>(j - i + 1) / equal) / static_cast<double>(j + 1));
    errors += more;
    i = end;
  }
  for (const double risk : curve.risk) curve.area += risk / static_cast<double>(n);
  return curve;
}

double RiskCoverage::accuracy_at(double coverage) const {
  const auto n = static_cast<double>(risk.size());
  if (!(coverage > 0 && coverage <= 1)) throw InternalError("a coverage outside (0, 1]");
  std::size_t count = 1;
  while (static_cast<double>(count) / n < coverage) ++count;
  return 1 - risk[count - 1];
}

Refusal with_refusal(std::span<const double> familiarity, const std::vector<bool>& right, double threshold) {
  require_samples(familiarity, right);
  double answered = 0, answered_right = 0;
  for (std::size_t i = 0; i < familiarity.size(); ++i) {
    if (!(familiarity[i] >= threshold)) continue;
    ++answered;
    answered_right += right[i] ? 1 : 0;
  }
  const auto n = static_cast<double>(familiarity.size());
  Refusal found{answered / n, (answered_right + n - answered) / n, std::nullopt};
  if (answered > 0) found.right_among_answered = answered_right / answered;
  return found;
}

}  // namespace neurarium
