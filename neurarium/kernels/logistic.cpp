#include "neurarium/kernels/logistic.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/logistic.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include "neurarium/kernels/logistic-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void logistic_all(const T* x, std::size_t n, T* y) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(logistic(tag, hn::LoadU(tag, x + i)), tag, y + i);
  if (i < n) {  // the last few, through a buffer: masked access may touch what lies behind them
    HWY_ALIGN T buffer[hn::MaxLanes(hn::ScalableTag<T>())] = {};
    for (std::size_t k = i; k < n; ++k) buffer[k - i] = x[k];
    hn::Store(logistic(tag, hn::Load(tag, buffer)), tag, buffer);
    for (std::size_t k = i; k < n; ++k) y[k] = buffer[k - i];
  }
}
void logistic_f32(const float* x, std::size_t n, float* y) { logistic_all(x, n, y); }
void logistic_f64(const double* x, std::size_t n, double* y) { logistic_all(x, n, y); }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace neurarium::kernels {
HWY_EXPORT(logistic_f32);
HWY_EXPORT(logistic_f64);

template <class T>
void logistic(std::type_identity_t<View<const T>> x, View<T> y) {
  if (x.size() != y.size()) throw ShapeError("logistic", to_string(x.shape()), to_string(y.shape()));
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(logistic_f32)(x.data(), x.size(), y.data());
  else HWY_DYNAMIC_DISPATCH(logistic_f64)(x.data(), x.size(), y.data());
}

template <class T>
void reference::logistic(std::type_identity_t<View<const T>> x, View<T> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y.flat()[i] = T{1} / (T{1} + std::exp(-x.flat()[i]));
}

template void logistic<float>(View<const float>, View<float>);
template void logistic<double>(View<const double>, View<double>);
template void reference::logistic<float>(View<const float>, View<float>);
template void reference::logistic<double>(View<const double>, View<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
