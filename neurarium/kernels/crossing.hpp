// When does a leaky integrate-and-fire unit reach its threshold? Of one unit with exponential synapses,
//   τm V' = −V + I,   τs I' = −I,
// in closed form: V(s) = e^(−s/τm) V + κ(s) I,  I(s) = e^(−s/τs) I,  κ(s) = τs/(τm − τs) (e^(−s/τm) − e^(−s/τs)), for τm = τs: (s/τ) e^(−s/τ).
// κ is computed without cancellation for all time constants: κ = (s/τm) e^(−s/τm) φ(−z), φ(x) = (eˣ − 1)/x, z = s (1/τs − 1/τm).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace neurarium::kernels {

/// The two time constants of a unit, in seconds, and how they stand to each other.
template <class T>
struct TimeConstants {
  static constexpr int largest_power = 8;
  TimeConstants(T tau_membrane, T tau_synapse)
      : membrane(tau_membrane), synapse(tau_synapse), difference(1 / tau_synapse - 1 / tau_membrane) {
    constexpr T rounding = 8 * std::numeric_limits<T>::epsilon();
    const T ratio = std::round(membrane / synapse);
    if (!(ratio >= 1 && ratio <= largest_power) || std::abs(membrane - ratio * synapse) > rounding * membrane) return;
    power = static_cast<int>(ratio);
    if (power > 1) share = 1 / static_cast<T>(power - 1);
  }
  T membrane, synapse;
  T difference;   ///< 1/τs − 1/τm
  int power = 0;  ///< τm/τs, if that is a whole number up to 8; else 0. Then e^(−s/τs) is a power of e^(−s/τm)
  T share = 0;    ///< τs/(τm − τs), if power > 1
};

/// x to a whole power from 2 on.
template <class T>
T raised(T x, int power) {
  T result = x * x;
  for (int i = 2; i < power; ++i) result *= x;
  return result;
}

/// What so many seconds do: V ← membrane · V + kernel · I, I ← synapse · I. So back in time for the adjoint:
/// p ← membrane · p, q ← synapse · q + kernel · p.
template <class T>
struct Flow {
  T membrane = 1, synapse = 1, kernel = 0;
};

/// (1 − e^(−y))/y for y ≥ 0.
template <class T>
T decay_quotient(T y) {
  if (y > T{0.5}) return (1 - std::exp(-y)) / y;
  return y > 0 ? -std::expm1(-y) / y : T{1};
}

template <class T>
Flow<T> flow(T seconds, const TimeConstants<T>& tau) {
  const T membrane = std::exp(-seconds / tau.membrane);
  if (tau.power > 1) {
    const T synapse = raised(membrane, tau.power);
    return {membrane, synapse, tau.share * (membrane - synapse)};
  }
  const T synapse = std::exp(-seconds / tau.synapse);
  const T z = seconds * tau.difference;
  return {membrane, synapse, seconds / tau.membrane * std::max(membrane, synapse) * decay_quotient(std::abs(z))};
}

constexpr double no_crossing = -1;

namespace detail {

/// W₀(x) for −1/e ≤ x ≤ 0, the root of w eʷ = x with w ≥ −1; x below −1/e by rounding counts as −1/e.
/// From a series around the branching point or 0 by Halley's method (Corless et al., Adv. Comput. Math. 5, 1996).
template <class T>
T lambert_w(T x) {
  const T beside = 2 * (1 + static_cast<T>(2.718281828459045235) * x);
  if (beside <= 0) return T{-1};
  const T root = std::sqrt(beside);
  T w = beside < 1 ? -1 + root - root * root / 3 + root * root * root * T{11} / 72 : x * (1 - x * (1 - T{1.5} * x));
  for (int i = 0; i < 20; ++i) {
    const T e = std::exp(w), f = w * e - x;
    const T step = f / (e * (w + 1) - (w + 2) * f / (2 * w + 2));
    if (!(std::abs(step) < 1)) break;
    w -= step;
    if (std::abs(step) <= 4 * std::numeric_limits<T>::epsilon()) break;
  }
  return w;
}

/// One step of Newton's method at s: where the tangent of V meets the threshold, or a negative number if V does not rise there.
template <class T>
T newton_step(T v, T i, T threshold, const TimeConstants<T>& tau, T s) {
  const Flow<T> f = flow(s, tau);
  const T v_now = v * f.membrane + i * f.kernel, rise = i * f.synapse - v_now;
  return rise > 0 ? s + tau.membrane * (threshold - v_now) / rise : static_cast<T>(no_crossing);
}

}  // namespace detail

/// Where a unit crosses its threshold: after so many seconds (no_crossing: nowhere), and what they do to its current.
template <class T>
struct Crossing {
  T seconds = static_cast<T>(no_crossing);
  T synapse = 1;   ///< e^(−s/τs)
  T membrane = 1;  ///< e^(−s/τm)
  explicit operator bool() const { return seconds >= 0; }
};

namespace detail {

template <class T>
Crossing<T> crossing_after(T seconds, T longest, const TimeConstants<T>& tau) {
  if (!(seconds >= 0) || seconds >= longest) return {};
  return {seconds, std::exp(-seconds / tau.synapse), std::exp(-seconds / tau.membrane)};
}

/// Of y = e^(−s/τm): θ = a y − c y^power, which rises and is concave as y falls from 1.
template <class T>
Crossing<T> crossing_of_powers(T v, T i, T threshold, const TimeConstants<T>& tau, T longest) {
  constexpr T rounding = std::numeric_limits<T>::epsilon();
  const T missing = threshold - v, rise = i - v;
  T below;  // 1 − y
  if (tau.power == 2) {
    const T inside = rise * rise - 4 * i * missing;
    if (inside < 0) return {};
    below = 2 * missing / (rise + std::sqrt(inside));
  } else {
    const T c = tau.share * i, a = v + c, steep = static_cast<T>(tau.power) * c;
    T y = 1 - missing / rise;  // Newton's first step, from y = 1
    for (int step = 0; step < 100; ++step) {
      const T power = tau.power == 3 ? y * y : raised(y, tau.power - 1), slope = steep * power - a;
      if (!(slope > 0) || !(y > 0)) return {};
      const T move = (threshold - y * (a - c * power)) / slope;
      y -= move;
      if (move <= 2 * rounding * y) break;
    }
    below = 1 - y;
  }
  const T y = 1 - below, seconds = -tau.membrane * std::log1p(-below);
  if (!(seconds < longest)) return {};
  return {seconds, raised(y, tau.power), y};
}

}  // namespace detail

/// The first s in [0, longest) with V(s) = threshold from below, for V(0) = v and I(0) = i; 0 if the unit is there already and rises.
/// threshold > 0.
///
/// A crossing needs I > threshold (there V' > 0, and I only falls). For τm = 2 τs it is the root of a parabola in y = e^(−s/τm), for
/// τm = τs it is Lambert's W, then one step of Newton's method. Else it is Newton's method from s = 0, which never goes beyond the root, for V
/// rises and is concave up to its maximum; a step from a place where V falls shows that there was none. For τm = 3, 4, … 8 τs it climbs in y,
/// without exponentials.
template <class T>
Crossing<T> find_crossing(T v, T i, T threshold, const TimeConstants<T>& tau, T longest) {
  constexpr T rounding = std::numeric_limits<T>::epsilon();
  if (!(i > threshold)) return {};
  const T missing = threshold - v;
  if (missing <= 0) return {T{0}, T{1}, T{1}};
  const T first = tau.membrane * missing / (i - v);  // the tangent at 0 lies above V
  if (first >= longest) return {};
  if (tau.power > 1) return detail::crossing_of_powers(v, i, threshold, tau, longest);
  if (tau.power == 1) {
    const T x = -threshold / i * std::exp(-v / i);
    if (x < static_cast<T>(-0.36787944117144233)) return {};
    const T rough = std::max(first, tau.membrane * (-detail::lambert_w(x) - v / i));
    return detail::crossing_after(std::max(rough, detail::newton_step(v, i, threshold, tau, rough)), longest, tau);
  }
  T s = first;
  for (int step = 0; step < 100; ++step) {
    const T next = detail::newton_step(v, i, threshold, tau, s);
    if (next < 0 || next >= longest) return {};
    const T moved = next - s;
    s = next;
    if (moved <= 2 * rounding * s) break;
  }
  return detail::crossing_after(s, longest, tau);
}

/// Its time alone; no_crossing if there is none.
template <class T>
T crossing(T v, T i, T threshold, const TimeConstants<T>& tau, T longest) {
  return find_crossing(v, i, threshold, tau, longest).seconds;
}

/// The s in [0, longest] where V is largest, if that is above 0.
template <class T>
T time_of_maximum(T v, T i, const TimeConstants<T>& tau, T longest) {
  if (!(i > v) || i <= 0) return 0;
  const T below = (1 - v / i) * tau.synapse * tau.difference;  // V' = 0 where e^(−z) = 1 − below
  if (below >= 1) return longest;
  const T s = below == 0 ? (1 - v / i) * tau.synapse : -std::log1p(-below) / tau.difference;
  return std::min(s, longest);
}

}  // namespace neurarium::kernels
