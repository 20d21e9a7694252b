#include "neurarium/models/eventprop_lif/recurrent.hpp"

#include <algorithm>

namespace neurarium::eventprop {
namespace {

/// The flow of all units, or of each.
template <class T>
struct Flows {
  Flows(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus, T seconds)
      : taus_(taus), seconds_(seconds), one_(n.one_tau) {
    if (one_) common_ = kernels::flow(seconds, taus[0]);
  }
  kernels::Flow<T> operator()(std::size_t j) const { return one_ ? common_ : kernels::flow(seconds_, taus_[j]); }

 private:
  std::span<const kernels::TimeConstants<T>> taus_;
  T seconds_;
  bool one_;
  kernels::Flow<T> common_;
};

}  // namespace

template <class T>
void make_layer_arrivals(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample,
                         std::vector<Arrival<T>>& scratch, std::vector<LayerArrival<T>>& arrivals) {
  arrivals.clear();
  const bool synaptic = n.delay_kind == Delays::synaptic;
  for (std::size_t j = 0; j < (synaptic ? n.units : 1); ++j) {
    make_arrivals(n, in, sample, j, scratch);
    for (const Arrival<T>& arrival : scratch)
      arrivals.push_back({arrival, synaptic ? static_cast<std::uint32_t>(j) : LayerArrival<T>::all_units});
  }
  if (synaptic)
    std::ranges::stable_sort(arrivals, [](const LayerArrival<T>& a, const LayerArrival<T>& b) {
      return arrives_before(a.arrival, b.arrival);
    });
}

template <class T>
void RecurrentLayer<T>::advance(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus, T seconds) {
  const Flows<T> flows(n, taus, seconds);
  const auto go = [units = n.units, v = v_.data(), i = i_.data()](const auto& flow_of) {
    for (std::size_t j = 0; j < units; ++j) {
      const kernels::Flow<T> f = flow_of(j);
      v[j] = v[j] * f.membrane + i[j] * f.kernel;
      i[j] *= f.synapse;
    }
  };
  // Apart, so that the compiler makes vectors of the first.
  if (n.one_tau) go([common = flows(0)](std::size_t) { return common; });
  else go(flows);
}

template <class T>
void RecurrentLayer<T>::back(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus, T seconds,
                             bool wants_tau) {
  const Flows<T> flows(n, taus, seconds);
  for (std::size_t j = 0; j < n.units; ++j) {
    const kernels::Flow<T> f = flows(j);
    if (wants_tau) states_[j].back_integrals(seconds, f, taus[j]);
    states_[j].back(f);
  }
}

/// Adds `row` to the currents of units [first, end) now, and bounds when they fire next.
template <class T>
void RecurrentLayer<T>::add(const Numbers<T>& n, const T* row, std::size_t first, std::size_t end, T now) {
  kernels::add_and_bound<T>(row + first, n.threshold.data() + first, n.tau_membrane.data() + first, now,
                            {v_.data() + first, end - first}, i_.data() + first, next_.data() + first);
  std::fill(solved_.begin() + static_cast<std::ptrdiff_t>(first), solved_.begin() + static_cast<std::ptrdiff_t>(end),
            0);
}

template <class T>
void RecurrentLayer<T>::forward(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
                                std::span<const LayerArrival<T>> arrivals, T duration,
                                std::vector<LayerSpike<T>>& spikes) {
  if (n.recovers()) return forward_recovering(n, taus, arrivals, duration, spikes);
  constexpr T never = std::numeric_limits<T>::infinity();
  v_.assign(n.units, 0), i_.assign(n.units, 0), next_.assign(n.units, never), solved_.assign(n.units, 0);
  T now = 0;
  const auto go_to = [&](T time) {
    if (time > now) advance(n, taus, time - now);
    now = time;
  };
  for (std::size_t a = 0;;) {
    const T until = a < arrivals.size() ? arrivals[a].arrival.time : duration;
    const auto first = static_cast<std::size_t>(std::ranges::find(next_, kernels::least_of<T>(next_)) - next_.begin());
    if (!(next_[first] < until)) {
      if (a == arrivals.size()) return;
      go_to(until);
      const LayerArrival<T>& it = arrivals[a++];
      const bool all = it.unit == LayerArrival<T>::all_units;
      add(n, it.arrival.row, all ? 0 : it.unit, all ? n.units : it.unit + 1, now);
      continue;
    }
    if (!solved_[first]) {
      const T s = kernels::crossing(v_[first], i_[first], n.threshold[first], taus[first], duration - now);
      next_[first] = s < 0 ? never : now + s;
      solved_[first] = 1;
      continue;
    }
    if (spikes.size() >= n.most_spikes) throw TooManySpikes{0, first};
    go_to(next_[first]);
    spikes.push_back({now, static_cast<std::uint32_t>(first), kernels::slope_of(i_[first], n.threshold[first])});
    v_[first] = 0;
    add(n, n.recurrent.data() + first * n.units, 0, n.units, now);
  }
}

template void make_layer_arrivals(const Numbers<float>&, const SpikeTimes<float>&, std::size_t,
                                  std::vector<Arrival<float>>&, std::vector<LayerArrival<float>>&);
template void make_layer_arrivals(const Numbers<double>&, const SpikeTimes<double>&, std::size_t,
                                  std::vector<Arrival<double>>&, std::vector<LayerArrival<double>>&);
template class RecurrentLayer<float>;
template class RecurrentLayer<double>;

}  // namespace neurarium::eventprop
