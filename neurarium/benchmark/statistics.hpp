// Median and quartiles, over the rounds of a benchmark.
#pragma once

#include <cstddef>
#include <vector>

namespace neurarium {

struct Spread {
  double median = 0, low = 0, high = 0;  ///< low and high: the first and third quartile
  std::size_t count = 0;                 ///< 0 = nothing was measured
};

/// Quartiles as core/quantile.hpp has them.
Spread spread_of(const std::vector<double>& numbers);

}  // namespace neurarium
