#include "neurarium/kernels/surrogate.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/surrogate.cpp"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include <cstddef>
#include <numbers>

#include "neurarium/kernels/exponential-inl.hpp"
#include "neurarium/kernels/logistic-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <SurrogateKind kind, class D, class V, class T>
HWY_INLINE V slope_of(D tag, V x, T sharpness, T scale) {
  const V one = hn::Set(tag, T{1}), sharp = hn::Set(tag, sharpness);
  if constexpr (kind == SurrogateKind::sigmoid) {
    const V s = logistic(tag, hn::Mul(sharp, x));
    return hn::Mul(hn::Set(tag, scale * sharpness), hn::Mul(s, hn::Sub(one, s)));
  } else if constexpr (kind == SurrogateKind::fast_sigmoid) {
    const V root = hn::Add(one, hn::Mul(sharp, hn::Abs(x)));
    return hn::Div(hn::Set(tag, scale), hn::Mul(root, root));
  } else if constexpr (kind == SurrogateKind::arctan) {
    const V y = hn::Mul(hn::Set(tag, static_cast<T>(std::numbers::pi / 2) * sharpness), x);
    return hn::Div(hn::Set(tag, scale * sharpness / 2), hn::Add(one, hn::Mul(y, y)));
  } else if constexpr (kind == SurrogateKind::triangle) {
    const V inverse = hn::Set(tag, 1 / sharpness);
    const V height = hn::Max(hn::Sub(one, hn::Mul(hn::Abs(x), inverse)), hn::Zero(tag));
    return hn::Mul(hn::Set(tag, scale / sharpness), height);
  } else if constexpr (kind == SurrogateKind::rectangle) {
    return hn::IfThenElseZero(hn::Lt(hn::Abs(x), hn::Set(tag, sharpness / 2)), hn::Set(tag, scale / sharpness));
  } else if constexpr (kind == SurrogateKind::gaussian) {
    const V y = hn::Mul(x, hn::Set(tag, 1 / sharpness));
    const T peak = scale * static_cast<T>(1 / std::numbers::sqrt2 * std::numbers::inv_sqrtpi) / sharpness;
    return hn::Mul(hn::Set(tag, peak), exponential(tag, hn::Mul(hn::Set(tag, T(-0.5)), hn::Mul(y, y))));
  } else {
    return hn::Set(tag, scale);
  }
}

template <SurrogateKind kind, class T>
void slopes_of_kind(T sharpness, T scale, const T* x, T* slope, std::size_t n) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(slope_of<kind>(tag, hn::LoadU(tag, x + i), sharpness, scale), tag, slope + i);
  const hn::CappedTag<T, 1> one;
  for (; i < n; ++i) hn::StoreU(slope_of<kind>(one, hn::LoadU(one, x + i), sharpness, scale), one, slope + i);
}

template <class T>
void slopes(SurrogateKind kind, T sharpness, T scale, const T* x, T* slope, std::size_t n) {
  switch (kind) {
    case SurrogateKind::sigmoid: return slopes_of_kind<SurrogateKind::sigmoid>(sharpness, scale, x, slope, n);
    case SurrogateKind::fast_sigmoid: return slopes_of_kind<SurrogateKind::fast_sigmoid>(sharpness, scale, x, slope, n);
    case SurrogateKind::arctan: return slopes_of_kind<SurrogateKind::arctan>(sharpness, scale, x, slope, n);
    case SurrogateKind::triangle: return slopes_of_kind<SurrogateKind::triangle>(sharpness, scale, x, slope, n);
    case SurrogateKind::rectangle: return slopes_of_kind<SurrogateKind::rectangle>(sharpness, scale, x, slope, n);
    case SurrogateKind::gaussian: return slopes_of_kind<SurrogateKind::gaussian>(sharpness, scale, x, slope, n);
    case SurrogateKind::straight: return slopes_of_kind<SurrogateKind::straight>(sharpness, scale, x, slope, n);
  }
}
void slopes_f32(SurrogateKind kind, float sharpness, float scale, const float* x, float* slope, std::size_t n) {
  slopes(kind, sharpness, scale, x, slope, n);
}
void slopes_f64(SurrogateKind kind, double sharpness, double scale, const double* x, double* slope, std::size_t n) {
  slopes(kind, sharpness, scale, x, slope, n);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <type_traits>

#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(slopes_f32);
HWY_EXPORT(slopes_f64);

template <class T>
void surrogate_slopes(SurrogateKind kind, T sharpness, T scale, std::span<const T> x, std::span<T> slope) {
  if (x.size() != slope.size())
    throw ShapeError("surrogate slopes", std::to_string(x.size()), std::to_string(slope.size()));
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(slopes_f32)(kind, sharpness, scale, x.data(), slope.data(), x.size());
  else HWY_DYNAMIC_DISPATCH(slopes_f64)(kind, sharpness, scale, x.data(), slope.data(), x.size());
}
template void surrogate_slopes<float>(SurrogateKind, float, float, std::span<const float>, std::span<float>);
template void surrogate_slopes<double>(SurrogateKind, double, double, std::span<const double>, std::span<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
