#include "neurarium/kernels/lif.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/lif.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Two vectors of units go through all their steps before the next ones do: their state stays in registers, and one computes
// while the other waits. The questions of the loop have the same answer in every step, so the processor foresees them.

template <class T, std::size_t K>
void forward_part(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                  LifState<T>& state, std::size_t from) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const auto zero = hn::Zero(tag), one = hn::Set(tag, T{1});
  const bool refractory = units.refractory > 0;
  V decay[K], threshold[K], beta[K], rho[K], kappa[K], v[K], s[K], i[K], a[K], hold[K];
  for (std::size_t k = 0; k < K; ++k) {
    const auto load = [&](const T* p) HWY_ATTR { return p ? hn::LoadU(tag, p + from + k * lanes) : hn::Zero(tag); };
    decay[k] = load(units.decay), threshold[k] = load(units.threshold), beta[k] = load(units.synapse_decay);
    rho[k] = load(units.adaptation_decay), kappa[k] = load(units.adaptation_strength);
    v[k] = load(state.membrane.data()), s[k] = load(state.spike.data()), i[k] = load(state.current.data());
    a[k] = load(state.adaptation.data()), hold[k] = load(state.hold.data());
  }
  for (std::size_t t = first; t < end; ++t) {
    HWY_UNROLL(2)
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t place = t * width + from + k * lanes;
      auto current = hn::LoadU(tag, trace.current + place);
      if (units.synapse_decay) {
        i[k] = hn::Add(hn::Mul(beta[k], i[k]), current);
        current = i[k];
        hn::StoreU(current, tag, trace.current + place);
      }
      auto u = hn::Add(hn::Mul(decay[k], v[k]), current);
      auto limit = threshold[k];
      if (units.adaptation_decay) {
        a[k] = hn::Add(hn::Mul(rho[k], a[k]), s[k]);
        hn::StoreU(a[k], tag, trace.adaptation + place);
        limit = hn::Add(limit, hn::Mul(kappa[k], a[k]));
      }
      auto next = s[k];  // what the spike of the next step is, where spikes come late
      if (units.late) {
        next = hn::IfThenElseZero(hn::Gt(v[k], limit), one);
      } else {
        auto fires = hn::Gt(u, limit);
        if (refractory) {
          const auto still = hn::Gt(hold[k], zero);
          u = hn::IfThenElse(still, v[k], u);
          fires = hn::AndNot(still, fires);
          hn::StoreU(hn::IfThenElseZero(still, one), tag, trace.hold + place);
          hold[k] = hn::IfThenElse(fires, hn::Set(tag, units.refractory), hn::Max(hn::Sub(hold[k], one), zero));
        }
        s[k] = hn::IfThenElseZero(fires, one);
      }
      hn::StoreU(u, tag, trace.before + place);
      hn::StoreU(s[k], tag, trace.spike + place);
      if (units.reset == Reset::zero) v[k] = hn::Mul(u, hn::Sub(one, s[k]));
      else if (units.reset == Reset::subtract) v[k] = hn::Sub(u, hn::Mul(limit, s[k]));
      else v[k] = u;
      if (units.late) s[k] = next;
    }
  }
  for (std::size_t k = 0; k < K; ++k) {
    const auto store = [&](V value, std::vector<T>& to)
                           HWY_ATTR { hn::StoreU(value, tag, to.data() + from + k * lanes); };
    store(v[k], state.membrane), store(s[k], state.spike), store(i[k], state.current);
    store(a[k], state.adaptation), store(hold[k], state.hold);
  }
}

template <class T>
void forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
             LifState<T>& state) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t at = 0;
  for (; at + 2 * lanes <= units.width; at += 2 * lanes) forward_part<T, 2>(units, trace, first, end, state, at);
  for (; at < units.width; at += lanes) forward_part<T, 1>(units, trace, first, end, state, at);
}

/// The membrane as step t begins, from what the step before left.
template <class Tag, class T>
HWY_INLINE hn::Vec<Tag> membrane_before(Tag tag, const LifUnits<T>& units, const LifTrace<T>& trace,
                                        hn::Vec<Tag> threshold, hn::Vec<Tag> kappa, std::size_t place_before) {
  const auto u = hn::LoadU(tag, trace.before + place_before), s = hn::LoadU(tag, trace.spike + place_before);
  if (units.reset == Reset::zero) return hn::Mul(u, hn::Sub(hn::Set(tag, T{1}), s));
  if (units.reset == Reset::none) return u;
  auto limit = threshold;
  if (units.adaptation_decay) limit = hn::Add(limit, hn::Mul(kappa, hn::LoadU(tag, trace.adaptation + place_before)));
  return hn::Sub(u, hn::Mul(limit, s));
}

template <class T>
void distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t at = 0; at < width; at += lanes) {
      const std::size_t place = t * width + at;
      auto limit = hn::LoadU(tag, units.threshold + at);
      auto potential = hn::Zero(tag);
      if (!units.late) potential = hn::LoadU(tag, trace.before + place);
      else if (t > 0) potential = membrane_before(tag, units, trace, limit, limit, place - width);
      if (units.adaptation_decay)
        limit = hn::Add(
            limit, hn::Mul(hn::LoadU(tag, units.adaptation_strength + at), hn::LoadU(tag, trace.adaptation + place)));
      hn::StoreU(hn::Sub(potential, limit), tag, out + place);
    }
}

template <class T, std::size_t K>
void backward_part(const LifUnits<T>& units, const LifTrace<T>& trace, const T* spike_gradient, const T* slope, T* out,
                   std::size_t first, std::size_t end, LifCostate<T>& costate, const LifUnitsGradient<T>& gradient,
                   std::size_t from) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const auto zero = hn::Zero(tag), one = hn::Set(tag, T{1});
  const bool attached = !units.detach_reset && units.reset != Reset::none, refractory = units.refractory > 0;
  V decay[K], threshold[K], beta[K], rho[K], kappa[K], dv[K], ds[K], di[K], da[K];
  V to_decay[K], to_threshold[K], to_beta[K], to_rho[K], to_kappa[K];
  for (std::size_t k = 0; k < K; ++k) {
    const auto load = [&](const T* p) HWY_ATTR { return p ? hn::LoadU(tag, p + from + k * lanes) : hn::Zero(tag); };
    decay[k] = load(units.decay), threshold[k] = load(units.threshold), beta[k] = load(units.synapse_decay);
    rho[k] = load(units.adaptation_decay), kappa[k] = load(units.adaptation_strength);
    dv[k] = load(costate.membrane.data()), ds[k] = load(costate.spike.data());
    di[k] = load(costate.current.data()), da[k] = load(costate.adaptation.data());
    to_decay[k] = to_threshold[k] = to_beta[k] = to_rho[k] = to_kappa[k] = zero;
  }
  for (std::size_t t = end; t-- > first;) {
    HWY_UNROLL(2)
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t place = t * width + from + k * lanes;
      const auto u = hn::LoadU(tag, trace.before + place), s = hn::LoadU(tag, trace.spike + place);
      const auto here = hn::LoadU(tag, slope + place);
      const auto adaptation = units.adaptation_decay ? hn::LoadU(tag, trace.adaptation + place) : zero;
      const auto limit = units.adaptation_decay ? hn::Add(threshold[k], hn::Mul(kappa[k], adaptation)) : threshold[k];
      auto of_spike = hn::LoadU(tag, spike_gradient + place);
      if (units.adaptation_decay) of_spike = hn::Add(of_spike, da[k]);
      if (attached) of_spike = hn::Sub(of_spike, hn::Mul(dv[k], units.reset == Reset::zero ? u : limit));
      auto of_u = units.reset == Reset::zero ? hn::Mul(dv[k], hn::Sub(one, s)) : dv[k];
      auto crossing = hn::Mul(of_spike, here);
      if (units.late) {
        crossing = hn::Mul(ds[k], here);
        ds[k] = of_spike;
      }
      if (refractory) crossing = hn::IfThenZeroElse(hn::Gt(hn::LoadU(tag, trace.hold + place), zero), crossing);
      auto of_limit = hn::Neg(crossing);
      if (units.reset == Reset::subtract) of_limit = hn::Sub(of_limit, hn::Mul(dv[k], s));
      to_threshold[k] = hn::Add(to_threshold[k], of_limit);
      if (units.adaptation_decay) {
        to_kappa[k] = hn::Add(to_kappa[k], hn::Mul(of_limit, adaptation));
        da[k] = hn::Add(hn::Mul(rho[k], da[k]), hn::Mul(kappa[k], of_limit));
        if (t > 0) to_rho[k] = hn::Add(to_rho[k], hn::Mul(da[k], hn::LoadU(tag, trace.adaptation + place - width)));
      }
      if (!units.late) of_u = hn::Add(of_u, crossing);
      auto moved = of_u;  // what goes through the membrane's equation
      if (refractory) moved = hn::IfThenZeroElse(hn::Gt(hn::LoadU(tag, trace.hold + place), zero), of_u);
      if (gradient.decay && t > 0)
        to_decay[k] = hn::Add(
            to_decay[k], hn::Mul(moved, membrane_before(tag, units, trace, threshold[k], kappa[k], place - width)));
      dv[k] = hn::Mul(decay[k], moved);
      if (refractory) dv[k] = hn::Add(dv[k], hn::Sub(of_u, moved));
      if (units.late) dv[k] = hn::Add(dv[k], crossing);
      auto of_current = moved;
      if (units.synapse_decay) {
        of_current = hn::Add(moved, di[k]);
        if (t > 0) to_beta[k] = hn::Add(to_beta[k], hn::Mul(of_current, hn::LoadU(tag, trace.current + place - width)));
        di[k] = hn::Mul(beta[k], of_current);
      }
      hn::StoreU(of_current, tag, out + place);
    }
  }
  for (std::size_t k = 0; k < K; ++k) {
    const std::size_t at = from + k * lanes;
    const auto store = [&](V value, std::vector<T>& to) HWY_ATTR { hn::StoreU(value, tag, to.data() + at); };
    store(dv[k], costate.membrane), store(ds[k], costate.spike);
    store(di[k], costate.current), store(da[k], costate.adaptation);
    const auto add = [&](V value, T* to) HWY_ATTR {
      if (to) hn::StoreU(hn::Add(hn::LoadU(tag, to + at), value), tag, to + at);
    };
    add(to_decay[k], gradient.decay), add(to_threshold[k], gradient.threshold), add(to_beta[k], gradient.synapse_decay);
    add(to_rho[k], gradient.adaptation_decay), add(to_kappa[k], gradient.adaptation_strength);
  }
}

template <class T>
void backward(const LifUnits<T>& units, const LifTrace<T>& trace, const T* spike_gradient, const T* slope, T* out,
              std::size_t first, std::size_t end, LifCostate<T>& costate, const LifUnitsGradient<T>& gradient) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t at = 0;
  const auto part = [&]<std::size_t K>() {
    backward_part<T, K>(units, trace, spike_gradient, slope, out, first, end, costate, gradient, at);
    at += K * lanes;
  };
  while (at + 2 * lanes <= units.width) part.template operator()<2>();
  while (at < units.width) part.template operator()<1>();
}

void forward_f32(const LifUnits<float>& u, const LifTrace<float>& t, std::size_t first, std::size_t end,
                 LifState<float>& s) {
  forward(u, t, first, end, s);
}
void forward_f64(const LifUnits<double>& u, const LifTrace<double>& t, std::size_t first, std::size_t end,
                 LifState<double>& s) {
  forward(u, t, first, end, s);
}
void distances_f32(const LifUnits<float>& u, const LifTrace<float>& t, std::size_t steps, float* out) {
  distances(u, t, steps, out);
}
void distances_f64(const LifUnits<double>& u, const LifTrace<double>& t, std::size_t steps, double* out) {
  distances(u, t, steps, out);
}
void backward_f32(const LifUnits<float>& u, const LifTrace<float>& t, const float* g, const float* slope, float* out,
                  std::size_t first, std::size_t end, LifCostate<float>& c, const LifUnitsGradient<float>& n) {
  backward(u, t, g, slope, out, first, end, c, n);
}
void backward_f64(const LifUnits<double>& u, const LifTrace<double>& t, const double* g, const double* slope,
                  double* out, std::size_t first, std::size_t end, LifCostate<double>& c,
                  const LifUnitsGradient<double>& n) {
  backward(u, t, g, slope, out, first, end, c, n);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <type_traits>

namespace neurarium::kernels {
HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_f64);
HWY_EXPORT(distances_f32);
HWY_EXPORT(distances_f64);
HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_f64);

template <class T>
void lif_forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                 LifState<T>& state) {
  if (units.soft_spike) reference::lif_forward(units, trace, first, end, state);
  else if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(forward_f32)(units, trace, first, end, state);
  else HWY_DYNAMIC_DISPATCH(forward_f64)(units, trace, first, end, state);
}

template <class T>
void lif_distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out) {
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(distances_f32)(units, trace, steps, out);
  else HWY_DYNAMIC_DISPATCH(distances_f64)(units, trace, steps, out);
}

template <class T>
void lif_backward(const LifUnits<T>& units, const LifTrace<T>& trace, const T* spike_gradient, const T* slope, T* out,
                  std::size_t first, std::size_t end, LifCostate<T>& costate, const LifUnitsGradient<T>& gradient) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(backward_f32)(units, trace, spike_gradient, slope, out, first, end, costate, gradient);
  else HWY_DYNAMIC_DISPATCH(backward_f64)(units, trace, spike_gradient, slope, out, first, end, costate, gradient);
}

template void lif_forward<float>(const LifUnits<float>&, const LifTrace<float>&, std::size_t, std::size_t,
                                 LifState<float>&);
template void lif_forward<double>(const LifUnits<double>&, const LifTrace<double>&, std::size_t, std::size_t,
                                  LifState<double>&);
template void lif_distances<float>(const LifUnits<float>&, const LifTrace<float>&, std::size_t, float*);
template void lif_distances<double>(const LifUnits<double>&, const LifTrace<double>&, std::size_t, double*);
template void lif_backward<float>(const LifUnits<float>&, const LifTrace<float>&, const float*, const float*, float*,
                                  std::size_t, std::size_t, LifCostate<float>&, const LifUnitsGradient<float>&);
template void lif_backward<double>(const LifUnits<double>&, const LifTrace<double>&, const double*, const double*,
                                   double*, std::size_t, std::size_t, LifCostate<double>&,
                                   const LifUnitsGradient<double>&);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
