// The equations of leaky integrate-and-fire units, one unit and one step after the other.
#include "neurarium/kernels/lif.hpp"

namespace neurarium::kernels {

template <class T>
void reference::lif_forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                            LifState<T>& state) {
  const auto spike_of = [&](T x) { return units.soft_spike ? (*units.soft_spike)(x) : x > 0 ? T{1} : T{0}; };
  for (std::size_t t = first; t < end; ++t)
    for (std::size_t j = 0; j < units.width; ++j) {
      const std::size_t place = t * units.width + j;
      T &v = state.membrane[j], &s = state.spike[j], &hold = state.hold[j];
      T limit = units.threshold[j];
      if (units.synapse_decay)
        trace.current[place] = state.current[j] = units.synapse_decay[j] * state.current[j] + trace.current[place];
      if (units.adaptation_decay) {
        trace.adaptation[place] = state.adaptation[j] = units.adaptation_decay[j] * state.adaptation[j] + s;
        limit += units.adaptation_strength[j] * state.adaptation[j];
      }
      const T escape = units.threshold_noise ? limit + units.threshold_noise[place] : limit;
      T u = units.decay[j] * v + trace.current[place];
      T now = s;
      if (units.late) {
        s = spike_of(v - escape);
      } else {
        const bool still = hold > 0;
        if (units.refractory > 0) trace.hold[place] = still ? T{1} : T{0};
        if (still) u = v;
        now = s = still ? T{0} : spike_of(u - escape);
        if (now > 0) hold = units.refractory;
        else if (still) hold -= 1;
      }
      trace.before[place] = u, trace.spike[place] = now;
      v = u;
      if (units.reset == Reset::zero) v = u * (1 - now);
      if (units.reset == Reset::subtract) v = u - limit * now;
    }
}

template <class T>
void reference::lif_backward(const LifUnits<T>& units, const LifTrace<T>& trace, const T* spike_gradient,
                             const T* slope, T* out, std::size_t first, std::size_t end, LifCostate<T>& costate,
                             const LifUnitsGradient<T>& gradient) {
  const auto limit_at = [&](std::size_t j, std::size_t place) {
    return units.adaptation_decay ? units.threshold[j] + units.adaptation_strength[j] * trace.adaptation[place]
                                  : units.threshold[j];
  };
  const auto add = [](T* sums, std::size_t j, T value) {
    if (sums) sums[j] += value;
  };
  for (std::size_t t = end; t-- > first;)
    for (std::size_t j = 0; j < units.width; ++j) {
      const std::size_t place = t * units.width + j, before = place - units.width;
      const T u = trace.before[place], s = trace.spike[place], limit = limit_at(j, place);
      T &dv = costate.membrane[j], &ds = costate.spike[j], &di = costate.current[j], &da = costate.adaptation[j];
      const bool still = units.refractory > 0 && trace.hold[place] > 0;

      T of_spike = spike_gradient[place];
      if (units.adaptation_decay) of_spike += da;
      if (!units.detach_reset && units.reset == Reset::zero) of_spike -= dv * u;
      if (!units.detach_reset && units.reset == Reset::subtract) of_spike -= dv * limit;
      T crossing = of_spike * slope[place];
      if (units.late) crossing = ds * slope[place], ds = of_spike;
      if (still) crossing = 0;

      T of_limit = -crossing;
      if (units.reset == Reset::subtract) of_limit -= dv * s;
      add(gradient.threshold, j, of_limit);
      if (units.adaptation_decay) {
        add(gradient.adaptation_strength, j, of_limit * trace.adaptation[place]);
        da = units.adaptation_decay[j] * da + units.adaptation_strength[j] * of_limit;
        if (t > 0) add(gradient.adaptation_decay, j, da * trace.adaptation[before]);
      }

      T v = 0;
      if (t > 0) {
        v = trace.before[before];
        if (units.reset == Reset::zero) v *= 1 - trace.spike[before];
        if (units.reset == Reset::subtract) v -= limit_at(j, before) * trace.spike[before];
      }
      T of_u = units.reset == Reset::zero ? dv * (1 - s) : dv;
      if (!units.late) of_u += crossing;
      const T moved = still ? T{0} : of_u;
      add(gradient.decay, j, moved * v);
      dv = units.decay[j] * moved + (of_u - moved);
      if (units.late) dv += crossing;
      out[place] = moved;
      if (units.synapse_decay) {
        out[place] = moved + di;
        if (t > 0) add(gradient.synapse_decay, j, out[place] * trace.current[before]);
        di = units.synapse_decay[j] * out[place];
      }
    }
}

template <class T>
void reference::lif_distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out) {
  for (std::size_t place = 0; place < steps * units.width; ++place) {
    const std::size_t j = place % units.width, before = place - units.width;
    const auto limit_at = [&](std::size_t here) {
      return units.adaptation_decay ? units.threshold[j] + units.adaptation_strength[j] * trace.adaptation[here]
                                    : units.threshold[j];
    };
    T potential = trace.before[place];
    if (units.late) {
      potential = place < units.width ? T{0} : trace.before[before];
      if (place >= units.width && units.reset == Reset::zero) potential *= 1 - trace.spike[before];
      if (place >= units.width && units.reset == Reset::subtract) potential -= limit_at(before) * trace.spike[before];
    }
    out[place] = potential - limit_at(place);
  }
}

template void reference::lif_forward<float>(const LifUnits<float>&, const LifTrace<float>&, std::size_t, std::size_t,
                                            LifState<float>&);
template void reference::lif_forward<double>(const LifUnits<double>&, const LifTrace<double>&, std::size_t, std::size_t,
                                             LifState<double>&);
template void reference::lif_distances<float>(const LifUnits<float>&, const LifTrace<float>&, std::size_t, float*);
template void reference::lif_distances<double>(const LifUnits<double>&, const LifTrace<double>&, std::size_t, double*);
template void reference::lif_backward<float>(const LifUnits<float>&, const LifTrace<float>&, const float*, const float*,
                                             float*, std::size_t, std::size_t, LifCostate<float>&,
                                             const LifUnitsGradient<float>&);
template void reference::lif_backward<double>(const LifUnits<double>&, const LifTrace<double>&, const double*,
                                              const double*, double*, std::size_t, std::size_t, LifCostate<double>&,
                                              const LifUnitsGradient<double>&);

}  // namespace neurarium::kernels
