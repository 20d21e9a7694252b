// Numbers as spikes on a grid: each unit fires once, in the step that is nearest to its latency, t = latest · x or latest · (1 − x), as
// latency_encoder has it without a grid. With bias_time, one more unit fires at that time in every sample.
#pragma once

#include "neurarium/core/schema.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium {

struct GridLatencyParams {
  double duration = 60e-3;
  std::string order = "larger_later";
  double latest = 30e-3;
  double silent_below = -1;
  double bias_time = 10e-3;
  static Schema fields();
};

/// `split` with its numbers x / divisor as spikes. SpecError if a time lies behind the end; DataError for numbers outside [0, 1].
Split as_grid_latencies(const Split& split, double divisor, const GridLatencyParams& params, double dt);

}  // namespace neurarium
