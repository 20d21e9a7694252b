// exp of one vector, for kernels that are compiled once per instruction set (Highway's way: this file is included again for
// each, so it has no include guard of the usual kind).
#if defined(NEURARIUM_KERNELS_EXPONENTIAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_EXPONENTIAL_INL
#undef NEURARIUM_KERNELS_EXPONENTIAL_INL
#else
#define NEURARIUM_KERNELS_EXPONENTIAL_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {

// Highway's Exp is defined where the result is a number that is not 0; the ends and NaN are put in here.
template <class D, class V>
HWY_INLINE V exponential(D tag, V power) {
  namespace hn = hwy::HWY_NAMESPACE;
  using T = hn::TFromD<D>;
  const V low = hn::Set(tag, sizeof(T) == 4 ? T(-104) : T(-746));
  const V high = hn::Set(tag, sizeof(T) == 4 ? T(88.72283) : T(709.782712893384));
  V result = hn::Exp(tag, hn::Max(hn::Min(power, high), low));
  result = hn::IfThenElse(hn::Lt(power, low), hn::Zero(tag), result);
  result = hn::IfThenElse(hn::Gt(power, high), hn::Set(tag, std::numeric_limits<T>::infinity()), result);
  return hn::IfThenElse(hn::IsNaN(power), power, result);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
