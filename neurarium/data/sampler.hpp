// The order in which samples are seen.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "neurarium/core/rng.hpp"

namespace neurarium {

/// A permutation of 0 … n−1 that is a pure function of (seed, epoch): Philox stream "data.order". Without `shuffle`,
/// 0 … n−1 as they stand.
inline std::vector<std::uint64_t> epoch_order(std::uint64_t seed, std::uint32_t epoch, std::uint64_t n,
                                              bool shuffle = true) {
  if (shuffle) return permutation(Stream(seed, "data.order"), epoch, n);
  std::vector<std::uint64_t> order(n);
  std::iota(order.begin(), order.end(), std::uint64_t{0});
  return order;
}

}  // namespace neurarium
