// Held-out samples: a share of the training samples that is never trained on.
//
// Which ones is a pure function of the run's seed: the last ⌈share · n⌉ of the permutation of 0 … n−1 by the stream
// "data.held_out".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// Samples to learn from and samples held out, both in rising order.
struct HeldOut {
  std::vector<std::uint64_t> kept, held_out;
};
/// Throws SpecError, naming the setting `key`, if `share` leaves nothing on one side of the n samples.
HeldOut hold_out(std::uint64_t seed, std::uint64_t n, double share, const std::string& key = "held_out");

/// Copies of the samples `ids`, with their answers.
Split rows_of(const SplitView& split, std::span<const std::uint64_t> ids);

}  // namespace neurarium
