// What the event engine leaves on the tape, and how it looks at one sample of a pass.
#pragma once

#include <utility>
#include <vector>

#include "neurarium/models/eventprop_lif/recurrent.hpp"

namespace neurarium::eventprop {

template <class T>
struct EventPass : Pass<T> {
  /// Of each answer of a silent unit, in their order.
  std::vector<Peak<T>> peaks;
  std::vector<std::size_t> first_peak;  ///< of each sample
  // scratch
  mutable RecurrentLayer<T> recurrent;
  mutable std::vector<LayerArrival<T>> layer_arrivals;
  mutable std::vector<typename RecurrentLayer<T>::Start> starts;
  mutable std::vector<Arrival<T>> arrivals;
  mutable std::vector<kernels::Flow<T>> flows;
  mutable std::vector<kernels::TimeConstants<T>> taus;  ///< of each unit
  mutable std::vector<std::size_t> first_own;           ///< of each unit in `own`
  mutable std::vector<OwnSpike<T>> own;
  mutable std::vector<T> raised;  ///< b before each of `own`, if units take time to recover
  mutable std::vector<T> of_arrival;
  std::vector<LayerSpike<T>> spikes;
  std::vector<std::pair<T, std::uint32_t>> silent;  ///< time of the answer, unit
  std::vector<Peak<T>> peak_of;                     ///< [units]
  std::vector<std::uint8_t> fired;                  ///< [units]
};

/// A sample's answers with the gradient at them: first the spikes, then `silent` answers of silent units.
template <class T>
struct SampleSpikes {
  const SpikeTimes<T>& out;
  std::span<const T> out_gradient;
  std::size_t sample, silent;
  std::size_t first() const { return out.first(sample); }
  std::size_t fired() const { return out.count(sample) - silent; }
  std::span<const T> times() const { return out.times(sample); }
  std::span<const typename SpikeTimes<T>::Unit> units() const { return out.units_of(sample); }
  T gradient(std::size_t k) const { return out_gradient[first() + k]; }
};

/// ∂E/∂t of arrivals of a sample, to where it is asked for.
template <class T>
struct TimeGradient {
  const Numbers<T>& n;
  std::span<const typename SpikeTimes<T>::Unit> who;
  T* in;  ///< of the sample's events, or null
  T* delays;
  void add(std::uint32_t event, std::size_t j, T slope) const {
    if (in) in[event] += slope;
    if (delays) delays[n.delay_kind == Delays::axonal ? who[event] : who[event] * n.units + j] += slope;
  }
};

}  // namespace neurarium::eventprop
