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
  for (std::size_t j = 0; j < n.units; ++j) {
    const kernels::Flow<T> f = flows(j);
    v_[j] = v_[j] * f.membrane + i_[j] * f.kernel;
    i_[j] *= f.synapse;
  }
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

/// The tangent's crossing: the unit does not fire before.
template <class T>
void RecurrentLayer<T>::bound(std::size_t j, T threshold, const kernels::TimeConstants<T>& tau, T now) {
  solved_[j] = 0;
  if (!(i_[j] > threshold)) next_[j] = std::numeric_limits<T>::infinity();
  else next_[j] = v_[j] < threshold ? now + tau.membrane * (threshold - v_[j]) / (i_[j] - v_[j]) : now;
}

template <class T>
void RecurrentLayer<T>::forward(const Numbers<T>& n, std::span<const kernels::TimeConstants<T>> taus,
                                std::span<const LayerArrival<T>> arrivals, T duration,
                                std::vector<LayerSpike<T>>& spikes) {
  constexpr T never = std::numeric_limits<T>::infinity();
  v_.assign(n.units, 0), i_.assign(n.units, 0), next_.assign(n.units, never), solved_.assign(n.units, 0);
  T now = 0;
  const auto go_to = [&](T time) {
    if (time > now) advance(n, taus, time - now);
    now = time;
  };
  for (std::size_t a = 0;;) {
    const T until = a < arrivals.size() ? arrivals[a].arrival.time : duration;
    const auto first = static_cast<std::size_t>(std::ranges::min_element(next_) - next_.begin());
    if (!(next_[first] < until)) {
      if (a == arrivals.size()) return;
      go_to(until);
      const LayerArrival<T>& it = arrivals[a++];
      const bool all = it.unit == LayerArrival<T>::all_units;
      for (std::size_t j = all ? 0 : it.unit; j < (all ? n.units : it.unit + 1); ++j) {
        i_[j] += it.arrival.row[j];
        bound(j, n.threshold[j], taus[j], now);
      }
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
    const T* row = n.recurrent.data() + first * n.units;
    for (std::size_t j = 0; j < n.units; ++j) {
      i_[j] += row[j];
      bound(j, n.threshold[j], taus[j], now);
    }
  }
}

template void make_layer_arrivals(const Numbers<float>&, const SpikeTimes<float>&, std::size_t,
                                  std::vector<Arrival<float>>&, std::vector<LayerArrival<float>>&);
template void make_layer_arrivals(const Numbers<double>&, const SpikeTimes<double>&, std::size_t,
                                  std::vector<Arrival<double>>&, std::vector<LayerArrival<double>>&);
template class RecurrentLayer<float>;
template class RecurrentLayer<double>;

}  // namespace neurarium::eventprop
