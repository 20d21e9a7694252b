// What a spike leaves behind in its unit beside the reset: a refractory time, and a threshold that has grown (ALIF).
//
// After a spike at t_k the membrane stays at 0 until t_k + r, while I goes on by itself; then V moves on from 0. The threshold is θ + b,
//   τa b' = −b,   b ← b + β just behind each own spike,   b = 0 at the start,   β ≥ 0.
// A spike is where V reaches θ + b from below, with the slope S = τm (V' − b') = I − θ − b (1 − τm/τa).
//
// The adjoint, for p = ∂E/∂V, q = ∂E/∂I, a = ∂E/∂b, going back. A spike time that moves by δ moves V behind t_k + r by −δ V' = −δ I/τm,
// and b behind t_k by δ β/τa; and δ = −(τm/S) (δV − δθ − δb). Hence
//   between events   p' = p/τm, q' = q/τs − p/τm, a' = a/τa
//   at t_k + r       h = p I (just behind it), then p ← 0, and it stays 0 up to t_k: what arrives then reaches q only
//   at t_k           p ← (h − τm (G + a β/τa))/S,  G = ∂E/∂t_k from outside and through R;  ∂E/∂β += a;  a ← a − p;  ∂E/∂θ −= p
//   ∂E/∂τa = ∫ a b/τa² dt, of which a b is the same all the way from spike to spike
// With r = β = 0 this is p ← (I p − τm G)/(I − θ). Nothing more than S is kept of a spike: b follows from the spikes before it, I at t_k
// from S, and I at t_k + r from that and from what arrived in between.
// Source: Bellec et al., "Long short-term memory and learning-to-learn in networks of spiking neurons", NeurIPS 2018 (the neuron).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "neurarium/kernels/crossing.hpp"

namespace neurarium::kernels {

/// How a unit recovers. The default is: at once.
template <class T>
struct Recovery {
  T refractory = 0;                            ///< r, seconds
  T growth = 0;                                ///< β
  T tau = std::numeric_limits<T>::infinity();  ///< τa, seconds
};

/// b: `height` just behind the unit's last spike, which was at `since`.
template <class T>
struct Raised {
  T height = 0, since = 0;
  T at(T time, T tau) const { return height > 0 ? height * std::exp((since - time) / tau) : T{0}; }
  void spike(T time, const Recovery<T>& r) { height = at(time, r.tau) + r.growth, since = time; }
};

/// The least h > 0 with rise · h + bend · h²/2 = missing ≥ 0, for bend ≥ 0; infinity if there is none.
template <class T>
T safe_step(T missing, T rise, T bend) {
  const T root = std::sqrt(rise * rise + 2 * bend * missing);
  if (rise > 0) return 2 * missing / (rise + root);
  return bend > 0 ? (root - rise) / bend : std::numeric_limits<T>::infinity();
}

/// Of f = V − θ − b, x being time in τm: f' and a bound of f'' from here on. For V'' = V − I (1 + τm/τs), b'' ≥ 0, and what lies ahead
/// of V, a mean of V and of I on its way to 0, is at most max(V, I, 0).
template <class T>
T time_below(T v, T i, T b, T threshold, const TimeConstants<T>& tau, T tau_adaptation) {
  const T missing = std::max(threshold + b - v, T{0}), rise = i - v + b * tau.membrane / tau_adaptation;
  const T bend = std::max({v, i, T{0}}) + std::max(-i, T{0}) * (1 + tau.membrane / tau.synapse);
  return tau.membrane * safe_step(missing, rise, bend);
}

/// The first s in [0, longest) with V(s) = θ + b e^(−s/τa) from below, for b ≥ 0 and a unit that is not refractory.
///
/// V − b may bend either way (a sum of three exponentials has up to two turns), and the threshold may fall onto a membrane that falls,
/// too, so Newton's tangents are not safe. A parabola through here, with the slope here and a bend that is not exceeded any more,
/// lies above f all the way: f is below 0 up to where the parabola reaches it. So steps never go beyond the first root, whatever the time
/// constants are. Near it the error of a step is quadratic in its length, as with Newton's method, since f' is exact; a place where f
/// nearly touches 0 is passed in steps that at first shrink and then grow geometrically. Where max(V, I) ≤ θ nothing can follow.
template <class T>
Crossing<T> find_crossing(T v, T i, T b, T threshold, const TimeConstants<T>& tau, T tau_adaptation, T longest) {
  if (!(b > 0)) return find_crossing(v, i, threshold, tau, longest);
  constexpr T rounding = std::numeric_limits<T>::epsilon();
  T s = 0, v_now = v, i_now = i, b_now = b;
  for (Flow<T> f;;) {
    if (!(std::max(v_now, i_now) > threshold)) return {};
    const T step = time_below(v_now, i_now, b_now, threshold, tau, tau_adaptation);
    const bool rises = i_now - v_now + b_now * tau.membrane / tau_adaptation > 0;
    if ((rises && v_now >= threshold + b_now) || step <= 2 * rounding * s) return {s, f.synapse, f.membrane};
    if (!(s + step < longest)) return {};
    s += step, f = flow(s, tau);
    v_now = v * f.membrane + i * f.kernel, i_now = i * f.synapse, b_now = b * std::exp(-s / tau_adaptation);
  }
}

/// S of a spike, which gradients are divided by; rounding must not make it 0.
template <class T>
T slope_of(T current, T threshold, T b, const TimeConstants<T>& tau, T tau_adaptation) {
  return std::max(current - threshold - b * (1 - tau.membrane / tau_adaptation),
                  std::numeric_limits<T>::epsilon() * threshold);
}

}  // namespace neurarium::kernels
