#include "neurarium/benchmark/statistics.hpp"

#include "neurarium/core/quantile.hpp"

namespace neurarium {

Spread spread_of(const std::vector<double>& numbers) {
  if (numbers.empty()) return {};
  return {quantile(numbers, 0.5), quantile(numbers, 0.25), quantile(numbers, 0.75), numbers.size()};
}

}  // namespace neurarium
