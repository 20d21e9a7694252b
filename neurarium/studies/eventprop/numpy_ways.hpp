// Two of NumPy's ways to add and count, operation by operation, so that figures have the digits that NumPy prints.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace neurarium::anatomy {

/// numpy.mean of float64: of each 8,192 numbers (NumPy's buffer) the sum by halves, blocks of up to 128 in eight partial sums
/// (pairwise_sum in its core/src/umath/loops_utils.h.src), all added in order and divided by the number. NaN if there are none.
double pairwise_mean(std::span<const double> numbers);

struct EqualBins {
  std::vector<std::int64_t> counts;
  std::vector<double> edges;  ///< one more than counts
};
/// numpy.histogram(numbers, bins): equal bins from the least to the largest number; each holds its lower edge, the last one both.
/// A range of a single number is widened by ½ to both sides, and that of no numbers is 0 … 1. Finite numbers only; bins ≥ 1.
EqualBins equal_bins(std::span<const double> numbers, std::size_t bins);

}  // namespace neurarium::anatomy
