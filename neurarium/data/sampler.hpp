// The order in which samples are seen.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/core/rng.hpp"

namespace neurarium {

/// A permutation of 0 … n−1 that is a pure function of (seed, epoch): Philox stream "data.order".
inline std::vector<std::uint64_t> epoch_order(std::uint64_t seed, std::uint32_t epoch, std::uint64_t n) {
  return permutation(Stream(seed, "data.order"), epoch, n);
}

}  // namespace neurarium
