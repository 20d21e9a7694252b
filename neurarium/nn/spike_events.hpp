// What exact gradients of spike times can't see: spikes that appear or vanish, and how near they are to it.
#pragma once

#include <limits>
#include <vector>

#include "neurarium/nn/model.hpp"

namespace neurarium {

/// Of one pass.
struct SpikeEvents {
  std::vector<double> counts;  ///< of each layer that answers with spike times: [sample · unit]
  /// The least I − θ of a spike: its membrane's slope at the threshold, times τ. Near 0 the spike is about to vanish, and its time
  /// moves by 1/(I − θ).
  double smallest_slope = std::numeric_limits<double>::infinity();
};

/// A layer whose units cross thresholds at exact times.
class CrossesThresholds {
 public:
  virtual ~CrossesThresholds() = default;
  virtual double smallest_slope(const Tape& tape) const = 0;
};

/// A model whose layers may answer with spike times.
class SpikeTimed : public virtual Model {
 public:
  /// Of the pass that `tape` holds; no counts if no layer does.
  virtual SpikeEvents spike_events(const Tape& tape) const = 0;
};

}  // namespace neurarium
