#include "neurarium/kernels/steps.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/steps.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void step_all(const Box<T>& box, const T* HWY_RESTRICT direction, T size, std::size_t n, T* HWY_RESTRICT x) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const T* HWY_RESTRICT centre = box.centre.data();
  const auto radius = hn::Set(tag, box.radius), low = hn::Set(tag, box.low), high = hn::Set(tag, box.high);
  const auto length = hn::Set(tag, size), zero = hn::Zero(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto c = hn::LoadU(tag, centre + i), g = hn::LoadU(tag, direction + i), at = hn::LoadU(tag, x + i);
    const auto least = hn::Max(hn::Sub(c, radius), low), most = hn::Min(hn::Add(c, radius), high);
    const auto up = hn::IfThenElseZero(hn::Gt(g, zero), length), down = hn::IfThenElseZero(hn::Lt(g, zero), length);
    hn::StoreU(hn::Min(hn::Max(hn::Add(at, hn::Sub(up, down)), least), most), tag, x + i);
  }
  if (i == n) return;
  reference::sign_step<T>({box.centre.subspan(i), box.radius, box.low, box.high}, {direction + i, n - i}, size,
                          {x + i, n - i});
}
void step_f32(const Box<float>& box, const float* d, float size, std::size_t n, float* x) {
  step_all(box, d, size, n, x);
}
void step_f64(const Box<double>& box, const double* d, double size, std::size_t n, double* x) {
  step_all(box, d, size, n, x);
}

template <class T>
void momentum_all(const Box<T>& box, const T* HWY_RESTRICT direction, T size, T share, std::size_t n,
                  T* HWY_RESTRICT before, T* HWY_RESTRICT x) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const T* HWY_RESTRICT centre = box.centre.data();
  const auto radius = hn::Set(tag, box.radius), low = hn::Set(tag, box.low), high = hn::Set(tag, box.high);
  const auto length = hn::Set(tag, size), zero = hn::Zero(tag);
  const auto a = hn::Set(tag, share), rest = hn::Set(tag, T{1} - share);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto c = hn::LoadU(tag, centre + i), g = hn::LoadU(tag, direction + i), at = hn::LoadU(tag, x + i);
    const auto least = hn::Max(hn::Sub(c, radius), low), most = hn::Min(hn::Add(c, radius), high);
    const auto up = hn::IfThenElseZero(hn::Gt(g, zero), length), down = hn::IfThenElseZero(hn::Lt(g, zero), length);
    const auto z = hn::Min(hn::Max(hn::Add(at, hn::Sub(up, down)), least), most);
    const auto carried = hn::Mul(rest, hn::Sub(at, hn::LoadU(tag, before + i)));
    const auto next = hn::Add(hn::Add(at, hn::Mul(a, hn::Sub(z, at))), carried);
    hn::StoreU(at, tag, before + i);
    hn::StoreU(hn::Min(hn::Max(next, least), most), tag, x + i);
  }
  if (i == n) return;
  reference::momentum_step<T>({box.centre.subspan(i), box.radius, box.low, box.high}, {direction + i, n - i}, size,
                              share, {before + i, n - i}, {x + i, n - i});
}
void momentum_f32(const Box<float>& box, const float* d, float size, float share, std::size_t n, float* before,
                  float* x) {
  momentum_all(box, d, size, share, n, before, x);
}
void momentum_f64(const Box<double>& box, const double* d, double size, double share, std::size_t n, double* before,
                  double* x) {
  momentum_all(box, d, size, share, n, before, x);
}

// x · 0 is 0 for a finite x, and NaN for all others; NaN stays in a sum.
template <class T>
T largest_of(const T* HWY_RESTRICT x, std::size_t n) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const auto zero = hn::Zero(tag);
  auto most = zero, nothing = zero;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto v = hn::LoadU(tag, x + i);
    most = hn::Max(most, hn::Abs(v));
    nothing = hn::MulAdd(v, zero, nothing);
  }
  const T rest = reference::largest_magnitude<T>({x + i, n - i});
  if (!hn::AllTrue(tag, hn::Eq(nothing, zero))) return std::numeric_limits<T>::infinity();
  return std::max(rest, hn::GetLane(hn::MaxOfLanes(tag, most)));
}
float largest_f32(const float* x, std::size_t n) { return largest_of(x, n); }
double largest_f64(const double* x, std::size_t n) { return largest_of(x, n); }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(step_f32);
HWY_EXPORT(step_f64);
HWY_EXPORT(momentum_f32);
HWY_EXPORT(momentum_f64);
HWY_EXPORT(largest_f32);
HWY_EXPORT(largest_f64);

template <class T>
void sign_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, std::span<T> x) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(step_f32)(box, direction.data(), size, x.size(), x.data());
  else HWY_DYNAMIC_DISPATCH(step_f64)(box, direction.data(), size, x.size(), x.data());
}

template <class T>
void momentum_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, T share,
                   std::type_identity_t<std::span<T>> before, std::span<T> x) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(momentum_f32)(box, direction.data(), size, share, x.size(), before.data(), x.data());
  else HWY_DYNAMIC_DISPATCH(momentum_f64)(box, direction.data(), size, share, x.size(), before.data(), x.data());
}

template <class T>
T largest_magnitude(std::span<const T> x) {
  if constexpr (std::is_same_v<T, float>) return HWY_DYNAMIC_DISPATCH(largest_f32)(x.data(), x.size());
  else return HWY_DYNAMIC_DISPATCH(largest_f64)(x.data(), x.size());
}

namespace reference {
namespace {
template <class T>
T signed_size(T direction, T size) {
  return (direction > 0 ? size : T{0}) - (direction < 0 ? size : T{0});
}
template <class T>
T nearest_in(const Box<T>& box, std::size_t i, T x) {
  return std::min(std::max(x, std::max(box.centre[i] - box.radius, box.low)),
                  std::min(box.centre[i] + box.radius, box.high));
}
}  // namespace

template <class T>
void sign_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, std::span<T> x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = nearest_in(box, i, x[i] + signed_size(direction[i], size));
}

template <class T>
void momentum_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, T share,
                   std::type_identity_t<std::span<T>> before, std::span<T> x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T at = x[i], z = nearest_in(box, i, at + signed_size(direction[i], size));
    x[i] = nearest_in(box, i, at + share * (z - at) + (T{1} - share) * (at - before[i]));
    before[i] = at;
  }
}

template <class T>
T largest_magnitude(std::span<const T> x) {
  T most = 0;
  for (const T v : x) {
    if (!std::isfinite(v)) return std::numeric_limits<T>::infinity();
    most = std::max(most, std::abs(v));
  }
  return most;
}
}  // namespace reference

#define NEURARIUM_STEPS(T)                                                                                        \
  template void sign_step<T>(const Box<T>&, std::span<const T>, T, std::span<T>);                                 \
  template void momentum_step<T>(const Box<T>&, std::span<const T>, T, T, std::span<T>, std::span<T>);            \
  template T largest_magnitude<T>(std::span<const T>);                                                            \
  template void reference::sign_step<T>(const Box<T>&, std::span<const T>, T, std::span<T>);                      \
  template void reference::momentum_step<T>(const Box<T>&, std::span<const T>, T, T, std::span<T>, std::span<T>); \
  template T reference::largest_magnitude<T>(std::span<const T>);
NEURARIUM_STEPS(float)
NEURARIUM_STEPS(double)

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
