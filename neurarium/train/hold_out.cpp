#include "neurarium/train/hold_out.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"

namespace neurarium {

HeldOut hold_out(std::uint64_t seed, std::uint64_t n, double share, const std::string& key) {
  const auto count = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(n)));
  if (count == 0 || count >= n)
    throw SpecError(key + ": a share of " + short_digits(share, 6) + " of " + std::to_string(n) +
                        " samples leaves nothing to learn from",
                    "give a smaller share");
  const auto order = permutation(Stream(seed, "data.held_out"), 0, n);
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(n - count);
  HeldOut result{{order.begin(), cut}, {cut, order.end()}};
  std::ranges::sort(result.kept);
  std::ranges::sort(result.held_out);
  return result;
}

Split rows_of(const SplitView& split, std::span<const std::uint64_t> ids) {
  if (split.spikes) {
    std::vector<std::uint64_t> memory;
    return {{}, gather_rows(split.y, ids), std::make_shared<const StepSpikes>(split.spikes.chosen(ids, memory).copy())};
  }
  return {gather_rows(split.x, ids), gather_rows(split.y, ids)};
}

}  // namespace neurarium
