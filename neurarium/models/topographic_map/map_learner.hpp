// MapLearner: weights and thresholds in, samples learned, weights and thresholds out. Lays the numbers out for the passes
// (passes.hpp), and decides how many threads do the work: more than one only while that is faster, which it measures as it
// goes; the bits are the same.
#pragma once

#include "neurarium/core/faster_of.hpp"
#include "neurarium/core/pool.hpp"
#include "neurarium/models/topographic_map/passes.hpp"

namespace neurarium::topographic {

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
  NonFinite pass_with(std::size_t threads, const Samples& samples, WorkerPool& pool);

  Work<T> work_;
  FasterOf one_or_all_;
};

/// The same rule in plain loops: what the passes are tested against. Threads, bands and layouts are unknown here; sums run in
/// ascending order.
template <class T>
NonFinite learn_plainly(const Rule<T>& rule, View<T> weights, View<T> thresholds, const Samples& samples);

}  // namespace neurarium::topographic
