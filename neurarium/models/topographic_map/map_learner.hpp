// MapLearner: weights and thresholds in, samples learned, weights and thresholds out. Lays the numbers out for the sweeps
// (sweep.hpp), and decides how many threads do the work: more than one only while that is faster, which it measures as it
// goes; the bits are the same.
#pragma once

#include "neurarium/core/pool.hpp"
#include "neurarium/models/topographic_map/sweep.hpp"

namespace neurarium::topographic {

/// Which of two ways is faster, found out by trying. The slower one is looked at again now and then, since a machine that is
/// busy now may be free later.
class FasterOf {
 public:
  /// The way to go next: 0 or 1.
  int next() const {
    if (seconds_[0] == 0) return 0;
    if (seconds_[1] == 0) return 1;
    const int faster = seconds_[1] < seconds_[0] ? 1 : 0;
    return turn_ % look_again == 0 ? 1 - faster : faster;
  }
  /// What one unit of work took the way that next() said.
  void took(int way, double seconds) {
    seconds_[way] = seconds;
    ++turn_;
  }

 private:
  static constexpr unsigned look_again = 32;
  double seconds_[2] = {0, 0};
  unsigned turn_ = 1;
};

template <class T>
class MapLearner {
 public:
  MapLearner(const Rule<T>& rule, std::size_t inputs);
  explicit MapLearner(Work<T> work) : work_(std::move(work)) {}

  /// Learns the samples one after the other, changing weights [units, inputs] and thresholds [units]. On failure they
  /// hold what was learned up to the sample that failed.
  NonFinite observe(View<T> weights, View<T> thresholds, const Samples& samples, WorkerPool& pool);

  /// The same with that many threads, at most as many as the plan has chunks and the pool threads.
  NonFinite learn_with(std::size_t threads, View<T> weights, View<T> thresholds, const Samples& samples,
                       WorkerPool& pool);

  const Plan& plan() const noexcept { return work_.plan; }

 private:
  void load(View<const T> weights, View<const T> thresholds);
  void store(View<T> weights, View<T> thresholds) const;
  NonFinite sweep(std::size_t threads, const Samples& samples, WorkerPool& pool);

  Work<T> work_;
  FasterOf one_or_all_;
};

/// The same rule in plain loops: what the sweeps are tested against. Threads, bands and layouts are unknown here; sums run in
/// ascending order.
template <class T>
NonFinite learn_plainly(const Rule<T>& rule, View<T> weights, View<T> thresholds, const Samples& samples);

}  // namespace neurarium::topographic
