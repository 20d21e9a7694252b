#include <algorithm>
#include <cmath>

#include "neurarium/models/spike_integrator/spike_integrator.hpp"

namespace neurarium {

// From spike to spike. V may be largest between two (there it stands still), where a spike makes a rise a fall (a kink), or at the
// end if it still rises then.
template <class T>
void SpikeIntegrator<T>::forward_max(Activity<T>& out, Cache& cache) const {
  const SpikeTimes<T>& in = *cache.in;
  const double duration = in.duration(), a = 1 / cache.tau.membrane, b = 1 / cache.tau.synapse;
  const View<T> largest = out.make_dense(Shape{in.samples(), units_});
  cache.peaks.assign(in.samples() * units_, {});
  std::vector<double> v(units_), current(units_);
  for (std::size_t i = 0; i < in.samples(); ++i) {
    using Peak = typename Cache::Peak;
    Peak* peaks = cache.peaks.data() + i * units_;
    const auto consider = [&](std::size_t j, const Peak& peak) {
      if (peak.value > peaks[j].value) peaks[j] = peak;
    };
    std::ranges::fill(v, 0.0), std::ranges::fill(current, 0.0);
    const auto times = in.times(i);
    double now = 0;
    for (std::size_t k = 0; now < duration; ++k) {
      const bool ends = k == times.size() || static_cast<double>(times[k]) >= duration;
      const double next = ends ? duration : static_cast<double>(times[k]), gap = next - now;
      const double decay = std::exp(-a * gap), synapse_decay = std::exp(-b * gap),
                   rise = potential(cache.tau, gap).value;
      const T* row = ends ? nullptr : cache.signs.weight.data() + in.units_of(i)[k] * units_;
      for (std::size_t j = 0; j < units_; ++j) {
        const double before = v[j], drive = current[j];
        v[j] = before * decay + drive * rise, current[j] = drive * synapse_decay;
        if (drive > before && current[j] < v[j])
          if (const double s = std::min(time_to_peak(cache.tau, before, drive), gap); s >= 0)
            consider(j, {now + s, before * std::exp(-a * s) + drive * potential(cache.tau, s).value});
        const double excess = current[j] - v[j];
        if (ends && excess > 0) consider(j, {duration, v[j]});
        if (ends) continue;
        current[j] += static_cast<double>(row[j]);
        if (excess > 0 && current[j] <= v[j]) consider(j, {next, v[j], a * excess, in.first(i) + k});
      }
      now = next;
      if (ends) break;
    }
    for (std::size_t j = 0; j < units_; ++j) largest(i, j) = static_cast<T>(params_.gain * peaks[j].value);
  }
}

// The time of a smooth maximum may stay where it is (V' = 0): max V = Σ W V(t_max − t) of the spikes before it.
template <class T>
void SpikeIntegrator<T>::backward_max(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const {
  const SpikeTimes<T>& in = *cache.in;
  const bool learns_time = params_.learn_time_constants && slopes.of_parameters;
  std::ranges::fill(slopes.of_times, T{0});
  for (std::size_t i = 0; i < in.samples(); ++i) {
    const auto times = in.times(i);
    const auto units = in.units_of(i);
    for (std::size_t j = 0; j < units_; ++j) {
      const auto& peak = cache.peaks[i * units_ + j];
      const double given = params_.gain * static_cast<double>(out_gradient(i, j));
      for (std::size_t k = 0; k < times.size() && static_cast<double>(times[k]) < peak.time; ++k) {
        const double u = peak.time - static_cast<double>(times[k]);
        const double w = static_cast<double>(cache.signs.weight(units[k], j));
        const Response v = potential(cache.tau, u);
        if (slopes.of_parameters) slopes.of_weight(units[k], j) += static_cast<T>(given * v.value);
        if (!slopes.of_times.empty()) slopes.of_times[in.first(i) + k] -= static_cast<T>(given * w * v.slope);
        if (!learns_time) continue;
        const OfTimeConstants by_tau = potential_by_tau(cache.tau, u);
        slopes.of_log_membrane += given * w * by_tau.of_log_membrane;
        slopes.of_log_synapse += given * w * by_tau.of_log_synapse;
      }
      if (peak.spike != Cache::no_spike && !slopes.of_times.empty())
        slopes.of_times[peak.spike] += static_cast<T>(given * peak.rate);
    }
  }
}

template void SpikeIntegrator<float>::forward_max(Activity<float>&, Cache&) const;
template void SpikeIntegrator<double>::forward_max(Activity<double>&, Cache&) const;
template void SpikeIntegrator<float>::backward_max(View<const float>, const Cache&, Slopes&) const;
template void SpikeIntegrator<double>::backward_max(View<const double>, const Cache&, Slopes&) const;

}  // namespace neurarium
