// Context: what a forward pass may depend on besides its input. All randomness of a pass comes from here.
#pragma once

#include <cstdint>
#include <span>

namespace neurarium {

enum class Mode { train, eval };

struct Context {
  Mode mode = Mode::eval;
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
  std::uint64_t step = 0;                     ///< optimiser steps done so far: for messages
  std::span<const std::uint64_t> sample_ids;  ///< the data set's index of each sample in the pass
  bool backward_follows = true;               ///< else a layer need not keep what only the way back would read
};

}  // namespace neurarium
