// The adjoint of one unit of a feed-forward layer, from event to event (equations: models/eventprop_lif/engine.hpp, recovery.hpp), plainly:
// of any time constants, delays and recovery, one unit after another.
#pragma once

#include "neurarium/kernels/event_unit.hpp"

namespace neurarium::kernels {

/// The adjoint of a unit, going back, and what gradients of time constants need: of the integral M = ∫ p V' dt up to the next own
/// spike, ∂M/∂V and ∂M/∂I, and ∂S/∂I of S = ∫ q I dt. Then M = Σ w ∂M/∂I over arrivals, likewise S.
template <class T>
struct Costate {
  T p = 0, q = 0, m_v = 0, m_i = 0, s_i = 0;

  void back(const Flow<T>& f) { q = q * f.synapse + p * f.kernel, p *= f.membrane; }
  /// For gradients of time constants, before back().
  void back_integrals(T seconds, const Flow<T>& f, const TimeConstants<T>& tau);
  /// At an own spike, with everything that depends on its time; `behind`: p I behind the reset.
  void jump(T slope, T behind, T of_time, T tau_membrane) {
    p = (behind - tau_membrane * of_time) / slope;
    m_v = 0;
  }
  T of_arrival(const TimeConstants<T>& tau) const { return q / tau.synapse - p / tau.membrane; }
};

/// (eˣ − 1 − x)/x² for x = −y ≤ 0, y ≥ 0; and for x = y
template <class T>
T second_quotient(T x) {
  if (std::abs(x) > T{0.5}) return (std::expm1(x) - x) / (x * x);
  T sum = 0, term = T{0.5};
  for (int n = 3; n < 20; ++n) sum += term, term *= x / static_cast<T>(n);
  return sum;
}

template <class T>
void Costate<T>::back_integrals(T seconds, const Flow<T>& f, const TimeConstants<T>& tau) {
  // With φ₁(x) = (eˣ − 1)/x, φ₂(x) = (eˣ − 1 − x)/x², z = s (1/τs − 1/τm), x = s/τm, e = e^(−x), all without cancellation at τm = τs:
  //   ∂M/∂V = e (M_V − x p),  ∂M/∂I = p x e (φ₁ − x φ₂) + κ M_V + e^(−s/τs) M_I,  ∂S/∂I = e^(−s/τs) (S_I + s q) + p s x e (φ₁ − φ₂)
  // with φ(−z).
  const T x = seconds / tau.membrane, z = seconds * tau.difference;
  T first, second;  // e φ₁(−z), e φ₂(−z); for z < 0 the exponential is e^(−s/τs) e^(z) …, so it can't overflow
  if (z >= 0) {
    first = f.membrane * decay_quotient(z), second = f.membrane * second_quotient(-z);
  } else {
    first = f.synapse * decay_quotient(-z);
    second = z < T{-0.5} ? (f.synapse - f.membrane * (1 - z)) / (z * z) : f.membrane * second_quotient(-z);
  }
  s_i = f.synapse * (s_i + seconds * q) + p * seconds * x * (first - second);
  m_i = p * x * (first - x * second) + f.kernel * m_v + f.synapse * m_i;
  m_v = f.membrane * (m_v - x * p);
}

/// What one of a unit's own spikes is to its adjoint.
template <class T>
struct OwnSpike {
  T time, slope, gradient;
};

/// What a unit's adjoint adds up.
template <class T>
struct UnitSums {
  T threshold = 0, tau_membrane = 0, tau_synapse = 0, growth = 0, tau_adaptation = 0;
};

/// The part of a unit's adjoint that its recovery is to blame for (recovery.hpp).
template <class T>
struct RecoveryCostate {
  /// At the end of the refractory time of the spike that comes next, going back.
  void release(T time, Costate<T>& state) {
    end_ = time, p_ = state.p, current_ = 0;
    state.p = state.m_v = 0;
  }
  /// Something of weight w reaches I: in a refractory time it is part of I at the end.
  void arrive(T w, T time, const TimeConstants<T>& tau) {
    if (p_ != 0) current_ += w * std::exp((time - end_) / tau.synapse);
  }
  /// At an own spike, b being `before` in front of it.
  void jump(const OwnSpike<T>& own, T of_time, T before, T threshold, const TimeConstants<T>& tau,
            const Recovery<T>& recovery, Costate<T>& state, UnitSums<T>& sums) {
    if (a_ != 0) {
      a_ *= std::exp((own.time - since_) / recovery.tau);
      sums.growth += a_;
      sums.tau_adaptation += a_ * (before + recovery.growth) * ((since_ - own.time) / (recovery.tau * recovery.tau));
    }
    arrive(own.slope + threshold + before * (1 - tau.membrane / recovery.tau), own.time, tau);
    state.jump(own.slope, p_ * current_, of_time + a_ * recovery.growth / recovery.tau, tau.membrane);
    a_ -= state.p, since_ = own.time, p_ = 0;
  }

 private:
  T end_ = 0, p_ = 0,
    current_ = 0;  ///< of the refractory time one is in, if p ≠ 0: its end, p there, and I as far as it is known
  T a_ = 0, since_ = 0;  ///< ∂E/∂b in front of the spike that was handled last, and its time
};

/// The adjoint of unit j with these spikes, in the order of time, from p = p_start at t_start. at_arrival(arrival, q, ∂E/∂t per unit of
/// weight). `raised`: b before each spike of a unit with a recovery; null: it recovers at once.
template <class T, class AtArrival>
UnitSums<T> backward_unit(std::size_t j, const Course<T>& course, const TimeConstants<T>& tau, T threshold,
                          std::span<const OwnSpike<T>> spikes, T p_start, T t_start, bool wants_tau,
                          const AtArrival& at_arrival, const Recovery<T>& recovery = {}, const T* raised = nullptr) {
  UnitSums<T> sums;
  Costate<T> state;
  RecoveryCostate<T> left;
  bool waits = false;  // a spike's refractory time lies between here and the spike
  state.p = p_start;
  std::size_t a = course.arrivals.size(), k = spikes.size();
  T t = k > 0 ? spikes[k - 1].time : t_start;
  while (a > 0 && (k > 0 ? course.arrivals[a - 1].time > t : course.arrivals[a - 1].time >= t)) --a;  // too late
  bool at_one = false;  // t is that of arrivals[a]
  const auto go_back = [&](T seconds, const Flow<T>& f) {
    if (wants_tau) state.back_integrals(seconds, f, tau);
    state.back(f);
  };
  while (a > 0 || k > 0) {
    if (const T end = waits ? spikes[k - 1].time + recovery.refractory : T{0};
        waits && (a == 0 || end >= course.arrivals[a - 1].time)) {
      if (t > end) go_back(t - end, flow(t - end, tau));
      left.release(end, state);
      t = end, at_one = waits = false;
      continue;
    }
    if (k > 0 && (a == 0 || spikes[k - 1].time >= course.arrivals[a - 1].time)) {
      const OwnSpike<T>& own = spikes[--k];
      if (t > own.time) go_back(t - own.time, flow(t - own.time, tau));
      if (raised) left.jump(own, own.gradient, raised[k], threshold, tau, recovery, state, sums);
      else state.jump(own.slope, (own.slope + threshold) * state.p, own.gradient, tau.membrane);
      waits = raised && k > 0;
      sums.threshold -= state.p;
      t = own.time, at_one = false;
      continue;
    }
    const Arrival<T>& arrival = course.arrivals[--a];
    go_back(t - arrival.time, at_one ? course.flow_to(a + 1, tau) : flow(t - arrival.time, tau));
    t = arrival.time, at_one = true;
    at_arrival(arrival, state.q, state.of_arrival(tau));
    if (raised) left.arrive(arrival.row[j], arrival.time, tau);
    sums.tau_membrane -= arrival.row[j] * state.m_i;
    sums.tau_synapse += arrival.row[j] * state.s_i;
  }
  sums.tau_membrane /= tau.membrane;
  sums.tau_synapse /= tau.synapse * tau.synapse;
  return sums;
}

}  // namespace neurarium::kernels
