// What a classifier's answers to a test set amount to: its errors, and which classes it mixes up. Nothing here knows how the
// answers came about. (Whether its confidence deserves belief: robustness/calibration.hpp.)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

/// counts[answer][prediction]
struct Confusion {
  Confusion(View<const double> scores, std::span<const std::int64_t> labels);
  std::vector<std::vector<std::size_t>> counts;
  std::size_t classes() const noexcept { return counts.size(); }
  std::size_t samples() const;
  std::size_t right() const;
  std::size_t errors() const { return samples() - right(); }
  double accuracy() const;
  /// How many samples have this answer.
  std::size_t of_answer(std::size_t k) const;
  /// How many samples are taken for this class.
  std::size_t of_prediction(std::size_t k) const;
  /// Share of the samples of class k that are recognised; NaN if there are none.
  double recall(std::size_t k) const;
  /// Share of what is taken for class k that is of class k; NaN if nothing is.
  double precision(std::size_t k) const;

  struct Pair {
    std::size_t answer, prediction, count;
  };
  /// What is mixed up, most often first (then by class); pairs that never are, are left out.
  std::vector<Pair> mixed_up() const;
};

/// Numbers of the samples whose strongest score is not at their label, in rising order.
std::vector<std::size_t> errors_of(View<const double> scores, std::span<const std::int64_t> labels);

/// "P. 5, 3, 8 / A. 5" as the founding notebook writes it, in two lines: the best three, and the answer.
std::array<std::string, 2> error_title(std::span<const double> scores, std::int64_t answer);

}  // namespace neurarium
