#include "neurarium/studies/eventprop/numpy_ways.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace neurarium::anatomy {
namespace {

double pairwise_sum(std::span<const double> x) {
  if (x.size() < 8) {
    double sum = 0;
    for (const double each : x) sum += each;
    return sum;
  }
  if (x.size() <= 128) {
    std::array<double, 8> r;
    std::copy_n(x.begin(), 8, r.begin());
    std::size_t k = 8;
    for (; k + 8 <= x.size(); k += 8)
      for (std::size_t j = 0; j < 8; ++j) r[j] += x[k + j];
    double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; k < x.size(); ++k) sum += x[k];
    return sum;
  }
  const std::size_t half = x.size() / 2 - x.size() / 2 % 8;
  return pairwise_sum(x.first(half)) + pairwise_sum(x.subspan(half));
}

}  // namespace

double pairwise_mean(std::span<const double> numbers) {
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  constexpr std::size_t buffer = 8192;
  double sum = 0;
  for (std::size_t first = 0; first < numbers.size(); first += buffer)
    sum += pairwise_sum(numbers.subspan(first, std::min(buffer, numbers.size() - first)));
  return sum / static_cast<double>(numbers.size());
}

EqualBins equal_bins(std::span<const double> numbers, std::size_t bins) {
  double low = 0, high = 1;
  if (!numbers.empty()) {
    const auto [least, most] = std::ranges::minmax(numbers);
    low = least, high = most;
  }
  if (low == high) low -= 0.5, high += 0.5;
  EqualBins found{std::vector<std::int64_t>(bins), std::vector<double>(bins + 1)};
  const double step = (high - low) / static_cast<double>(bins);
  for (std::size_t k = 0; k <= bins; ++k) found.edges[k] = k == bins ? high : static_cast<double>(k) * step + low;
  for (const double x : numbers) {
    auto bin = static_cast<std::size_t>((x - low) / (high - low) * static_cast<double>(bins));
    if (bin == bins) --bin;
    // Rounding may put a number that is at an edge on its wrong side.
    if (x < found.edges[bin]) --bin;
    else if (x >= found.edges[bin + 1] && bin + 1 != bins) ++bin;
    ++found.counts[bin];
  }
  return found;
}

}  // namespace neurarium::anatomy
