#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/lif_backward.cpp"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "neurarium/kernels/events-inl.hpp"
#include "neurarium/kernels/lif-inl.hpp"
#include "neurarium/kernels/surrogate-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// In blocks of steps, each in three rounds whose numbers stay near: slopes, which wait for nobody; the way back through time, where
// each step waits for the one behind it; and what came out goes to the rows of the inputs that fired.
constexpr std::size_t block_steps = 16;

template <class T, std::size_t K>
struct Block {
  static constexpr std::size_t line = K * HWY_MAX_BYTES / sizeof(T);
  HWY_ALIGN T slope[block_steps * line];
  HWY_ALIGN T drive[block_steps * line];
};

/// What the vector of units `at` was asked at step t, v or u, less θ.
template <bool late, class Tag, class T>
HWY_INLINE hn::Vec<Tag> distance_at(Tag tag, const LifUnits<T>& units, const LifTrace<T>& trace, hn::Vec<Tag> threshold,
                                    std::size_t t, std::size_t at) {
  const std::size_t place = t * units.width + at;
  auto asked = hn::Zero(tag);
  if (!late) asked = hn::Load(tag, trace.before + place);
  else if (t > 0)
    asked = membrane_after(tag, units, threshold, hn::Load(tag, trace.before + place - units.width),
                           marks_at(tag, trace.marks, place - units.width));
  if (!units.adaptation_decay) return hn::Sub(asked, threshold);
  const auto strength = hn::LoadU(tag, units.adaptation_strength + at);
  return hn::Sub(asked, hn::Add(threshold, hn::Mul(strength, hn::Load(tag, trace.adaptation + place))));
}

/// Slopes of steps [first, end) of K vectors of units.
template <class T, std::size_t K, bool late, SurrogateKind kind>
void find_slopes(const LifUnits<T> units, const LifTrace<T> trace, const SurrogateCurve<T> curve, std::size_t first,
                 std::size_t end, std::size_t from, T* HWY_RESTRICT slope) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Vec<decltype(tag)> threshold[K];
  for (std::size_t k = 0; k < K; ++k) threshold[k] = hn::LoadU(tag, units.threshold + from + k * lanes);
  for (std::size_t t = first; t < end; ++t, slope += Block<T, K>::line) {
    HWY_UNROLL(2)
    for (std::size_t k = 0; k < K; ++k) {
      const auto x = distance_at<late>(tag, units, trace, threshold[k], t, from + k * lanes);
      hn::Store(slope_of<kind>(tag, x, curve.sharpness, curve.scale), tag, slope + k * lanes);
    }
  }
}

/// Steps [first, end) of K vectors of units, from and to `costate`. `plain`: nobody asks for the gradients of the units' numbers, either.
/// What it reads comes by value: what it writes could be part of anything that is elsewhere.
template <class T, std::size_t K, bool plain, bool late>
void backward_block(const LifUnits<T> units, const LifTrace<T> trace, const LifSpikeGradient<T> above, const T* slopes,
                    std::size_t slopes_line, T* start_gradient, std::size_t first, std::size_t end,
                    LifCostate<T>& costate, const LifUnitsGradient<T> gradient, std::size_t from, T* drives,
                    std::size_t drives_line) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  const std::size_t lanes = hn::Lanes(tag), width = units.width;
  const auto zero = hn::Zero(tag);
  const bool attached = !units.detach_reset && units.reset != Reset::none, resets_to_zero = units.reset == Reset::zero,
             refractory = !plain && units.refractory > 0, adapts = !plain && units.adaptation_decay,
             has_synapse = !plain && units.synapse_decay, needs_limit = !plain && (adapts || gradient.threshold),
             needs_before = !plain && gradient.decay;
  V decay[K], threshold[K], beta[K], rho[K], kappa[K], dv[K], ds[K], di[K], da[K], per_unit[K];
  V to_decay[K], to_threshold[K], to_beta[K], to_rho[K], to_kappa[K], to_start[K];
  HWY_UNROLL(2)
  for (std::size_t k = 0; k < K; ++k) {
    const auto load = [&](const T* p) HWY_ATTR { return p ? hn::LoadU(tag, p + from + k * lanes) : hn::Zero(tag); };
    decay[k] = load(units.decay), threshold[k] = load(units.threshold), beta[k] = load(units.synapse_decay);
    rho[k] = load(units.adaptation_decay), kappa[k] = load(units.adaptation_strength);
    dv[k] = load(costate.membrane.data()), ds[k] = load(costate.spike.data());
    di[k] = load(costate.current.data()), da[k] = load(costate.adaptation.data());
    per_unit[k] = load(above.per_unit);
    to_decay[k] = load(gradient.decay), to_threshold[k] = load(gradient.threshold);
    to_beta[k] = load(gradient.synapse_decay), to_rho[k] = load(gradient.adaptation_decay);
    to_kappa[k] = load(gradient.adaptation_strength), to_start[k] = load(start_gradient);
  }
  for (std::size_t t = end; t-- > first;) {
    HWY_UNROLL(2)
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t place = t * width + from + k * lanes;
      const V u = hn::Load(tag, trace.before + place),
              here = hn::Load(tag, slopes + (t - first) * slopes_line + k * lanes);
      const auto fired = marks_at(tag, trace.marks, place);
      const V adaptation = adapts ? hn::Load(tag, trace.adaptation + place) : zero;
      const V limit = adapts ? hn::Add(threshold[k], hn::Mul(kappa[k], adaptation)) : threshold[k];
      V of_spike =
          above.rows ? hn::LoadU(tag, above.rows + place) : hn::Mul(hn::Set(tag, above.per_step[t]), per_unit[k]);
      if (adapts) of_spike = hn::Add(of_spike, da[k]);
      if (attached) of_spike = hn::Sub(of_spike, hn::Mul(dv[k], resets_to_zero ? u : limit));
      V of_u = resets_to_zero ? hn::IfThenZeroElse(fired, dv[k]) : dv[k];
      V crossing = hn::Mul(late ? ds[k] : of_spike, here);
      ds[k] = of_spike;
      const auto still = hn::Gt(refractory ? hn::Load(tag, trace.hold + place) : zero, zero);
      if (refractory) crossing = hn::IfThenZeroElse(still, crossing);
      if (needs_limit) {
        V of_limit = hn::Neg(crossing);
        if (units.reset == Reset::subtract) of_limit = hn::Sub(of_limit, hn::IfThenElseZero(fired, dv[k]));
        to_threshold[k] = hn::Add(to_threshold[k], of_limit);
        if (adapts) {
          to_kappa[k] = hn::Add(to_kappa[k], hn::Mul(of_limit, adaptation));
          da[k] = hn::Add(hn::Mul(rho[k], da[k]), hn::Mul(kappa[k], of_limit));
          if (t > 0) to_rho[k] = hn::Add(to_rho[k], hn::Mul(da[k], hn::Load(tag, trace.adaptation + place - width)));
        }
      }
      if (!late) of_u = hn::Add(of_u, crossing);
      const V moved = refractory ? hn::IfThenZeroElse(still, of_u) : of_u;  // what goes through the membrane's equation
      if (needs_before && t > 0) {
        auto limit_before = threshold[k];
        if (adapts)
          limit_before = hn::Add(limit_before, hn::Mul(kappa[k], hn::Load(tag, trace.adaptation + place - width)));
        const V v = membrane_after(tag, units, limit_before, hn::Load(tag, trace.before + place - width),
                                   marks_at(tag, trace.marks, place - width));
        to_decay[k] = hn::Add(to_decay[k], hn::Mul(moved, v));
      }
      dv[k] = hn::Mul(decay[k], moved);
      if (refractory) dv[k] = hn::Add(dv[k], hn::Sub(of_u, moved));
      if (late) dv[k] = hn::Add(dv[k], crossing);
      V drive = moved;
      if (has_synapse) {
        drive = hn::Add(moved, di[k]);
        if (t > 0) to_beta[k] = hn::Add(to_beta[k], hn::Mul(drive, hn::Load(tag, trace.current + place - width)));
        di[k] = hn::Mul(beta[k], drive);
      }
      hn::Store(drive, tag, drives + (t - first) * drives_line + k * lanes);
      to_start[k] = hn::Add(to_start[k], drive);
    }
  }
  HWY_UNROLL(2)
  for (std::size_t k = 0; k < K; ++k) {
    const std::size_t at = from + k * lanes;
    const auto store = [&](V value, std::vector<T>& to) HWY_ATTR { hn::StoreU(value, tag, to.data() + at); };
    store(dv[k], costate.membrane), store(ds[k], costate.spike);
    store(di[k], costate.current), store(da[k], costate.adaptation);
    const auto keep = [&](V value, T* to) HWY_ATTR {
      if (to) hn::StoreU(value, tag, to + at);
    };
    keep(to_decay[k], gradient.decay), keep(to_threshold[k], gradient.threshold);
    keep(to_beta[k], gradient.synapse_decay), keep(to_rho[k], gradient.adaptation_decay);
    keep(to_kappa[k], gradient.adaptation_strength), keep(to_start[k], start_gradient);
  }
}

template <class T>
void backward(const LifUnits<T>& units, const LifTrace<T>& trace, const LifSpikeGradient<T>& above,
              const LifSlopes<T>& slopes, const LifDriveGradient<T>& below, std::size_t first, std::size_t end,
              LifCostate<T>& costate, const LifUnitsGradient<T>& gradient) {
  const bool units_learn = gradient.decay || gradient.threshold;
  each_part(units, units_learn, [&]<std::size_t K, bool plain>(std::size_t from) HWY_ATTR {
    Block<T, K> block;
    Nowhere<T, K> nowhere;
    for (std::size_t behind = end; behind > first;) {
      const std::size_t begin = behind - std::min(block_steps, behind - first);
      const T* here = slopes.rows ? slopes.rows + begin * units.width + from : block.slope;
      const std::size_t line = slopes.rows ? units.width : Block<T, K>::line;
      T* const drives = below.rows ? below.rows + begin * units.width + from : block.drive;
      const std::size_t drives_line = below.rows ? units.width : Block<T, K>::line;
      const auto run = [&]<bool late>() HWY_ATTR {
        if (!slopes.rows)
          with_kind(slopes.curve.kind, [&]<SurrogateKind kind>() HWY_ATTR {
            find_slopes<T, K, late, kind>(units, trace, slopes.curve, begin, behind, from, block.slope);
          });
        backward_block<T, K, plain, late>(units, trace, above, here, line, below.start, begin, behind, costate,
                                          gradient, from, drives, drives_line);
      };
      if (units.late) run.template operator()<true>();
      else run.template operator()<false>();
      for (std::size_t t = behind; t-- > begin && below.weights;) {
        const hn::ScalableTag<T> tag;
        hn::Vec<decltype(tag)> row[K];
        for (std::size_t k = 0; k < K; ++k)
          row[k] = hn::Load(tag, drives + (t - begin) * drives_line + k * hn::Lanes(tag));
        scatter_step<K>(tag, below.events.units + below.events.first[t], below.events.units + below.events.first[t + 1],
                        below.events.units + below.events.first[below.events.steps], row, below.weights + from,
                        units.width, nowhere.room);
      }
      behind = begin;
    }
  });
}

void backward_f32(const LifUnits<float>& u, const LifTrace<float>& t, const LifSpikeGradient<float>& above,
                  const LifSlopes<float>& s, const LifDriveGradient<float>& below, std::size_t first, std::size_t end,
                  LifCostate<float>& c, const LifUnitsGradient<float>& n) {
  backward(u, t, above, s, below, first, end, c, n);
}
void backward_f64(const LifUnits<double>& u, const LifTrace<double>& t, const LifSpikeGradient<double>& above,
                  const LifSlopes<double>& s, const LifDriveGradient<double>& below, std::size_t first, std::size_t end,
                  LifCostate<double>& c, const LifUnitsGradient<double>& n) {
  backward(u, t, above, s, below, first, end, c, n);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <type_traits>

#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_f64);

namespace {
// Soft spikes go through the plain loops; they come with rows.
template <class T>
void backward_softly(const LifUnits<T>& units, const LifTrace<T>& trace, const LifSpikeGradient<T>& above,
                     const LifSlopes<T>& slopes, const LifDriveGradient<T>& below, std::size_t first, std::size_t end,
                     LifCostate<T>& costate, const LifUnitsGradient<T>& gradient) {
  if (!above.rows || !slopes.rows || !below.rows) throw InternalError("soft spikes need rows");
  reference::lif_backward(units, trace, above.rows, slopes.rows, below.rows, first, end, costate, gradient);
  for (std::size_t t = end; t-- > first;) {
    const T* row = below.rows + t * units.width;
    for (std::size_t j = 0; j < units.width && below.start; ++j) below.start[j] += row[j];
    if (!below.weights) continue;
    for (std::uint64_t e = below.events.first[t]; e < below.events.first[t + 1]; ++e)
      for (std::size_t j = 0; j < units.width; ++j) below.weights[below.events.units[e] * units.width + j] += row[j];
  }
}
}  // namespace

template <class T>
void lif_backward(const LifUnits<T>& units, const LifTrace<T>& trace, const LifSpikeGradient<T>& above,
                  const LifSlopes<T>& slopes, const LifDriveGradient<T>& below, std::size_t first, std::size_t end,
                  LifCostate<T>& costate, const LifUnitsGradient<T>& gradient) {
  if (units.soft_spike) backward_softly(units, trace, above, slopes, below, first, end, costate, gradient);
  else if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(backward_f32)(units, trace, above, slopes, below, first, end, costate, gradient);
  else HWY_DYNAMIC_DISPATCH(backward_f64)(units, trace, above, slopes, below, first, end, costate, gradient);
}

template void lif_backward<float>(const LifUnits<float>&, const LifTrace<float>&, const LifSpikeGradient<float>&,
                                  const LifSlopes<float>&, const LifDriveGradient<float>&, std::size_t, std::size_t,
                                  LifCostate<float>&, const LifUnitsGradient<float>&);
template void lif_backward<double>(const LifUnits<double>&, const LifTrace<double>&, const LifSpikeGradient<double>&,
                                   const LifSlopes<double>&, const LifDriveGradient<double>&, std::size_t, std::size_t,
                                   LifCostate<double>&, const LifUnitsGradient<double>&);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
