#include "neurarium/robustness/detection.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

void require_scores(std::span<const double> scores, const char* what) {
  if (scores.empty()) throw DataError(what, "there are none");
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (std::isnan(scores[i])) throw DataError(what, "score " + std::to_string(i) + " is no number");
}

std::vector<double> falling(std::span<const double> scores) {
  std::vector<double> sorted(scores.begin(), scores.end());
  std::ranges::sort(sorted, std::greater<>());
  return sorted;
}

/// The numbers of `sorted` (falling) from `place` on that equal `value`.
std::size_t equal_at(const std::vector<double>& sorted, std::size_t place, double value) {
  std::size_t end = place;
  while (end < sorted.size() && sorted[end] == value) ++end;
  return end - place;
}

/// step(known with this score, foreign ones) for each score that occurs, from the largest.
template <class Step>
void each_score(const std::vector<double>& known, const std::vector<double>& foreign, const Step& step) {
  for (std::size_t k = 0, f = 0; k < known.size() || f < foreign.size();) {
    const double score = k == known.size()     ? foreign[f]
                         : f == foreign.size() ? known[k]
                                               : std::max(known[k], foreign[f]);
    const std::size_t more_known = equal_at(known, k, score), more_foreign = equal_at(foreign, f, score);
    step(more_known, more_foreign);
    k += more_known, f += more_foreign;
  }
}

double average_precision(const std::vector<double>& positive, const std::vector<double>& negative) {
  double sum = 0, found = 0, taken = 0;
  each_score(positive, negative, [&](std::size_t p, std::size_t n) {
    found += static_cast<double>(p), taken += static_cast<double>(p + n);
    sum += static_cast<double>(p) * found / taken;
  });
  return sum / static_cast<double>(positive.size());
}

std::vector<double> negated(const std::vector<double>& sorted) {
  std::vector<double> out(sorted.rbegin(), sorted.rend());
  for (double& x : out) x = -x;
  return out;
}

}  // namespace

Detection detection(std::span<const double> known_scores, std::span<const double> foreign_scores) {
  require_scores(known_scores, "known samples");
  require_scores(foreign_scores, "foreign samples");
  const std::vector<double> known = falling(known_scores), foreign = falling(foreign_scores);
  const auto all_known = static_cast<double>(known.size()), all_foreign = static_cast<double>(foreign.size());
  Detection found;
  double above = 0;  // foreign samples so far
  each_score(known, foreign, [&](std::size_t k, std::size_t f) {
    const auto equal = static_cast<double>(f);
    found.auroc += static_cast<double>(k) * (all_foreign - above - equal + equal / 2);
    above += equal;
  });
  found.auroc /= all_known * all_foreign;
  const double threshold = threshold_keeping(known, 0.95);
  const auto kept = std::ranges::count_if(foreign, [&](double score) { return score >= threshold; });
  found.fpr95 = static_cast<double>(kept) / all_foreign;
  found.aupr_in = average_precision(known, foreign);
  found.aupr_out = average_precision(negated(foreign), negated(known));
  return found;
}

double threshold_keeping(std::span<const double> scores, double share) {
  require_scores(scores, "scores");
  if (!(share > 0 && share <= 1)) throw InternalError("a threshold that keeps no sample, or more than all");
  const std::vector<double> sorted = falling(scores);
  const auto n = static_cast<double>(sorted.size());
  std::size_t keep = 1;  // so many are at least `share`, computed as whoever checks it would
  while (static_cast<double>(keep) / n < share) ++keep;
  return sorted[keep - 1];
}

}  // namespace neurarium
