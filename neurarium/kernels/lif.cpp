#include "neurarium/kernels/lif.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/lif.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A vector of units goes through all its steps before the next vector does: their state stays in registers. The questions
// of the loop have the same answer in every step, so the processor foresees them.

template <class T>
void forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
             LifState<T>& state) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const auto zero = hn::Zero(tag), one = hn::Set(tag, T{1});
  const bool refractory = units.refractory > 0;
  for (std::size_t at = 0; at < width; at += lanes) {
    const auto load = [&](const T* p) HWY_ATTR { return p ? hn::LoadU(tag, p + at) : hn::Zero(tag); };
    const auto decay = load(units.decay), threshold = load(units.threshold), beta = load(units.synapse_decay),
               rho = load(units.adaptation_decay), kappa = load(units.adaptation_strength);
    auto v = load(state.membrane.data()), s = load(state.spike.data()), i = load(state.current.data()),
         a = load(state.adaptation.data()), hold = load(state.hold.data());
    for (std::size_t t = first; t < end; ++t) {
      const std::size_t place = t * width + at;
      auto current = hn::LoadU(tag, trace.current + place);
      if (units.synapse_decay) {
        i = hn::Add(hn::Mul(beta, i), current);
        current = i;
        hn::StoreU(i, tag, trace.current + place);
      }
      auto u = hn::Add(hn::Mul(decay, v), current);
      auto limit = threshold;
      if (units.adaptation_decay) {
        a = hn::Add(hn::Mul(rho, a), s);
        hn::StoreU(a, tag, trace.adaptation + place);
        limit = hn::Add(threshold, hn::Mul(kappa, a));
      }
      auto next = s;  // what the spike of the next step is, where spikes come late
      if (units.late) {
        hn::StoreU(v, tag, trace.membrane + place);
        next = hn::IfThenElseZero(hn::Gt(v, limit), one);
      } else {
        auto fires = hn::Gt(u, limit);
        if (refractory) {
          const auto still = hn::Gt(hold, zero);
          u = hn::IfThenElse(still, v, u);
          fires = hn::AndNot(still, fires);
          hn::StoreU(hn::IfThenElseZero(still, one), tag, trace.hold + place);
          hold = hn::IfThenElse(fires, hn::Set(tag, units.refractory), hn::Max(hn::Sub(hold, one), zero));
        }
        s = hn::IfThenElseZero(fires, one);
      }
      hn::StoreU(u, tag, trace.before + place);
      hn::StoreU(s, tag, trace.spike + place);
      if (units.reset == Reset::zero) v = hn::Mul(u, hn::Sub(one, s));
      else if (units.reset == Reset::subtract) v = hn::Sub(u, hn::Mul(limit, s));
      else v = u;
      if (units.late) s = next;
    }
    const auto store = [&](auto value, std::vector<T>& to) HWY_ATTR { hn::StoreU(value, tag, to.data() + at); };
    store(v, state.membrane), store(s, state.spike), store(i, state.current), store(a, state.adaptation);
    store(hold, state.hold);
  }
}

template <class T>
void distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const T* potential = units.late ? trace.membrane : trace.before;
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t at = 0; at < width; at += lanes) {
      const std::size_t place = t * width + at;
      auto limit = hn::LoadU(tag, units.threshold + at);
      if (units.adaptation_decay)
        limit = hn::Add(
            limit, hn::Mul(hn::LoadU(tag, units.adaptation_strength + at), hn::LoadU(tag, trace.adaptation + place)));
      hn::StoreU(hn::Sub(hn::LoadU(tag, potential + place), limit), tag, out + place);
    }
}

template <class T>
void backward(const LifUnits<T>& units, const LifTrace<T>& trace, const T* spike_gradient, const T* slope, T* out,
              std::size_t first, std::size_t end, LifCostate<T>& costate, const LifUnitsGradient<T>& gradient) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const auto zero = hn::Zero(tag), one = hn::Set(tag, T{1});
  const bool attached = !units.detach_reset && units.reset != Reset::none, refractory = units.refractory > 0;
  for (std::size_t at = 0; at < width; at += lanes) {
    const auto load = [&](const T* p) HWY_ATTR { return p ? hn::LoadU(tag, p + at) : hn::Zero(tag); };
    const auto decay = load(units.decay), threshold = load(units.threshold), beta = load(units.synapse_decay),
               rho = load(units.adaptation_decay), kappa = load(units.adaptation_strength);
    auto dv = load(costate.membrane.data()), ds = load(costate.spike.data()), di = load(costate.current.data()),
         da = load(costate.adaptation.data());
    auto to_decay = zero, to_threshold = zero, to_beta = zero, to_rho = zero, to_kappa = zero;
    for (std::size_t t = end; t-- > first;) {
      const std::size_t place = t * width + at;
      const auto u = hn::LoadU(tag, trace.before + place), s = hn::LoadU(tag, trace.spike + place);
      const auto here = hn::LoadU(tag, slope + place);
      const auto adaptation = units.adaptation_decay ? hn::LoadU(tag, trace.adaptation + place) : zero;
      const auto limit = units.adaptation_decay ? hn::Add(threshold, hn::Mul(kappa, adaptation)) : threshold;
      auto of_spike = hn::LoadU(tag, spike_gradient + place);
      if (units.adaptation_decay) of_spike = hn::Add(of_spike, da);
      if (attached) of_spike = hn::Sub(of_spike, hn::Mul(dv, units.reset == Reset::zero ? u : limit));
      auto of_u = units.reset == Reset::zero ? hn::Mul(dv, hn::Sub(one, s)) : dv;
      auto crossing = hn::Mul(of_spike, here);
      if (units.late) {
        crossing = hn::Mul(ds, here);
        ds = of_spike;
      }
      if (refractory) crossing = hn::IfThenZeroElse(hn::Gt(hn::LoadU(tag, trace.hold + place), zero), crossing);
      auto of_limit = hn::Neg(crossing);
      if (units.reset == Reset::subtract) of_limit = hn::Sub(of_limit, hn::Mul(dv, s));
      to_threshold = hn::Add(to_threshold, of_limit);
      if (units.adaptation_decay) {
        to_kappa = hn::Add(to_kappa, hn::Mul(of_limit, adaptation));
        const auto of_a = hn::Add(hn::Mul(rho, da), hn::Mul(kappa, of_limit));
        if (t > 0) to_rho = hn::Add(to_rho, hn::Mul(of_a, hn::LoadU(tag, trace.adaptation + place - width)));
        da = of_a;
      }
      auto v = zero;  // the membrane that the step began with
      if (units.late) v = hn::LoadU(tag, trace.membrane + place);
      else if (t > 0) {
        const auto u1 = hn::LoadU(tag, trace.before + place - width), s1 = hn::LoadU(tag, trace.spike + place - width);
        if (units.reset == Reset::zero) v = hn::Mul(u1, hn::Sub(one, s1));
        else if (units.reset == Reset::none) v = u1;
        else {
          auto limit1 = threshold;
          if (units.adaptation_decay)
            limit1 = hn::Add(threshold, hn::Mul(kappa, hn::LoadU(tag, trace.adaptation + place - width)));
          v = hn::Sub(u1, hn::Mul(limit1, s1));
        }
      }
      if (!units.late) of_u = hn::Add(of_u, crossing);
      auto moved = of_u;  // what goes through the membrane's equation
      if (refractory) moved = hn::IfThenZeroElse(hn::Gt(hn::LoadU(tag, trace.hold + place), zero), of_u);
      to_decay = hn::Add(to_decay, hn::Mul(moved, v));
      dv = hn::Add(hn::Mul(decay, moved), hn::Sub(of_u, moved));
      if (units.late) dv = hn::Add(dv, crossing);
      auto of_current = moved;
      if (units.synapse_decay) {
        of_current = hn::Add(moved, di);
        if (t > 0) to_beta = hn::Add(to_beta, hn::Mul(of_current, hn::LoadU(tag, trace.current + place - width)));
        di = hn::Mul(beta, of_current);
      }
      hn::StoreU(of_current, tag, out + place);
    }
    const auto store = [&](auto value, std::vector<T>& to) HWY_ATTR { hn::StoreU(value, tag, to.data() + at); };
    store(dv, costate.membrane), store(ds, costate.spike), store(di, costate.current), store(da, costate.adaptation);
    const auto add = [&](auto value, T* to) HWY_ATTR {
      if (to) hn::StoreU(hn::Add(hn::LoadU(tag, to + at), value), tag, to + at);
    };
    add(to_decay, gradient.decay), add(to_threshold, gradient.threshold), add(to_beta, gradient.synapse_decay);
    add(to_rho, gradient.adaptation_decay), add(to_kappa, gradient.adaptation_strength);
  }
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
