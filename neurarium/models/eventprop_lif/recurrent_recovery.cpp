// Recurrent layers whose units take time to recover from a spike (kernels/recovery.hpp).
#include <algorithm>

#include "neurarium/models/eventprop_lif/recurrent.hpp"

namespace neurarium::eventprop {

template <class T>
void RecurrentLayer<T>::forward_recovering(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
                                           std::span<const LayerArrival<T>> arrivals, T duration,
                                           std::vector<LayerSpike<T>>& spikes) {
  constexpr T never = std::numeric_limits<T>::infinity();
  v_.assign(n.units, 0), i_.assign(n.units, 0), next_.assign(n.units, never), solved_.assign(n.units, 0);
  free_.assign(n.units, 0), thresholds_.assign(n.units, {});
  T now = 0;
  const auto raised = [&](std::size_t j) { return thresholds_[j].at(now, n.recovery(j).tau); };
  const auto go_to = [&](T time) {
    if (!(time > now)) return;
    advance(n, taus, time - now);
    for (std::size_t j = 0; j < n.units; ++j)
      if (free_[j] > now) v_[j] = 0;  // its end is an event: none is passed
    now = time;
  };
  // A time before which unit j does not fire unless something arrives, or when its refractory time ends.
  const auto bound = [&](std::size_t j) {
    solved_[j] = 0;
    if (free_[j] > now) next_[j] = free_[j];
    else if (!(std::max(v_[j], i_[j]) > n.threshold[j])) next_[j] = never;
    else next_[j] = now + kernels::time_below(v_[j], i_[j], raised(j), n.threshold[j], taus[j], n.recovery(j).tau);
  };
  const auto add = [&](const T* row, std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) i_[j] += row[j], bound(j);
  };
  for (std::size_t a = 0;;) {
    const T until = a < arrivals.size() ? arrivals[a].arrival.time : duration;
    const auto first = static_cast<std::size_t>(std::ranges::min_element(next_) - next_.begin());
    if (!(next_[first] < until)) {
      if (a == arrivals.size()) return;
      go_to(until);
      const LayerArrival<T>& it = arrivals[a++];
      const bool all = it.unit == LayerArrival<T>::all_units;
      add(it.arrival.row, all ? 0 : it.unit, all ? n.units : it.unit + 1);
      continue;
    }
    if (free_[first] > now) {
      go_to(free_[first]), bound(first);
      continue;
    }
    if (!solved_[first]) {
      const T s = kernels::find_crossing(v_[first], i_[first], raised(first), n.threshold[first], taus[first],
                                         n.recovery(first).tau, duration - now)
                      .seconds;
      next_[first] = s < 0 ? never : now + s;
      solved_[first] = 1;
      continue;
    }
    if (spikes.size() >= n.most_spikes) throw TooManySpikes{0, first};
    go_to(next_[first]);
    const Recovery<T> recovery = n.recovery(first);
    spikes.push_back({now, static_cast<std::uint32_t>(first),
                      kernels::slope_of(i_[first], n.threshold[first], raised(first), taus[first], recovery.tau)});
    v_[first] = 0, free_[first] = now + recovery.refractory;
    thresholds_[first].spike(now, recovery);
    add(n.recurrent.data() + first * n.units, 0, n.units);
  }
}

/// b before each spike, and all units at rest behind the last, for the way back.
template <class T>
void RecurrentLayer<T>::set_raised(const Numbers<T>& n, std::span<const OwnSpike<T>> spikes,
                                   std::span<const typename SpikeTimes<T>::Unit> units) {
  raised_.clear();
  if (!n.recovers()) return;
  recovery_.assign(n.units, {}), thresholds_.assign(n.units, {});
  for (std::size_t k = 0; k < spikes.size(); ++k) {
    Raised<T>& threshold = thresholds_[units[k]];
    const Recovery<T> recovery = n.recovery(units[k]);
    raised_.push_back(threshold.at(spikes[k].time, recovery.tau));
    threshold.spike(spikes[k].time, recovery);
  }
}

#define NEURARIUM_INSTANTIATE(T)                                                                                     \
  template void RecurrentLayer<T>::forward_recovering(const Numbers<T>&, std::span<const kernels::TimeConstants<T>>, \
                                                      std::span<const LayerArrival<T>>, T,                           \
                                                      std::vector<LayerSpike<T>>&);                                  \
  template void RecurrentLayer<T>::set_raised(const Numbers<T>&, std::span<const OwnSpike<T>>,                       \
                                              std::span<const typename SpikeTimes<T>::Unit>);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::eventprop
