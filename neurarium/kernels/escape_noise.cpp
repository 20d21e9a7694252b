#include "neurarium/kernels/escape_noise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/escape_noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bit>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x = m 2^k with m in [√½, √2), s = (m − 1)/(m + 1): ln x = k ln 2 + 2 s (1 + s²/3 + s⁴/5 + …). Not Highway's Log, whose products
// and sums are fused on some targets only.
template <class D, class V>
HWY_INLINE V logarithm(D tag, V x) {
  const hn::RebindToSigned<D> words;
  const auto smallest = hn::Set(words, std::bit_cast<std::int32_t>(0.70710678f));
  const auto bits = hn::BitCast(words, x);
  const auto power = hn::ShiftRight<23>(hn::Sub(bits, smallest));
  const auto m = hn::BitCast(tag, hn::Sub(bits, hn::ShiftLeft<23>(power)));
  const auto one = hn::Set(tag, 1.f);
  const auto s = hn::Div(hn::Sub(m, one), hn::Add(m, one)), square = hn::Mul(s, s);
  auto sum = hn::Set(tag, 1.f / 9);
  for (const float term : {1.f / 7, 1.f / 5, 1.f / 3, 1.f}) sum = hn::Add(hn::Mul(sum, square), hn::Set(tag, term));
  return hn::Add(hn::Mul(hn::ConvertTo(tag, power), hn::Set(tag, 0.69314718f)), hn::Mul(hn::Add(s, s), sum));
}

template <class D>
HWY_INLINE void shift_some(D tag, const std::uint32_t* draws, float width, float offset, float* out) {
  const hn::RebindToUnsigned<D> words;
  const hn::RebindToSigned<D> numbers;
  const auto r = hn::BitCast(numbers, hn::ShiftRight<9>(hn::LoadU(words, draws)));
  const auto y = hn::Mul(hn::Add(hn::ConvertTo(tag, r), hn::Set(tag, 0.5f)), hn::Set(tag, 0x1p-23f));
  const auto waiting = hn::Neg(logarithm(tag, y));
  hn::StoreU(hn::Mul(hn::Set(tag, width), hn::Sub(logarithm(tag, waiting), hn::Set(tag, offset))), tag, out);
}

void shifts_all(const std::uint32_t* draws, std::size_t n, float width, float offset, float* out) {
  const hn::ScalableTag<float> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) shift_some(tag, draws + i, width, offset, out + i);
  const hn::CappedTag<float, 1> one;
  for (; i < n; ++i) shift_some(one, draws + i, width, offset, out + i);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(shifts_all);

void escape_shifts(std::span<const std::uint32_t> draws, double width, double at_threshold, std::span<float> out) {
  if (draws.size() != out.size()) throw InternalError("escape_shifts: a number for each draw");
  HWY_DYNAMIC_DISPATCH(shifts_all)
  (draws.data(), draws.size(), static_cast<float>(width), static_cast<float>(std::log(at_threshold)), out.data());
}

void reference::escape_shifts(std::span<const std::uint32_t> draws, double width, double at_threshold,
                              std::span<double> out) {
  for (std::size_t j = 0; j < draws.size(); ++j) {
    const double y = (static_cast<double>(draws[j] >> 9U) + 0.5) * 0x1p-23;
    out[j] = width * std::log(-std::log(y) / at_threshold);
  }
}

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
