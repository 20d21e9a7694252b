// How many samples a side works on in one turn.
#pragma once

#include <cstdint>
#include <functional>

namespace neurarium {

/// Samples that are worked on together.
struct BatchSize {
  std::uint64_t samples = 1;
  bool divisible = true;  ///< whether a turn may be of fewer; a step of training may not
};

struct TurnLimits {
  /// The most that a turn's number of samples may become, should a side be that fast.
  std::uint64_t most_samples = 100'000'000;
  /// A whole batch is taken, if it takes longer than is wanted, only up to here: so a slow side keeps nobody waiting.
  double longest_batch_seconds = 1;
};

/// Samples that take about `wanted` seconds, found by trying: take_turn(n) works on the next n and returns the seconds.
///
/// It begins with one sample, and makes them more up to a batch. From there on they are whole batches, since a broken one
/// is slower per sample: n = batch · max(1, ⌊wanted / seconds of a batch⌋). Only where a batch takes longer than `wanted`
/// and than longest_batch_seconds, by the line through the last two numbers of samples tried, and may be divided, it is
/// n = max(1, ⌊wanted / seconds of a sample⌋) ≤ batch. In the end the samples worked on are a multiple of n's batch again.
std::uint64_t samples_for(double wanted, BatchSize batch, const std::function<double(std::uint64_t samples)>& take_turn,
                          const TurnLimits& limits = {});

}  // namespace neurarium
