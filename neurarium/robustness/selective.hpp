// A classifier that may refuse: it answers the samples whose score of familiarity is at least a threshold.
//
//   risk at coverage i/n   share of errors among the i samples with the largest scores
//   AURC                   1/n Σ_{i = 1}^{n} risk(i/n)          0: never wrong; smaller is better
// Among equal scores no order is right: errors count as if spread evenly over them (the mean over all orders).
// Source: El-Yaniv, Wiener, JMLR 2010; Geifman, Uziel, El-Yaniv, "Bias-reduced uncertainty estimation", ICLR 2019.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// For each sample whether the strongest of its scores [n, k] is its label's.
std::vector<bool> right_answers(View<const double> scores, std::span<const std::int64_t> labels);

struct RiskCoverage {
  std::vector<double> risk;  ///< at coverage (i + 1)/n
  double area = 0;           ///< AURC
  /// Share of right answers among the ⌈coverage · n⌉ most familiar samples; coverage in (0, 1].
  double accuracy_at(double coverage) const;
};
/// DataError if there are no samples, or as many scores as answers.
RiskCoverage risk_coverage(std::span<const double> familiarity, const std::vector<bool>& right);

/// The threshold of a classifier that is to answer this share of clean samples at least, whatever comes later: the largest one
/// (detection.hpp: threshold_keeping).
constexpr double usual_coverage = 0.95;

/// What becomes of samples, attacked ones say, at a threshold that was chosen on clean ones.
struct Refusal {
  double answered = 0;                         ///< share with score ≥ threshold
  double right_or_refused = 0;                 ///< share that does no harm
  std::optional<double> right_among_answered;  ///< none if all are refused
};
Refusal with_refusal(std::span<const double> familiarity, const std::vector<bool>& right, double threshold);

}  // namespace neurarium
