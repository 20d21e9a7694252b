// The logistic function of one vector, for kernels that are compiled once per instruction set (Highway's way: this file is
// included again for each, so it has no include guard of the usual kind).
#if defined(NEURARIUM_KERNELS_LOGISTIC_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_LOGISTIC_INL
#undef NEURARIUM_KERNELS_LOGISTIC_INL
#else
#define NEURARIUM_KERNELS_LOGISTIC_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {

// 1 / (1 + exp(−x)). For |x| beyond the exponent range the result has long become 0 or 1; the clamp keeps exp finite. NaN
// stays NaN: Min and Max of some targets drop it, so it is put back at the end.
template <class D, class V>
HWY_INLINE V logistic(D tag, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  using T = hn::TFromD<D>;
  const V one = hn::Set(tag, T{1}), limit = hn::Set(tag, sizeof(T) == 4 ? T{87} : T{700});
  const V clamped = hn::Max(hn::Min(x, limit), hn::Neg(limit));
  const V result = hn::Div(one, hn::Add(one, hn::Exp(tag, hn::Neg(clamped))));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
