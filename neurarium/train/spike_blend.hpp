// Blends: what a network sees in training is, now and then, a mixture of two samples of spikes that have the same label.
//
// With probability `share`, a sample a is replaced by a blend with another sample b of its class, drawn from those that are learned
// from. Both are moved, by whole steps and channels, to the middle between their centroids (mean step, mean channel); then each
// spike of a stays with probability `keep`, and each of b with 1 − `keep`. What was moved out of the grid is left out. A sample
// without spikes is not moved, and one that is alone in its class stays as it is.
//
// Every draw is a pure function of (seed, "train.blend", epoch, sample id, number of the spike): it depends on no batch, shard or thread.
// Source: Nowotny, Turner, Knight, "Loss shaping enhances exact gradient learning with Eventprop in spiking neural networks",
// Neuromorphic Computing and Engineering 5, 2025 (keep = 0.5).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/context.hpp"

namespace neurarium {

struct SpikeBlendParams {
  double share = 0;
  double keep = 0.5;
  static Schema fields();
  bool wanted() const noexcept { return share > 0; }
};

/// Where a sample's spikes lie on average.
struct SpikeCentroid {
  double step = 0, channel = 0;
  std::size_t spikes = 0;
};
SpikeCentroid centroid_of(const SpikesView& spikes, std::size_t sample);

class SpikeBlender {
 public:
  /// For samples of `split`, which must outlive it; partners are drawn from its samples `kept`. SpecError, if blends are wanted,
  /// unless the samples are spikes with labels.
  SpikeBlender(const SpikeBlendParams& params, const SplitView& split, std::span<const std::uint64_t> kept);
  bool wanted() const noexcept { return params_.wanted(); }

  /// The samples `ids`, some of them blended; `context` says seed and epoch. Keeps the memory of `out`.
  void blend(std::span<const std::uint64_t> ids, const Context& context, StepSpikes& out) const;

 private:
  SpikeBlendParams params_;
  SplitView split_;
  std::vector<std::vector<std::uint64_t>> of_class_;
};

}  // namespace neurarium
