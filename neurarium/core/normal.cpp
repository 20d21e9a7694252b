#include "neurarium/core/normal.hpp"

#include <cmath>
#include <numbers>

namespace neurarium {

double normal(const Stream& stream, const Counter& counter) noexcept {
  const auto block = philox(stream, counter);
  const auto share = [&](std::size_t word) {
    return static_cast<double>((std::uint64_t{block[word]} << 32 | block[word + 1]) >> 11) * 0x1p-53;
  };
  return std::sqrt(-2 * std::log(1 - share(0))) * std::cos(2 * std::numbers::pi * share(2));
}

void fill_normal(const Stream& stream, Counter counter, double mean, double sd, std::span<double> out) noexcept {
  for (double& x : out) {
    x = mean + sd * normal(stream, counter);
    ++counter.element;
  }
}

}  // namespace neurarium
