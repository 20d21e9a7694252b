#include "neurarium/kernels/lif.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/lif.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "neurarium/kernels/events-inl.hpp"
#include "neurarium/kernels/lif-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// K vectors of units go through all their steps before the next ones do: their state stays in registers, and one computes
// while the other waits. The questions of the loop have the same answer in every step, so the processor foresees them; `plain`
// units (nothing but membranes) are asked none.
template <class T, std::size_t K, bool plain>
void forward_part(const LifUnits<T> units, const LifTrace<T> trace, std::size_t first, std::size_t end,
                  LifState<T>& state, const LifInputs<T>* inputs, std::size_t from) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  using M = hn::Mask<decltype(tag)>;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const auto zero = hn::Zero(tag), one = hn::Set(tag, T{1});
  const bool refractory = !plain && units.refractory > 0, adapts = !plain && units.adaptation_decay,
             has_synapse = !plain && units.synapse_decay, noisy = !plain && units.threshold_noise, late = units.late;
  V decay[K], threshold[K], beta[K], rho[K], kappa[K], v[K], i[K], a[K], hold[K], start[K], h[K];
  M s[K];
  for (std::size_t k = 0; k < K; ++k) {
    const auto load = [&](const T* p) HWY_ATTR { return p ? hn::LoadU(tag, p + from + k * lanes) : hn::Zero(tag); };
    decay[k] = load(units.decay), threshold[k] = load(units.threshold), beta[k] = load(units.synapse_decay);
    rho[k] = load(units.adaptation_decay), kappa[k] = load(units.adaptation_strength);
    v[k] = load(state.membrane.data()), i[k] = load(state.current.data());
    a[k] = load(state.adaptation.data()), hold[k] = load(state.hold.data());
    s[k] = hn::Gt(load(state.spike.data()), zero);
    start[k] = inputs ? load(inputs->start) : zero;
  }
  const StepSpikes::Unit* unit = inputs ? inputs->events.units + inputs->events.first[first] : nullptr;
  const StepSpikes::Unit* readable =
      inputs ? inputs->events.units + inputs->events.first[inputs->events.steps] : nullptr;
  for (std::size_t t = first; t < end; ++t) {
    if (inputs) {
      const StepSpikes::Unit* last = inputs->events.units + inputs->events.first[t + 1];
      gather_step<K>(tag, unit, last, readable, inputs->weights + from, width, start, h);
      unit = last;
    } else {
      HWY_UNROLL(2)
      for (std::size_t k = 0; k < K; ++k) h[k] = hn::Load(tag, trace.current + t * width + from + k * lanes);
    }
    HWY_UNROLL(2)
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t place = t * width + from + k * lanes;
      auto current = h[k];
      if (has_synapse) {
        current = i[k] = hn::Add(hn::Mul(beta[k], i[k]), current);
        hn::Store(current, tag, trace.current + place);
      }
      auto u = hn::Add(hn::Mul(decay[k], v[k]), current);
      auto limit = threshold[k];
      if (adapts) {
        a[k] = hn::Mul(rho[k], a[k]);
        a[k] = hn::IfThenElse(s[k], hn::Add(a[k], one), a[k]);
        hn::Store(a[k], tag, trace.adaptation + place);
        limit = hn::Add(limit, hn::Mul(kappa[k], a[k]));
      }
      const auto escape = noisy ? hn::Add(limit, hn::Load(tag, units.threshold_noise + place)) : limit;
      M next = s[k];  // what the spike of the next step is, where spikes come late
      if (late) {
        next = hn::Gt(v[k], escape);
      } else {
        s[k] = hn::Gt(u, escape);
        if (refractory) {
          const auto still = hn::Gt(hold[k], zero);
          u = hn::IfThenElse(still, v[k], u);
          s[k] = hn::AndNot(still, s[k]);
          hn::Store(hn::IfThenElseZero(still, one), tag, trace.hold + place);
          hold[k] = hn::IfThenElse(s[k], hn::Set(tag, units.refractory), hn::Max(hn::Sub(hold[k], one), zero));
        }
      }
      hn::Store(u, tag, trace.before + place);
      hn::StoreMaskBits(tag, s[k], trace.marks + place_of_marks(tag, place));
      if (units.reset == Reset::zero) v[k] = hn::IfThenZeroElse(s[k], u);
      else if (units.reset == Reset::subtract) v[k] = hn::IfThenElse(s[k], hn::Sub(u, limit), u);
      else v[k] = u;
      if (late) s[k] = next;
    }
  }
  for (std::size_t k = 0; k < K; ++k) {
    const auto store = [&](V value, std::vector<T>& to)
                           HWY_ATTR { hn::StoreU(value, tag, to.data() + from + k * lanes); };
    store(v[k], state.membrane), store(hn::IfThenElseZero(s[k], one), state.spike), store(i[k], state.current);
    store(a[k], state.adaptation), store(hold[k], state.hold);
  }
}

template <class T>
void forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end, LifState<T>& state,
             const LifInputs<T>* inputs) {
  each_part(units, false, [&]<std::size_t K, bool plain>(std::size_t from) HWY_ATTR {
    forward_part<T, K, plain>(units, trace, first, end, state, inputs, from);
  });
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
      else if (t > 0)
        potential = membrane_after(tag, units, limit, hn::LoadU(tag, trace.before + place - width),
                                   marks_at(tag, trace.marks, place - width));
      if (units.adaptation_decay)
        limit = hn::Add(
            limit, hn::Mul(hn::LoadU(tag, units.adaptation_strength + at), hn::LoadU(tag, trace.adaptation + place)));
      hn::StoreU(hn::Sub(potential, limit), tag, out + place);
    }
}

void forward_f32(const LifUnits<float>& u, const LifTrace<float>& t, std::size_t first, std::size_t end,
                 LifState<float>& s, const LifInputs<float>* i) {
  forward(u, t, first, end, s, i);
}
void forward_f64(const LifUnits<double>& u, const LifTrace<double>& t, std::size_t first, std::size_t end,
                 LifState<double>& s, const LifInputs<double>* i) {
  forward(u, t, first, end, s, i);
}
void distances_f32(const LifUnits<float>& u, const LifTrace<float>& t, std::size_t steps, float* out) {
  distances(u, t, steps, out);
}
void distances_f64(const LifUnits<double>& u, const LifTrace<double>& t, std::size_t steps, double* out) {
  distances(u, t, steps, out);
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

namespace {
// Soft spikes go through the plain loops, which find h in the trace.
template <class T>
void gather_softly(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                   const LifInputs<T>& inputs) {
  for (std::size_t t = first; t < end; ++t)
    for (std::size_t j = 0; j < units.width; ++j) {
      T& h = trace.current[t * units.width + j] = inputs.start[j];
      for (std::uint64_t e = inputs.events.first[t]; e < inputs.events.first[t + 1]; ++e)
        h += inputs.weights[inputs.events.units[e] * units.width + j];
    }
}
}  // namespace

template <class T>
void lif_forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                 LifState<T>& state, const LifInputs<T>* inputs) {
  if (units.soft_spike) {
    if (inputs) gather_softly(units, trace, first, end, *inputs);
    reference::lif_forward(units, trace, first, end, state);
  } else if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(forward_f32)(units, trace, first, end, state, inputs);
  else HWY_DYNAMIC_DISPATCH(forward_f64)(units, trace, first, end, state, inputs);
}

template <class T>
void lif_distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out) {
  if (units.soft_spike) reference::lif_distances(units, trace, steps, out);
  else if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(distances_f32)(units, trace, steps, out);
  else HWY_DYNAMIC_DISPATCH(distances_f64)(units, trace, steps, out);
}

template void lif_forward<float>(const LifUnits<float>&, const LifTrace<float>&, std::size_t, std::size_t,
                                 LifState<float>&, const LifInputs<float>*);
template void lif_forward<double>(const LifUnits<double>&, const LifTrace<double>&, std::size_t, std::size_t,
                                  LifState<double>&, const LifInputs<double>*);
template void lif_distances<float>(const LifUnits<float>&, const LifTrace<float>&, std::size_t, float*);
template void lif_distances<double>(const LifUnits<double>&, const LifTrace<double>&, std::size_t, double*);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
