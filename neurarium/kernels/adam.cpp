#include "neurarium/kernels/adam.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/adam.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class Tag, class T>
HWY_INLINE void adam_at(Tag tag, const AdamStep<T>& step, const T* g, T* m, T* s, T* w) {
  const auto times = [&](T factor, auto v) HWY_ATTR { return hn::Mul(hn::Set(tag, factor), v); };
  const auto weight = hn::LoadU(tag, w);
  const auto slope = hn::Add(hn::LoadU(tag, g), times(step.coupled, weight));
  const auto mean = hn::Add(times(step.keep1, hn::LoadU(tag, m)), times(step.take1, slope));
  const auto square = hn::Add(times(step.keep2, hn::LoadU(tag, s)), hn::Mul(times(step.take2, slope), slope));
  const auto reach = hn::Add(hn::Div(hn::Sqrt(square), hn::Set(tag, step.root)), hn::Set(tag, step.epsilon));
  hn::StoreU(mean, tag, m);
  hn::StoreU(square, tag, s);
  hn::StoreU(hn::Sub(times(step.shrink, weight), hn::Div(times(step.move, mean), reach)), tag, w);
}
template <class T>
void adam_all(const AdamStep<T>& step, std::size_t n, const T* g, T* m, T* s, T* w) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) adam_at(tag, step, g + i, m + i, s + i, w + i);
  for (; i < n; ++i) adam_at(hn::CappedTag<T, 1>(), step, g + i, m + i, s + i, w + i);
}
void adam_f32(const AdamStep<float>& step, std::size_t n, const float* g, float* m, float* s, float* w) {
  adam_all(step, n, g, m, s, w);
}
void adam_f64(const AdamStep<double>& step, std::size_t n, const double* g, double* m, double* s, double* w) {
  adam_all(step, n, g, m, s, w);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>
#include <string>

namespace neurarium::kernels {
HWY_EXPORT(adam_f32);
HWY_EXPORT(adam_f64);

template <class T>
void adam(const AdamStep<T>& step, std::type_identity_t<std::span<const T>> g, std::span<T> m, std::span<T> s,
          std::span<T> w) {
  const std::size_t n = w.size();
  if (g.size() != n || m.size() != n || s.size() != n)
    throw ShapeError("adam", std::to_string(n) + " numbers in each", std::to_string(g.size()));
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(adam_f32)(step, n, g.data(), m.data(), s.data(), w.data());
  else HWY_DYNAMIC_DISPATCH(adam_f64)(step, n, g.data(), m.data(), s.data(), w.data());
}

template <class T>
void reference::adam(const AdamStep<T>& step, std::type_identity_t<std::span<const T>> g, std::span<T> m,
                     std::span<T> s, std::span<T> w) {
  for (std::size_t j = 0; j < w.size(); ++j) {
    const T slope = g[j] + step.coupled * w[j];
    m[j] = step.keep1 * m[j] + step.take1 * slope;
    s[j] = step.keep2 * s[j] + step.take2 * slope * slope;
    w[j] = step.shrink * w[j] - step.move * m[j] / (std::sqrt(s[j]) / step.root + step.epsilon);
  }
}

template void adam<float>(const AdamStep<float>&, std::span<const float>, std::span<float>, std::span<float>,
                          std::span<float>);
template void adam<double>(const AdamStep<double>&, std::span<const double>, std::span<double>, std::span<double>,
                           std::span<double>);
template void reference::adam<float>(const AdamStep<float>&, std::span<const float>, std::span<float>, std::span<float>,
                                     std::span<float>);
template void reference::adam<double>(const AdamStep<double>&, std::span<const double>, std::span<double>,
                                      std::span<double>, std::span<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
