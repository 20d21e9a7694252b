// The learning loop of the topographic map, laid out for the machine. Every sample changes every weight, so the loop is
// bound by how fast W moves through the caches: once to be read, once to be read and written. What is done about it:
//   * the update from one sample and the product with the next are one pass over W ("pass A": read, write);
//     the reconstruction is the other ("pass B": read);
//   * W lies in the order in which the passes read it: blocks of 4 units, and within a block one cache line of each unit
//     in turn. A pass is one stream of whole lines;
//   * two orders of the passes. "two passes": all of A, then all of B. "row wave": B follows A at the distance of `radius` grid rows, as soon
//     as the lateral excitation of a row is known, while its weights are still near: W crosses the outer caches once;
//   * threads share out the grid rows, and wait for each other twice per sample.
// The reconstruction is summed in bands of grid rows that depend only on the map's size, units in ascending order, and the bands
// are added in order: so neither the order of the passes nor the number of threads changes a bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/barrier.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium::topographic {

/// What one map learns by (see topographic_map.hpp for the equations).
template <class T>
struct Rule {
  std::size_t rows = 0, columns = 0, radius = 0;
  std::size_t source_rows = 0, source_columns = 0;  ///< units beyond these excite nobody
  T learning_rate = 0, threshold_rate = 0, sparsity = 0, precision = 0;
  T largest_growth = 0;          ///< upper bound of ξ o q; infinite = none
  T activity_floor = 0;          ///< units whose o is not above it neither reconstruct nor learn
  std::uint64_t clip_every = 1;  ///< weights not above `precision` become 0 on samples 0, clip_every, …
};

/// Numbers of one type in a cache line, and units in a block.
template <class T>
inline constexpr std::size_t line = 64 / sizeof(T);
inline constexpr std::size_t block = 4;

/// Grid rows [first, end).
struct RowRange {
  std::size_t first = 0, end = 0;
};

/// How the work is cut: chunks of grid rows, which threads share out, and within them the bands in which r is summed: the
/// first `edge` rows of a chunk, those between, and the last, since the outer ones wait for the neighbouring chunk.
struct Plan {
  std::vector<RowRange> chunks, bands;
  std::size_t edge = 0;  ///< the radius, rounded up to whole blocks
  bool wave = false;
};
/// Weights beyond this size in bytes are swept in a row wave. Fixed, so that run.json can say it beforehand.
inline constexpr std::size_t largest_two_pass = 640 * 1024;
/// The plan for a map whose weights take `weight_bytes`.
Plan plan_for(std::size_t rows, std::size_t columns, std::size_t radius, std::size_t weight_bytes);
/// A plan of so many chunks, or as many as the rows allow.
Plan make_plan(std::size_t rows, std::size_t columns, std::size_t radius, std::size_t chunks, bool wave);

/// Where lateral excitation is computed: grid rows padded so that whole vectors can be read anywhere. Sums along rows first,
/// then across them: no N × N matrix.
template <class T>
struct Planes {
  explicit Planes(const Rule<T>& rule);
  std::size_t stride = 0, source_stride = 0;
  Tensor<T> sources;   ///< [rows, source_stride] p, or 0 where a unit excites nobody; `radius` zeros on either side
  Tensor<T> row_sums;  ///< [rows + 2 radius, stride] sums of p along x; zeros above and below the grid
};

/// All that the loop works on.
template <class T>
struct Work {
  Work(const Rule<T>& rule, std::size_t inputs, Plan plan);
  Rule<T> rule;
  Plan plan;
  std::size_t inputs = 0, lines = 0;  ///< D, and cache lines of one unit's weights
  Tensor<T> weights;                  ///< [blocks, lines, 4, line]
  // Of units, with a line to spare at the end: W v, thresholds, and o (0 where it is not above the floor).
  Tensor<T> drive, thresholds, code;
  Planes<T> planes;
  Tensor<T> parts;  ///< [2, bands, lines · line] r, summed over a band; samples take turns, so that nobody waits
  /// Of each thread: sample, direction q, and numbers of units that nobody else sees.
  struct Own {
    Tensor<T> input, direction, of_units;
  };
  std::vector<Own> own;
};

/// Samples to be learned, sample i being the first_step + i-th of its epoch.
struct Samples {
  ArrayView x;  ///< [n, …] of any type; x / divisor is what the map sees
  double divisor = 1;
  std::uint64_t first_step = 0;
};

/// Where the reconstruction stopped being finite.
struct NonFinite {
  bool found = false;
  std::size_t sample = 0, index = 0;
};

/// What thread `thread` of `threads` does for all the samples; all of them call it at once, with one barrier.
template <class T>
void learn(Work<T>& work, const Samples& samples, std::size_t thread, std::size_t threads, Barrier& barrier,
           NonFinite& failure);

/// p and o [n, units] of n images whose W v is given.
template <class T>
void respond(const Rule<T>& rule, View<const T> thresholds, View<const T> drive, View<T> p, View<T> o);

}  // namespace neurarium::topographic
