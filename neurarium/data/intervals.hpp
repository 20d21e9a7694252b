// Intervals: a task of timing alone. Every channel fires exactly once in every sample, channel 0 first, channel 1 after it, and so on to
// the last: which channels fire, how often and in which order is the same in all classes. A class is known by the intervals between
// them only. (Learned delays can undo these, so that all spikes meet at a unit: the study eventprop-delays.)
//
// Times are shares of a window, numbers in [0, 1] that latency_encoder (order = "larger_later") makes times of:
//   lag of channel 0: 0;  lag of channel i: that of i − 1, and U(shortest_gap, longest_gap), drawn once for each class
//   x_i = onset + lag_i + U(−jitter, jitter), drawn for each sample, as is onset: U(jitter, 1 − (channels − 1) longest_gap − jitter)
// so that neighbours are never nearer than shortest_gap − 2 jitter. Classes have equal shares in the long run: each is drawn evenly.
//
//   intervals:                            the defaults
//   intervals:seed=3,classes=8            settings as in TOML, separated by commas
//
// Lags are a pure function of seed, classes' and channels' numbers, and sample k of a set of the seed, the set's name and k.
#pragma once

#include "neurarium/core/pool.hpp"
#include "neurarium/core/schema.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium {

struct IntervalsParams {
  std::uint64_t seed = 0;
  std::int64_t classes = 5;
  std::int64_t channels = 8;
  double shortest_gap = 0.075;
  double longest_gap = 0.125;
  double jitter = 0.0025;
  std::int64_t training_samples = 1000;
  std::int64_t test_samples = 1000;
  static Schema fields();
  /// SpecError unless gaps are in order, wider than jitter, and fit into the window.
  void check() const;
};

/// Whether a data set of that name is this one.
bool is_intervals(const std::string& name);
/// The settings that a name tells. SpecError for unknown ones and such out of range.
IntervalsParams intervals_params(const std::string& name);
/// When each channel fires after the first, [classes, channels], in shares of the window.
Tensor<double> interval_lags(const IntervalsParams& params);
/// x float32 [n, channels], y int64 [n]; hashed. The same bits with any pool.
Dataset intervals_dataset(const std::string& name, WorkerPool* pool = nullptr);

}  // namespace neurarium
