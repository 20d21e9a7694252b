// The ball of radius ε around a sample, cut by the bounds of the data: where attacks move, for rows [n, d].
#pragma once

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/attack.hpp"

namespace neurarium {

/// Brings each number into the bounds.
template <class T>
void clamp_to(const Bounds& bounds, std::span<T> x) {
  const T low = static_cast<T>(bounds.low), high = static_cast<T>(bounds.high);
  for (T& v : x) v = std::min(std::max(v, low), high);
}

/// |a − b| in the norm.
template <class T>
double distance(Norm norm, std::span<const T> a, std::span<const T> b);

/// Brings x into the ball around `centre`, and into the bounds. In float32 |x − centre|_∞ may exceed ε by the rounding of
/// centre ± ε.
template <class T>
void project(Norm norm, double epsilon, const Bounds& bounds, std::span<const T> centre, std::span<T> x);

/// x += size · sign(gradient), or size · gradient / |gradient|₂; a gradient of zero moves nothing.
template <class T>
void step_along(Norm norm, double size, std::span<const T> gradient, std::span<T> x);

/// Both: step_along, then project.
template <class T>
void step_within(Norm norm, double size, std::span<const T> gradient, double epsilon, const Bounds& bounds,
                 std::span<const T> centre, std::span<T> x);

/// A point of the ball: each number uniform in ±ε, or uniform in the volume of the l2 ball. Then brought into the bounds.
/// A pure function of the stream and the counter.
template <class T>
void random_point(Norm norm, double epsilon, const Bounds& bounds, const Stream& stream, const Counter& counter,
                  std::span<const T> centre, std::span<T> x);

}  // namespace neurarium
