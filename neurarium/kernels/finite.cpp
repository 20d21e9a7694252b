#include "neurarium/kernels/finite.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/finite.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x · 0 is 0 for a finite x, and NaN for all others; NaN stays in a sum.
template <class T>
bool are_finite(const T* HWY_RESTRICT x, std::size_t count) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const auto zero = hn::Zero(tag);
  auto a = zero, b = zero, c = zero, d = zero;
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    a = hn::MulAdd(hn::LoadU(tag, x + i), zero, a);
    b = hn::MulAdd(hn::LoadU(tag, x + i + lanes), zero, b);
    c = hn::MulAdd(hn::LoadU(tag, x + i + 2 * lanes), zero, c);
    d = hn::MulAdd(hn::LoadU(tag, x + i + 3 * lanes), zero, d);
  }
  bool finite = hn::AllTrue(tag, hn::Eq(hn::Add(hn::Add(a, b), hn::Add(c, d)), zero));
  for (; i < count; ++i) finite &= std::isfinite(x[i]);
  return finite;
}
bool are_finite_f32(const float* x, std::size_t count) { return are_finite(x, count); }
bool are_finite_f64(const double* x, std::size_t count) { return are_finite(x, count); }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(are_finite_f32);
HWY_EXPORT(are_finite_f64);

template <class T>
bool all_finite(View<const T> numbers) {
  if constexpr (std::is_same_v<T, float>) return HWY_DYNAMIC_DISPATCH(are_finite_f32)(numbers.data(), numbers.size());
  else return HWY_DYNAMIC_DISPATCH(are_finite_f64)(numbers.data(), numbers.size());
}

template bool all_finite<float>(View<const float>);
template bool all_finite<double>(View<const double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
