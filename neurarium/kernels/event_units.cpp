#include "neurarium/kernels/event_units.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/event_units.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The first `here` numbers, then zeros; and back.
template <class Tag, class T>
HWY_INLINE hn::Vec<Tag> load_some(Tag tag, const T* from, std::size_t here) {
  if (HWY_LIKELY(here == hn::Lanes(tag))) return hn::LoadU(tag, from);
  HWY_ALIGN T all[hn::MaxLanes(tag)] = {};
  for (std::size_t lane = 0; lane < here; ++lane) all[lane] = from[lane];
  return hn::Load(tag, all);
}
template <class Tag, class T>
HWY_INLINE void add_some(Tag tag, hn::Vec<Tag> more, T* to, std::size_t here) {
  if (HWY_LIKELY(here == hn::Lanes(tag))) return hn::StoreU(hn::Add(hn::LoadU(tag, to), more), tag, to);
  HWY_ALIGN T all[hn::MaxLanes(tag)];
  hn::Store(more, tag, all);
  for (std::size_t lane = 0; lane < here; ++lane) to[lane] += all[lane];
}

/// Which units of a vector reach their threshold at a maximum between two events, as far as rounding can tell: too many rather than too few.
/// V is largest where it equals I: there it is I g^(1/d), g = 1 − (1 − V/I) d, d = 1 − τs/τm.
template <class Tag, class V, class T>
HWY_INLINE hn::Mask<Tag> peak_reaches(Tag tag, V v, V i, V threshold, const TimeConstants<T>& tau) {
  const T d = tau.synapse * tau.difference;
  constexpr T doubt = 1024 * std::numeric_limits<T>::epsilon();
  if (std::abs(d) < T{0.0625}) return hn::Gt(i, threshold);
  const V g = hn::Sub(hn::Set(tag, 1), hn::Mul(hn::Sub(hn::Set(tag, 1), hn::Div(v, i)), hn::Set(tag, d)));
  const auto has_peak = hn::Gt(g, hn::Set(tag, std::numeric_limits<T>::min()));
  const V safe = hn::IfThenElse(has_peak, g, hn::Set(tag, 1));
  const V height = hn::Add(hn::Log(tag, hn::Div(i, threshold)), hn::Div(hn::Log(tag, safe), hn::Set(tag, d)));
  return hn::And(has_peak, hn::Gt(height, hn::Set(tag, -doubt / std::abs(d))));
}

template <class T>
void forward_all(const Course<T>& course, const TimeConstants<T>& tau, const T* HWY_RESTRICT threshold,
                 std::size_t units, std::size_t most, std::vector<LayerSpike<T>>& spikes) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  const std::size_t lanes = hn::Lanes(tag), arrivals = course.arrivals.size();
  HWY_ALIGN T old_v[hn::MaxLanes(tag)], old_i[hn::MaxLanes(tag)], new_v[hn::MaxLanes(tag)], new_i[hn::MaxLanes(tag)];
  for (std::size_t first = 0; first < units; first += lanes) {
    const std::size_t here = std::min(lanes, units - first);
    const auto exists = hn::FirstN(tag, here);
    const V limit = hn::IfThenElse(exists, load_some(tag, threshold + first, here),
                                   hn::Set(tag, std::numeric_limits<T>::infinity()));
    V v = hn::Zero(tag), i = hn::Zero(tag);
    for (std::size_t a = 0; a <= arrivals; ++a) {
      const Flow<T>& f = course.flows[a];
      const V v_then = hn::Add(hn::Mul(v, hn::Set(tag, f.membrane)), hn::Mul(i, hn::Set(tag, f.kernel)));
      const V i_then = hn::Mul(i, hn::Set(tag, f.synapse));
      const auto above = hn::Ge(v_then, limit);
      auto may = hn::And(hn::Gt(i, limit), hn::Or(above, hn::Lt(i_then, v_then)));
      if (HWY_UNLIKELY(!hn::AllFalse(tag, may))) {
        may = hn::And(may, hn::Or(above, peak_reaches(tag, v, i, limit, tau)));
        std::uint8_t bits[8] = {};
        hn::StoreMaskBits(tag, may, bits);
        hn::Store(v, tag, old_v), hn::Store(i, tag, old_i), hn::Store(v_then, tag, new_v),
            hn::Store(i_then, tag, new_i);
        for (std::size_t lane = 0; lane < here; ++lane) {
          if (!(bits[lane / 8] >> (lane % 8) & 1)) continue;
          const auto unit = static_cast<std::uint32_t>(first + lane);
          cross(old_v[lane], old_i[lane], f, tau, threshold[unit], course.since(a), course.until(a),
                [&](T time, T slope) {
                  return spikes.push_back({time, unit, slope}), spikes.size() <= most;
                });
          if (spikes.size() > most) return;
          new_v[lane] = old_v[lane], new_i[lane] = old_i[lane];
        }
        v = hn::Load(tag, new_v), i = hn::Load(tag, new_i);
      } else {
        v = v_then, i = i_then;
      }
      if (a < arrivals) i = hn::Add(i, load_some(tag, course.arrivals[a].row + first, here));
    }
  }
}

template <class T>
void backward_all(const Course<T>& course, const TimeConstants<T>& tau, const T* HWY_RESTRICT threshold,
                  std::size_t units, const OwnSpike<T>* HWY_RESTRICT own, const std::size_t* HWY_RESTRICT first_own,
                  const LayerSums<T>& sums) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  const std::size_t lanes = hn::Lanes(tag);
  HWY_ALIGN T old_p[hn::MaxLanes(tag)], old_q[hn::MaxLanes(tag)], new_p[hn::MaxLanes(tag)], new_q[hn::MaxLanes(tag)];
  std::size_t left[hn::MaxLanes(tag)];  // own spikes that are still to come, going back
  const V per_synapse = hn::Set(tag, 1 / tau.synapse), per_membrane = hn::Set(tag, 1 / tau.membrane);
  for (std::size_t first = 0; first < units; first += lanes) {
    const std::size_t here = std::min(lanes, units - first);
    if (first_own[first] == first_own[first + here]) continue;
    T last = -1;
    const auto find_last = [&] {
      last = -1;
      for (std::size_t lane = 0; lane < here; ++lane)
        if (left[lane] > first_own[first + lane]) last = std::max(last, own[left[lane] - 1].time);
    };
    for (std::size_t lane = 0; lane < here; ++lane) left[lane] = first_own[first + lane + 1];
    find_last();
    std::size_t a = course.arrivals.size();
    while (a > 0 && course.since(a) > last) --a;
    V p = hn::Zero(tag), q = hn::Zero(tag);
    for (;; --a) {
      const Flow<T>& f = course.flows[a];
      const T since = course.since(a);
      V p_then = hn::Mul(p, hn::Set(tag, f.membrane));
      V q_then = hn::Add(hn::Mul(q, hn::Set(tag, f.synapse)), hn::Mul(p, hn::Set(tag, f.kernel)));
      if (last >= since) {
        hn::Store(p, tag, old_p), hn::Store(q, tag, old_q), hn::Store(p_then, tag, new_p),
            hn::Store(q_then, tag, new_q);
        for (std::size_t lane = 0; lane < here; ++lane) {
          const std::size_t begin = first_own[first + lane];
          if (left[lane] == begin || own[left[lane] - 1].time < since) continue;
          Costate<T> state;
          state.p = old_p[lane], state.q = old_q[lane];
          T now = course.until(a);
          for (; left[lane] > begin && own[left[lane] - 1].time >= since; --left[lane]) {
            const OwnSpike<T>& spike = own[left[lane] - 1];
            if (state.p != 0 || state.q != 0) state.back(flow(now - spike.time, tau));
            state.jump(spike.slope, (spike.slope + threshold[first + lane]) * state.p, spike.gradient, tau.membrane);
            if (sums.threshold) sums.threshold[first + lane] -= state.p;
            now = spike.time;
          }
          state.back(flow(now - since, tau));
          new_p[lane] = state.p, new_q[lane] = state.q;
        }
        p_then = hn::Load(tag, new_p), q_then = hn::Load(tag, new_q);
        find_last();
      }
      p = p_then, q = q_then;
      if (a == 0) break;
      const T* row = course.arrivals[a - 1].row + first;
      if (sums.weights) add_some(tag, q, sums.weights + (row - sums.origin), here);
      if (sums.of_arrival) {
        const V of_time = hn::Sub(hn::Mul(q, per_synapse), hn::Mul(p, per_membrane));
        sums.of_arrival[a - 1] += hn::GetLane(hn::SumOfLanes(tag, hn::Mul(of_time, load_some(tag, row, here))));
      }
    }
  }
}

template <class T>
void add_and_bound_all(const T* HWY_RESTRICT row, const T* HWY_RESTRICT threshold, const T* HWY_RESTRICT tau, T now,
                       const T* HWY_RESTRICT v, std::size_t count, T* HWY_RESTRICT i, T* HWY_RESTRICT next) {
  const hn::ScalableTag<T> tag;
  const auto at = hn::Set(tag, now), never = hn::Set(tag, std::numeric_limits<T>::infinity());
  std::size_t j = 0;
  for (const std::size_t lanes = hn::Lanes(tag); j + lanes <= count; j += lanes) {
    const auto current = hn::Add(hn::LoadU(tag, i + j), hn::LoadU(tag, row + j));
    const auto limit = hn::LoadU(tag, threshold + j), membrane = hn::LoadU(tag, v + j);
    const auto tangent =
        hn::Add(at, hn::Div(hn::Mul(hn::LoadU(tag, tau + j), hn::Sub(limit, membrane)), hn::Sub(current, membrane)));
    const auto when = hn::IfThenElse(hn::Lt(membrane, limit), tangent, at);
    hn::StoreU(current, tag, i + j);
    hn::StoreU(hn::IfThenElse(hn::Gt(current, limit), when, never), tag, next + j);
  }
  for (; j < count; ++j) {
    const T current = i[j] + row[j], tangent = now + tau[j] * (threshold[j] - v[j]) / (current - v[j]);
    i[j] = current;
    next[j] = current > threshold[j] ? (v[j] < threshold[j] ? tangent : now) : std::numeric_limits<T>::infinity();
  }
}

template <class T>
T least_of_all(const T* HWY_RESTRICT numbers, std::size_t count) {
  const hn::ScalableTag<T> tag;
  auto least = hn::Set(tag, std::numeric_limits<T>::infinity());
  std::size_t j = 0;
  for (const std::size_t lanes = hn::Lanes(tag); j + lanes <= count; j += lanes)
    least = hn::Min(least, hn::LoadU(tag, numbers + j));
  T found = hn::GetLane(hn::MinOfLanes(tag, least));
  for (; j < count; ++j) found = std::min(found, numbers[j]);
  return found;
}

void add_and_bound_f32(const float* row, const float* threshold, const float* tau, float now, const float* v,
                       std::size_t count, float* i, float* next) {
  add_and_bound_all(row, threshold, tau, now, v, count, i, next);
}
void add_and_bound_f64(const double* row, const double* threshold, const double* tau, double now, const double* v,
                       std::size_t count, double* i, double* next) {
  add_and_bound_all(row, threshold, tau, now, v, count, i, next);
}
float least_f32(const float* numbers, std::size_t count) { return least_of_all(numbers, count); }
double least_f64(const double* numbers, std::size_t count) { return least_of_all(numbers, count); }

void forward_f32(const Course<float>& course, const TimeConstants<float>& tau, const float* threshold,
                 std::size_t units, std::size_t most, std::vector<LayerSpike<float>>& spikes) {
  forward_all(course, tau, threshold, units, most, spikes);
}
void forward_f64(const Course<double>& course, const TimeConstants<double>& tau, const double* threshold,
                 std::size_t units, std::size_t most, std::vector<LayerSpike<double>>& spikes) {
  forward_all(course, tau, threshold, units, most, spikes);
}
void backward_f32(const Course<float>& course, const TimeConstants<float>& tau, const float* threshold,
                  std::size_t units, const OwnSpike<float>* own, const std::size_t* first_own,
                  const LayerSums<float>& sums) {
  backward_all(course, tau, threshold, units, own, first_own, sums);
}
void backward_f64(const Course<double>& course, const TimeConstants<double>& tau, const double* threshold,
                  std::size_t units, const OwnSpike<double>* own, const std::size_t* first_own,
                  const LayerSums<double>& sums) {
  backward_all(course, tau, threshold, units, own, first_own, sums);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_f64);
HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_f64);
HWY_EXPORT(add_and_bound_f32);
HWY_EXPORT(add_and_bound_f64);
HWY_EXPORT(least_f32);
HWY_EXPORT(least_f64);

template <class T>
void forward_units(const Course<T>& course, const TimeConstants<T>& tau, std::span<const T> threshold, std::size_t most,
                   std::vector<LayerSpike<T>>& spikes) {
  if constexpr (sizeof(T) == 4)
    HWY_DYNAMIC_DISPATCH(forward_f32)(course, tau, threshold.data(), threshold.size(), most, spikes);
  else HWY_DYNAMIC_DISPATCH(forward_f64)(course, tau, threshold.data(), threshold.size(), most, spikes);
}

template <class T>
void backward_units(const Course<T>& course, const TimeConstants<T>& tau, std::span<const T> threshold,
                    std::span<const OwnSpike<T>> own, const std::size_t* first_own, const LayerSums<T>& sums) {
  if constexpr (sizeof(T) == 4)
    HWY_DYNAMIC_DISPATCH(backward_f32)(course, tau, threshold.data(), threshold.size(), own.data(), first_own, sums);
  else HWY_DYNAMIC_DISPATCH(backward_f64)(course, tau, threshold.data(), threshold.size(), own.data(), first_own, sums);
}

template <class T>
void add_and_bound(const T* row, const T* threshold, const T* tau_membrane, T now, std::span<const T> v, T* i,
                   T* next) {
  if constexpr (sizeof(T) == 4)
    HWY_DYNAMIC_DISPATCH(add_and_bound_f32)(row, threshold, tau_membrane, now, v.data(), v.size(), i, next);
  else HWY_DYNAMIC_DISPATCH(add_and_bound_f64)(row, threshold, tau_membrane, now, v.data(), v.size(), i, next);
}

template <class T>
T least_of(std::span<const T> numbers) {
  if constexpr (sizeof(T) == 4) return HWY_DYNAMIC_DISPATCH(least_f32)(numbers.data(), numbers.size());
  else return HWY_DYNAMIC_DISPATCH(least_f64)(numbers.data(), numbers.size());
}

template void add_and_bound(const float*, const float*, const float*, float, std::span<const float>, float*, float*);
template void add_and_bound(const double*, const double*, const double*, double, std::span<const double>, double*,
                            double*);
template float least_of(std::span<const float>);
template double least_of(std::span<const double>);
template void forward_units(const Course<float>&, const TimeConstants<float>&, std::span<const float>, std::size_t,
                            std::vector<LayerSpike<float>>&);
template void forward_units(const Course<double>&, const TimeConstants<double>&, std::span<const double>, std::size_t,
                            std::vector<LayerSpike<double>>&);
template void backward_units(const Course<float>&, const TimeConstants<float>&, std::span<const float>,
                             std::span<const OwnSpike<float>>, const std::size_t*, const LayerSums<float>&);
template void backward_units(const Course<double>&, const TimeConstants<double>&, std::span<const double>,
                             std::span<const OwnSpike<double>>, const std::size_t*, const LayerSums<double>&);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
