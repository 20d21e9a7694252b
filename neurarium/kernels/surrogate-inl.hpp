// Slopes of surrogate derivatives of one vector, for kernels that are compiled once per instruction set (Highway's way: this file is
// included again for each, so it has no include guard of the usual kind). Equations: nn/surrogate.hpp.
#if defined(NEURARIUM_KERNELS_SURROGATE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_SURROGATE_INL
#undef NEURARIUM_KERNELS_SURROGATE_INL
#else
#define NEURARIUM_KERNELS_SURROGATE_INL
#endif

#include <hwy/highway.h>

#include <numbers>

#include "neurarium/kernels/exponential-inl.hpp"
#include "neurarium/kernels/logistic-inl.hpp"
#include "neurarium/kernels/surrogate.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {

/// exp(−x) for x in [0, 86], to 2 units of the last place; NaN stays no number that is small. Cephes' polynomial (S. Moshier), as in
/// Highway's Exp, without its care for other x. Rounding by a number so large that its last bit counts ones leaves the whole
/// number in the last bits, too, where a shift makes an exponent of it.
template <class D, class V>
HWY_INLINE V exp_of_negative(D tag, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToUnsigned<D> bits;
  const V large = hn::Set(tag, 12582912.0F);
  const V rounded = hn::MulAdd(x, hn::Set(tag, -1.44269504088896341F), large), n = hn::Sub(rounded, large);
  V f = hn::NegMulAdd(n, hn::Set(tag, 0.693359375F), hn::Neg(x));
  f = hn::NegMulAdd(n, hn::Set(tag, -2.12194440e-4F), f);
  V p = hn::Set(tag, 1.9875691500e-4F);
  p = hn::MulAdd(p, f, hn::Set(tag, 1.3981999507e-3F));
  p = hn::MulAdd(p, f, hn::Set(tag, 8.3334519073e-3F));
  p = hn::MulAdd(p, f, hn::Set(tag, 4.1665795894e-2F));
  p = hn::MulAdd(p, f, hn::Set(tag, 1.6666665459e-1F));
  p = hn::MulAdd(p, f, hn::Set(tag, 5.0000001201e-1F));
  p = hn::MulAdd(p, hn::Mul(f, f), hn::Add(f, hn::Set(tag, 1.0F)));
  return hn::BitCast(tag, hn::Add(hn::BitCast(bits, p), hn::ShiftLeft<23>(hn::BitCast(bits, rounded))));
}

template <SurrogateKind kind, class D, class V, class T>
HWY_INLINE V slope_of(D tag, V x, T sharpness, T scale) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V one = hn::Set(tag, T{1}), sharp = hn::Set(tag, sharpness);
  if constexpr (kind == SurrogateKind::sigmoid) {
    if constexpr (sizeof(T) == 4) {  // with e = exp(−β|x|): e / (1 + e)²
      const V e = exp_of_negative(tag, hn::Min(hn::Set(tag, T{86}), hn::Mul(sharp, hn::Abs(x))));
      const V s = hn::Div(one, hn::Add(one, e));
      return hn::Mul(hn::Mul(hn::Set(tag, scale * sharpness), e), hn::Mul(s, s));
    }
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

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
