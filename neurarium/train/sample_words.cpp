#include "neurarium/train/sample_words.hpp"

#include <cmath>

#include "neurarium/core/words.hpp"

namespace neurarium {

std::string mean_and_sd(std::span<const double> shares, int digits) {
  const SampleSummary s = summarise(shares);
  return rounded(100 * s.mean, digits) + (s.n > 1 ? " ± " + rounded(100 * s.sd, digits) : "");
}

std::string in_points(const MeanDifference& d, int digits) {
  return rounded(100 * d.mean, digits) +
         (std::isfinite(d.low) ? " (" + rounded(100 * d.low, digits) + " … " + rounded(100 * d.high, digits) + ")"
                               : "");
}

std::string interval(std::span<const double> shares, int digits) {
  const SampleSummary s = summarise(shares);
  return s.n < 2 ? "—" : "(" + rounded(100 * s.low, digits) + " … " + rounded(100 * s.high, digits) + ")";
}

std::string every_one(std::span<const double> shares, int digits) {
  std::string text;
  for (const double share : shares) text += (text.empty() ? "" : ", ") + rounded(100 * share, digits);
  return text;
}

Value with_ends(const MeanDifference& d) {
  return std::isfinite(d.low) ? Value(Value::List{d.mean, d.low, d.high}) : Value(Value::List{d.mean});
}

}  // namespace neurarium
