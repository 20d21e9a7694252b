#include "neurarium/benchmark/turn_size.hpp"

#include <algorithm>

namespace neurarium {
namespace {

/// `n` times `factor`, which is at least 2 and at most 10.
std::uint64_t more(std::uint64_t n, double factor) {
  return n * static_cast<std::uint64_t>(std::clamp(factor, 2.0, 10.0));
}

std::uint64_t at_least_one(double n) { return n > 1 ? static_cast<std::uint64_t>(n) : 1; }

/// The turns of one side, and how many samples it has worked on.
class Trial {
 public:
  explicit Trial(const std::function<double(std::uint64_t)>& take_turn) : take_turn_(take_turn) {}
  double seconds(std::uint64_t samples) {
    done_ += samples;
    return std::max(1e-9, take_turn_(samples));
  }
  /// To the end of a batch that was begun: otherwise each later batch would cross the end of the data.
  void end_batch(std::uint64_t batch) {
    if (done_ % batch != 0) seconds(batch - done_ % batch);
  }

 private:
  const std::function<double(std::uint64_t)>& take_turn_;
  std::uint64_t done_ = 0;
};

/// Whole batches that take about `wanted` seconds, at most `most`.
std::uint64_t batches_for(double wanted, std::uint64_t batch, std::uint64_t most, Trial& trial) {
  for (std::uint64_t batches = 1;;) {
    const double factor = wanted / trial.seconds(batches * batch);
    if (factor <= 2) return std::min(most, at_least_one(static_cast<double>(batches) * factor));
    if (batches >= most) return most;
    batches = std::min(most, more(batches, factor));
  }
}

/// Samples that take about `wanted` seconds if a batch takes longer than `longest`; 0 if it does not.
std::uint64_t samples_of_a_slow_side(double wanted, std::uint64_t batch, double longest, Trial& trial) {
  double before = 0;
  std::uint64_t samples_before = 0;
  for (std::uint64_t samples = 1; samples < batch;) {
    double seconds = trial.seconds(samples);
    const auto too_slow = [&] {  // the line leaves out what each turn costs, whatever its size
      const double each = std::max(0.0, seconds - before) / static_cast<double>(samples - samples_before);
      return seconds + each * static_cast<double>(batch - samples) > longest;
    };
    // Short turns decide nothing: going on costs little, and what comes between would weigh too much.
    if (samples_before > 0 && seconds > 0.1 * longest && too_slow()) {
      if (seconds <= longest) seconds = std::min(seconds, trial.seconds(samples));
      if (too_slow()) return std::min(batch, at_least_one(static_cast<double>(samples) * wanted / seconds));
    }
    before = seconds;
    samples_before = samples;
    samples = more(samples, wanted / seconds);
  }
  return 0;
}

}  // namespace

std::uint64_t samples_for(double wanted, BatchSize batch, const std::function<double(std::uint64_t samples)>& take_turn,
                          const TurnLimits& limits) {
  Trial trial(take_turn);
  if (batch.divisible) {
    const double longest = std::max(wanted, limits.longest_batch_seconds);
    if (const auto samples = samples_of_a_slow_side(wanted, batch.samples, longest, trial)) return samples;
    trial.end_batch(batch.samples);
  }
  const std::uint64_t most = std::max<std::uint64_t>(1, limits.most_samples / batch.samples);
  return batch.samples * batches_for(wanted, batch.samples, most, trial);
}

}  // namespace neurarium
