// MapLearner: weights and thresholds in, samples learned, weights and thresholds out. Lays the numbers out for the sweeps
// (sweep.hpp), and decides how many threads do the work: more than one only while that is faster, which it measures as it
// goes; the bits are the same.
#pragma once

#include <algorithm>

#include "neurarium/core/pool.hpp"
#include "neurarium/models/topographic_map/sweep.hpp"

namespace neurarium::topographic {

/// Which of two ways is faster, found out by trying. The slower one is looked at again now and then, since a machine that is
/// busy now may be free later: soon after a change of mind, ever more rarely while nothing changes.
class FasterOf {
 public:
  /// The way to go next: 0 or 1.
  int next() const {
    for (const int way : {0, 1})
      if (seconds_[way] == 0) return way;
    return since_look_ >= patience_ ? 1 - faster_ : faster_;
  }
  /// What one unit of work took the way that next() said.
  void took(int way, double seconds) {
    const int other = 1 - way;
    if (way == faster_ && seconds_[way] > 0 && seconds_[other] > 0) {
      seconds_[way] = (seconds_[way] + seconds) / 2;
      ++since_look_;
    } else {
      seconds_[way] = seconds;
      since_look_ = 0;
      patience_ = std::min(2 * patience_, rarest_look);
    }
    if (seconds_[other] > 0 && seconds_[1 - faster_] < seconds_[faster_]) {
      faster_ = 1 - faster_;
      since_look_ = 0;
      patience_ = first_look;
    }
  }

 private:
  static constexpr unsigned first_look = 4, rarest_look = 64;
  double seconds_[2] = {0, 0};
  int faster_ = 0;
  unsigned since_look_ = 0, patience_ = first_look;
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
