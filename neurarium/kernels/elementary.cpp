#include "neurarium/kernels/elementary.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/elementary.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include <hwy/contrib/math/math-inl.h>

#include "neurarium/kernels/exponential-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T, class Function>
HWY_INLINE void each(const T* x, std::size_t n, T* y, const Function& f) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(f(tag, hn::LoadU(tag, x + i)), tag, y + i);
  const hn::CappedTag<T, 1> one;
  for (; i < n; ++i) hn::StoreU(f(one, hn::LoadU(one, x + i)), one, y + i);
}

template <class T>
void exponential_all(T factor, const T* x, std::size_t n, T* y) {
  each(x, n, y, [factor](auto tag, auto v) HWY_ATTR { return exponential(tag, hn::Mul(v, hn::Set(tag, factor))); });
}
template <class T>
void tanh_all(const T* x, std::size_t n, T* y) {
  each(x, n, y, [](auto tag, auto v) HWY_ATTR {
    const auto finite = hn::Max(hn::Min(v, hn::Set(tag, T{40})), hn::Set(tag, T{-40}));
    return hn::IfThenElse(hn::IsNaN(v), v, hn::Tanh(tag, finite));
  });
}
void exponential_f32(float factor, const float* x, std::size_t n, float* y) { exponential_all(factor, x, n, y); }
void exponential_f64(double factor, const double* x, std::size_t n, double* y) { exponential_all(factor, x, n, y); }
void tanh_f32(const float* x, std::size_t n, float* y) { tanh_all(x, n, y); }
void tanh_f64(const double* x, std::size_t n, double* y) { tanh_all(x, n, y); }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace neurarium::kernels {
HWY_EXPORT(exponential_f32);
HWY_EXPORT(exponential_f64);
HWY_EXPORT(tanh_f32);
HWY_EXPORT(tanh_f64);

template <class T>
void exponential(T factor, std::type_identity_t<View<const T>> x, View<T> y) {
  if (x.size() != y.size()) throw ShapeError("exponential", to_string(x.shape()), to_string(y.shape()));
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(exponential_f32)(factor, x.data(), x.size(), y.data());
  else HWY_DYNAMIC_DISPATCH(exponential_f64)(factor, x.data(), x.size(), y.data());
}
template <class T>
void hyperbolic_tangent(std::type_identity_t<View<const T>> x, View<T> y) {
  if (x.size() != y.size()) throw ShapeError("tanh", to_string(x.shape()), to_string(y.shape()));
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(tanh_f32)(x.data(), x.size(), y.data());
  else HWY_DYNAMIC_DISPATCH(tanh_f64)(x.data(), x.size(), y.data());
}

template <class T>
void reference::exponential(T factor, std::type_identity_t<View<const T>> x, View<T> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y.flat()[i] = std::exp(factor * x.flat()[i]);
}
template <class T>
void reference::hyperbolic_tangent(std::type_identity_t<View<const T>> x, View<T> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y.flat()[i] = std::tanh(x.flat()[i]);
}

template void exponential<float>(float, View<const float>, View<float>);
template void exponential<double>(double, View<const double>, View<double>);
template void hyperbolic_tangent<float>(View<const float>, View<float>);
template void hyperbolic_tangent<double>(View<const double>, View<double>);
template void reference::exponential<float>(float, View<const float>, View<float>);
template void reference::exponential<double>(double, View<const double>, View<double>);
template void reference::hyperbolic_tangent<float>(View<const float>, View<float>);
template void reference::hyperbolic_tangent<double>(View<const double>, View<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
