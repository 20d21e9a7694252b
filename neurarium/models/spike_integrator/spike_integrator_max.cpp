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
  std::vector<double> v(units_), current(units_), arriving(units_);
  for (std::size_t i = 0; i < in.samples(); ++i) {
    using Peak = typename Cache::Peak;
    Peak* peaks = cache.peaks.data() + i * units_;
    const auto consider = [&](std::size_t j, const Peak& peak) {
      if (peak.value > peaks[j].value) peaks[j] = peak;
    };
    std::ranges::fill(v, 0.0), std::ranges::fill(current, 0.0), std::ranges::fill(arriving, 0.0);
    const auto times = in.times(i);
    double now = 0;
    for (std::size_t k = 0; now < duration; ++k) {
      const bool ends = k == times.size() || static_cast<double>(times[k]) >= duration;
      const double next = ends ? duration : static_cast<double>(times[k]), gap = next - now;
      if (gap > 0) {
        const double decay = std::exp(-a * gap), synapse_decay = std::exp(-b * gap),
                     rise = potential(cache.tau, gap).value;
        for (std::size_t j = 0; j < units_; ++j) {
          const double before = v[j], drive = current[j];
          v[j] = before * decay + drive * rise, arriving[j] = current[j] = drive * synapse_decay;
          // Where V stands still it is as large as I, which only falls.
          if (drive > before && current[j] < v[j] && drive > peaks[j].value)
            if (const double s = std::min(time_to_peak(cache.tau, before, drive), gap); s >= 0)
              consider(j, {now + s, drive * std::exp(-b * s)});
        }
      }
      for (std::size_t j = 0; j < units_ && ends; ++j)
        if (current[j] > v[j]) consider(j, {duration, v[j]});
      if (ends) break;
      const T* row = cache.signs.weight.data() + in.units_of(i)[k] * units_;
      for (std::size_t j = 0; j < units_; ++j) {
        const bool rises = current[j] > v[j];
        current[j] += static_cast<double>(row[j]);
        // V' before all spikes of this moment: they move together.
        if (v[j] > peaks[j].value && rises && current[j] <= v[j])
          consider(j, {next, v[j], a * (arriving[j] - v[j]), in.first(i) + k});
      }
      now = next;
    }
    for (std::size_t j = 0; j < units_; ++j) largest(i, j) = static_cast<T>(params_.gain * peaks[j].value);
  }
}

// The time of a smooth maximum may stay where it is (V' = 0): max V = Σ W v(t_max − t) of the spikes before it. Back from the
// last spike, each unit's response v and current e^(−u/τs) grow older by the gaps.
template <class T>
void SpikeIntegrator<T>::backward_max(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const {
  const SpikeTimes<T>& in = *cache.in;
  const double a = 1 / cache.tau.membrane, b = 1 / cache.tau.synapse;
  const bool learns_time = params_.learn_time_constants && slopes.of_parameters;
  std::ranges::fill(slopes.of_times, T{0});
  std::vector<double> v(units_), current(units_), given(units_);
  std::vector<char> begun(units_);
  for (std::size_t i = 0; i < in.samples(); ++i) {
    const auto* peaks = cache.peaks.data() + i * units_;
    std::ranges::fill(v, 0.0), std::ranges::fill(current, 0.0), std::ranges::fill(begun, char{0});
    for (std::size_t j = 0; j < units_; ++j) {
      given[j] = params_.gain * static_cast<double>(out_gradient(i, j));
      if (peaks[j].spike != Cache::no_spike && !slopes.of_times.empty())
        slopes.of_times[peaks[j].spike] += static_cast<T>(given[j] * peaks[j].rate);
    }
    const auto times = in.times(i);
    for (std::size_t k = times.size(); k-- > 0;) {
      const double time = static_cast<double>(times[k]);
      const double gap = k + 1 < times.size() ? static_cast<double>(times[k + 1]) - time : 0;
      if (gap > 0 || k + 1 == times.size()) {
        const double decay = std::exp(-a * gap), synapse_decay = std::exp(-b * gap),
                     rise = potential(cache.tau, gap).value;
        for (std::size_t j = 0; j < units_; ++j) {
          v[j] = v[j] * decay + current[j] * rise, current[j] *= synapse_decay;
          if (begun[j] || time >= peaks[j].time) continue;
          const double u = peaks[j].time - time;
          v[j] = potential(cache.tau, u).value, current[j] = std::exp(-b * u), begun[j] = 1;
        }
      }
      const std::size_t unit = in.units_of(i)[k];
      const T* row = cache.signs.weight.data() + unit * units_;
      double of_time = 0;
      for (std::size_t j = 0; j < units_; ++j)
        of_time -= given[j] * static_cast<double>(row[j]) * a * (current[j] - v[j]);
      if (!slopes.of_times.empty()) slopes.of_times[in.first(i) + k] += static_cast<T>(of_time);
      if (slopes.of_parameters)
        for (std::size_t j = 0; j < units_; ++j) slopes.of_weight(unit, j) += static_cast<T>(given[j] * v[j]);
      for (std::size_t j = 0; learns_time && j < units_; ++j) {
        if (!begun[j]) continue;
        const OfTimeConstants by_tau = potential_by_tau(cache.tau, peaks[j].time - time);
        slopes.of_log_membrane += given[j] * static_cast<double>(row[j]) * by_tau.of_log_membrane;
        slopes.of_log_synapse += given[j] * static_cast<double>(row[j]) * by_tau.of_log_synapse;
      }
    }
  }
}

template void SpikeIntegrator<float>::forward_max(Activity<float>&, Cache&) const;
template void SpikeIntegrator<double>::forward_max(Activity<double>&, Cache&) const;
template void SpikeIntegrator<float>::backward_max(View<const float>, const Cache&, Slopes&) const;
template void SpikeIntegrator<double>::backward_max(View<const double>, const Cache&, Slopes&) const;

}  // namespace neurarium
