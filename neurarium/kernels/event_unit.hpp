// One unit of a feed-forward layer, from event to event: its spikes and its highest membrane (equations: models/eventprop_lif/engine.hpp).
// This is the plain pass: of any time constants and delays, one unit after another. The way back is event_unit_backward.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "neurarium/kernels/recovery.hpp"

namespace neurarium::kernels {

/// Something that arrives at units: a current row[j] for unit j.
template <class T>
struct Arrival {
  T time;
  std::uint32_t event;  ///< whose it is
  const T* row;
};

/// The arrivals at a unit in the order of time, all before `duration`.
template <class T>
struct Course {
  std::span<const Arrival<T>> arrivals;
  const Flow<T>* flows = nullptr;  ///< from each arrival's predecessor (the first one's: from 0) to it, and to the end
  T duration = 0;
  Flow<T> flow_to(std::size_t arrival, const TimeConstants<T>& tau) const {
    return flows ? flows[arrival] : flow(until(arrival) - since(arrival), tau);
  }
  T since(std::size_t arrival) const { return arrival == 0 ? T{0} : arrivals[arrival - 1].time; }
  T until(std::size_t arrival) const { return arrival < arrivals.size() ? arrivals[arrival].time : duration; }
};

/// I − θ, which gradients are divided by; rounding must not make it 0.
template <class T>
T slope_of(T current, T threshold) {
  return std::max(current - threshold, std::numeric_limits<T>::epsilon() * threshold);
}

/// Whether a unit may cross between two events, given its state at both ends: else it is below θ and rising all the way, or has too small a current.
template <class T>
bool may_cross(T i, T v_then, T i_then, T threshold) {
  return i > threshold && (v_then >= threshold || i_then < v_then);
}

/// From `since` to `until`, which are `whole` apart, with all crossings on the way: spike(time, I − θ) says whether to go on. v and i
/// move to the end.
template <class T, class Spike>
void cross(T& v, T& i, const Flow<T>& whole, const TimeConstants<T>& tau, T threshold, T since, T until,
           const Spike& spike) {
  T t = since;
  Flow<T> rest = whole;
  bool fired = false;
  while (const Crossing<T> found = find_crossing(v, i, threshold, tau, until - t)) {
    t = std::min(t + found.seconds, std::nextafter(until, T{0}));  // before what arrives then
    i *= found.synapse, v = 0, fired = true;
    if (!spike(t, slope_of(i, threshold))) return;
    if (tau.power > 1) rest.membrane /= found.membrane, rest.synapse /= found.synapse;
  }
  if (fired && tau.power > 1) rest.kernel = tau.share * (rest.membrane - rest.synapse);
  else if (fired) rest = flow(until - t, tau);
  v = v * rest.membrane + i * rest.kernel, i *= rest.synapse;
}

/// spike(time, I − θ) for all spikes of unit j; it returns true, or throws.
template <class T, class Spike>
void forward_unit(std::size_t j, const Course<T>& course, const TimeConstants<T>& tau, T threshold,
                  const Spike& spike) {
  T v = 0, i = 0;
  for (std::size_t a = 0; a <= course.arrivals.size(); ++a) {
    const Flow<T> f = course.flow_to(a, tau);
    const T v_then = v * f.membrane + i * f.kernel, i_then = i * f.synapse;
    if (may_cross(i, v_then, i_then, threshold))
      cross(v, i, f, tau, threshold, course.since(a), course.until(a), spike);
    else v = v_then, i = i_then;
    if (a < course.arrivals.size()) i += course.arrivals[a].row[j];
  }
}

/// Likewise of a unit that takes time to recover: spike(time, S).
template <class T, class Spike>
void forward_unit(std::size_t j, const Course<T>& course, const TimeConstants<T>& tau, T threshold,
                  const Recovery<T>& recovery, const Spike& spike) {
  T v = 0, i = 0, now = 0, free = 0;  // refractory before `free`
  Raised<T> raised;
  for (std::size_t a = 0; a <= course.arrivals.size(); ++a) {
    const T until = course.until(a);
    while (now < until) {
      if (now < free) {
        const T then = std::min(free, until);
        i *= std::exp((now - then) / tau.synapse), now = then;
        continue;
      }
      Crossing<T> found;
      if (std::max(v, i) > threshold)
        found = find_crossing(v, i, raised.at(now, recovery.tau), threshold, tau, recovery.tau, until - now);
      if (!found) {
        const Flow<T> f = now == course.since(a) ? course.flow_to(a, tau) : flow(until - now, tau);
        v = v * f.membrane + i * f.kernel, i *= f.synapse, now = until;
        continue;
      }
      now = std::min(now + found.seconds, std::nextafter(until, T{0}));  // before what arrives then
      i *= found.synapse, v = 0, free = now + recovery.refractory;
      const T slope = slope_of(i, threshold, raised.at(now, recovery.tau), tau, recovery.tau);
      raised.spike(now, recovery);
      if (!spike(now, slope)) return;
    }
    if (a < course.arrivals.size()) i += course.arrivals[a].row[j];
  }
}

/// Where the membrane of a silent unit was highest.
template <class T>
struct Peak {
  static constexpr std::uint32_t no_event = ~std::uint32_t{0};
  T value = 0, time = 0;
  std::uint32_t event = no_event;  ///< of the arrival that made it fall from there, if one did: then V' jumps,
  T rise = 0;                      ///< and this is V' before it
};

template <class T>
Peak<T> find_peak(std::size_t j, const Course<T>& course, const TimeConstants<T>& tau) {
  Peak<T> peak;
  T v = 0, i = 0;
  for (std::size_t a = 0; a <= course.arrivals.size(); ++a) {
    const T since = course.since(a), longest = course.until(a) - since;
    const T s = time_of_maximum(v, i, tau, longest);
    const Flow<T> to_end = course.flow_to(a, tau);
    const Flow<T> f = s < longest ? flow(s, tau) : to_end;
    const T highest = v * f.membrane + i * f.kernel;
    if (highest > peak.value) {
      peak = {highest, since + s};
      if (s >= longest) {
        peak.time = course.until(a);
        if (a < course.arrivals.size())
          peak.event = course.arrivals[a].event, peak.rise = (i * f.synapse - highest) / tau.membrane;
      }
    }
    v = v * to_end.membrane + i * to_end.kernel, i *= to_end.synapse;
    if (a < course.arrivals.size()) i += course.arrivals[a].row[j];
  }
  return peak;
}

}  // namespace neurarium::kernels
