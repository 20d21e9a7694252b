// Layers whose units drive each other: all units go together from event to event, strictly in the order of time.
//
// Forward: of each unit that may fire, the tangent of its membrane gives a time before which it can't (V is concave as long as it rises).
// Only the unit whose time is the least is solved exactly; when that stays the least and nothing arrives before, it fires. Units that take
// time to recover (recurrent_recovery.cpp) have a bound of their own, and the end of a refractory time is an event like others.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/kernels/event_units.hpp"
#include "neurarium/models/eventprop_lif/arrivals.hpp"

namespace neurarium::eventprop {

/// An arrival of an input at all units, or at one.
template <class T>
struct LayerArrival {
  static constexpr std::uint32_t all_units = ~std::uint32_t{0};
  Arrival<T> arrival;
  std::uint32_t unit = all_units;
};

using kernels::LayerSpike;

/// All that arrives from outside at a recurrent layer, in the order of time.
template <class T>
void make_layer_arrivals(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample,
                         std::vector<Arrival<T>>& scratch, std::vector<LayerArrival<T>>& arrivals);

/// Scratch of both passes, and forward of one sample: appends its spikes in the order of time.
template <class T>
class RecurrentLayer {
 public:
  void forward(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
               std::span<const LayerArrival<T>> arrivals, T duration, std::vector<LayerSpike<T>>& spikes);

  /// Where a silent unit's adjoint begins.
  struct Start {
    T time;
    std::uint32_t unit;
    T p;
    std::uint32_t event;  ///< Peak::event
    T of_event;           ///< what that adds to ∂E/∂t of it
  };
  /// `out_gradient`: ∂E/∂t of each spike. `starts`, the latest first. at_arrival(arrival, unit, q, ∂E/∂t), where ∂E/∂t counts the weight;
  /// recurrent arrivals have been seen to. Events of inputs come before those of spikes, which begin at `first_spike_event`.
  template <class AtArrival>
  void backward(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
                std::span<const LayerArrival<T>> arrivals, std::span<const OwnSpike<T>> spikes,
                std::span<const typename SpikeTimes<T>::Unit> units, std::span<const Start> starts,
                std::uint32_t first_spike_event, const Gradients<T>& gradients, const AtArrival& at_arrival);

 private:
  void forward_recovering(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
                          std::span<const LayerArrival<T>> arrivals, T duration, std::vector<LayerSpike<T>>& spikes);
  void set_raised(const Numbers<T>& n, std::span<const OwnSpike<T>> spikes,
                  std::span<const typename SpikeTimes<T>::Unit> units);
  void advance(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus, T seconds);
  void back(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus, T seconds, bool wants_tau);
  void add(const Numbers<T>& n, const T* row, std::size_t first, std::size_t end, T now);
  std::vector<T> v_, i_, next_;
  std::vector<std::uint8_t> solved_;
  std::vector<Costate<T>> states_;
  std::vector<UnitSums<T>> sums_;
  std::vector<T> free_;                       ///< of each unit: the end of its refractory time
  std::vector<Raised<T>> thresholds_;         ///< of each unit
  std::vector<T> raised_;                     ///< b before each spike; empty: units recover at once
  std::vector<RecoveryCostate<T>> recovery_;  ///< of each unit
};

template <class T>
template <class AtArrival>
void RecurrentLayer<T>::backward(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
                                 std::span<const LayerArrival<T>> arrivals, std::span<const OwnSpike<T>> spikes,
                                 std::span<const typename SpikeTimes<T>::Unit> units, std::span<const Start> starts,
                                 std::uint32_t first_spike_event, const Gradients<T>& gradients,
                                 const AtArrival& at_arrival) {
  states_.assign(n.units, {}), sums_.assign(n.units, {});
  const bool wants_tau = gradients.tau_membrane != nullptr;
  const bool recovers = n.recovers();
  set_raised(n, spikes, units);
  const auto end_of = [&](std::size_t spike) { return spikes[spike].time + static_cast<T>(n.refractory); };
  std::size_t a = arrivals.size(), k = spikes.size(), s = 0, held = recovers ? k : 0;
  T now = 0;
  bool running = false;
  const auto go_to = [&](T time) {
    if (running && now > time) back(n, taus, now - time, wants_tau);
    now = time, running = true;
  };
  const auto of_weight = [&](std::size_t j, T w) {
    sums_[j].tau_membrane -= w * states_[j].m_i, sums_[j].tau_synapse += w * states_[j].s_i;
  };
  // Of starts whose kink is this event: it moves the maximum.
  const auto of_kinks = [&](std::uint32_t event, std::uint32_t unit, T time) {
    T sum = 0;
    for (std::size_t x = s; x < starts.size() && starts[x].time >= time; ++x)
      if (starts[x].event == event && (unit == LayerArrival<T>::all_units || unit == starts[x].unit))
        sum += starts[x].of_event;
    return sum;
  };
  while (a > 0 || k > 0) {
    const bool own = k > 0 && (a == 0 || spikes[k - 1].time >= arrivals[a - 1].arrival.time);
    const T time = own ? spikes[k - 1].time : arrivals[a - 1].arrival.time;
    const auto start = [&](T after) {
      for (; s < starts.size() && starts[s].time > after; ++s)
        go_to(starts[s].time), states_[starts[s].unit].p += starts[s].p;
    };
    for (; held > 0 && end_of(held - 1) >= time; --held) {
      const T end = end_of(held - 1);
      const std::size_t unit = units[held - 1];
      if (states_[unit].p == 0) continue;  // behind its last spike
      start(end), go_to(end);
      recovery_[unit].release(end, states_[unit]);
    }
    start(time), go_to(time);
    if (own) {
      const std::size_t spiking = units[--k];
      const T* row = n.recurrent.data() + spiking * n.units;
      T* to = gradients.recurrent ? gradients.recurrent + spiking * n.units : nullptr;
      T of_time = spikes[k].gradient +
                  of_kinks(first_spike_event + static_cast<std::uint32_t>(k), LayerArrival<T>::all_units, time);
      for (std::size_t j = 0; j < n.units; ++j) {
        of_time += row[j] * states_[j].of_arrival(taus[j]);
        if (to) to[j] += states_[j].q;
        if (wants_tau) of_weight(j, row[j]);
        if (recovers) recovery_[j].arrive(row[j], time, taus[j]);
      }
      if (recovers)
        recovery_[spiking].jump(spikes[k], of_time, raised_[k], n.threshold[spiking], taus[spiking],
                                n.recovery(spiking), states_[spiking], sums_[spiking]);
      else
        states_[spiking].jump(spikes[k].slope, (spikes[k].slope + n.threshold[spiking]) * states_[spiking].p, of_time,
                              taus[spiking].membrane);
      sums_[spiking].threshold -= states_[spiking].p;
      continue;
    }
    const LayerArrival<T>& it = arrivals[--a];
    const std::size_t first = it.unit == LayerArrival<T>::all_units ? 0 : it.unit;
    const std::size_t end = it.unit == LayerArrival<T>::all_units ? n.units : first + 1;
    for (std::size_t j = first; j < end; ++j) {
      const T w = it.arrival.row[j];
      const T kinks = of_kinks(it.arrival.event, static_cast<std::uint32_t>(j), time);
      at_arrival(it.arrival, j, states_[j].q, w * states_[j].of_arrival(taus[j]) + kinks);
      if (wants_tau) of_weight(j, w);
      if (recovers) recovery_[j].arrive(w, time, taus[j]);
    }
  }
  for (std::size_t j = 0; j < n.units; ++j) {
    if (gradients.threshold) gradients.threshold[j] += sums_[j].threshold;
    if (gradients.adaptation)
      gradients.adaptation[j] += sums_[j].growth, gradients.tau_adaptation[j] += sums_[j].tau_adaptation;
    if (!wants_tau) continue;
    gradients.tau_membrane[j] += sums_[j].tau_membrane / taus[j].membrane;
    gradients.tau_synapse[j] += sums_[j].tau_synapse / (taus[j].synapse * taus[j].synapse);
  }
}

}  // namespace neurarium::eventprop
