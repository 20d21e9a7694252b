#include "neurarium/kernels/surrogate.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/surrogate.cpp"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include <cstddef>

#include "neurarium/kernels/surrogate-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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
void slopes(const SurrogateCurve<T>& curve, const T* x, T* slope, std::size_t n) {
  with_kind(curve.kind, [&]<SurrogateKind kind>() { slopes_of_kind<kind>(curve.sharpness, curve.scale, x, slope, n); });
}
void slopes_f32(const SurrogateCurve<float>& c, const float* x, float* slope, std::size_t n) { slopes(c, x, slope, n); }
void slopes_f64(const SurrogateCurve<double>& c, const double* x, double* slope, std::size_t n) {
  slopes(c, x, slope, n);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(slopes_f32);
HWY_EXPORT(slopes_f64);

template <class T>
void surrogate_slopes(const SurrogateCurve<T>& curve, std::type_identity_t<std::span<const T>> x,
                      std::type_identity_t<std::span<T>> slope) {
  if (x.size() != slope.size())
    throw ShapeError("surrogate slopes", std::to_string(x.size()), std::to_string(slope.size()));
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(slopes_f32)(curve, x.data(), slope.data(), x.size());
  else HWY_DYNAMIC_DISPATCH(slopes_f64)(curve, x.data(), slope.data(), x.size());
}
template void surrogate_slopes<float>(const SurrogateCurve<float>&, std::span<const float>, std::span<float>);
template void surrogate_slopes<double>(const SurrogateCurve<double>&, std::span<const double>, std::span<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
