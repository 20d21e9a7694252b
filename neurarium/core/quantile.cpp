#include "neurarium/core/quantile.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"

namespace neurarium {

double quantile(std::vector<double> numbers, double share) {
  std::ranges::sort(numbers);
  return quantile_of_sorted(numbers, share);
}

double quantile_of_sorted(std::span<const double> numbers, double share) {
  if (numbers.empty()) throw InternalError("a quantile of nothing");
  const double place = share * static_cast<double>(numbers.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, numbers.size() - 1);
  return std::lerp(numbers[below], numbers[above], place - static_cast<double>(below));
}

}  // namespace neurarium
