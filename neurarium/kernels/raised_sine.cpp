#include "neurarium/kernels/raised_sine.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/raised_sine.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;  // at most a byte of mask
using Integers = hn::Rebind<std::int32_t, Doubles>;

void half_sines_all(double sin_a, double cos_a, const double* HWY_RESTRICT sin_d, const double* HWY_RESTRICT cos_d,
                    double* HWY_RESTRICT out, std::size_t count) {
  const Doubles tag;
  const auto s = hn::Set(tag, sin_a), c = hn::Set(tag, cos_a);
  const auto zero = hn::Zero(tag), half = hn::Set(tag, 0.5), one = hn::Set(tag, 1.0);
  std::size_t i = 0;
  for (const std::size_t lanes = hn::Lanes(tag); i + lanes <= count; i += lanes) {
    const auto sine = hn::Add(hn::Mul(s, hn::LoadU(tag, cos_d + i)), hn::Mul(c, hn::LoadU(tag, sin_d + i)));
    const auto base = hn::Mul(half, hn::Add(one, sine));
    hn::StoreU(hn::Min(one, hn::Max(zero, base)), tag, out + i);
  }
  for (; i < count; ++i) {
    const double base = 0.5 * (1 + (sin_a * cos_d[i] + cos_a * sin_d[i]));
    out[i] = std::min(1.0, std::max(0.0, base));
  }
}

/// p = min(1, least + scale · p^power), for whole powers.
void raise_all(int power, double scale, const double* HWY_RESTRICT least, double* HWY_RESTRICT p, std::size_t count) {
  const Doubles tag;
  const auto factor = hn::Set(tag, scale), one = hn::Set(tag, 1.0);
  std::size_t i = 0;
  for (const std::size_t lanes = hn::Lanes(tag); i + lanes <= count; i += lanes) {
    const auto base = hn::LoadU(tag, p + i);
    auto raised = one;
    for (int k = 0; k < power; ++k) raised = hn::Mul(raised, base);
    hn::StoreU(hn::Min(one, hn::Add(hn::LoadU(tag, least + i), hn::Mul(factor, raised))), tag, p + i);
  }
  for (; i < count; ++i) {
    double raised = 1;
    for (int k = 0; k < power; ++k) raised *= p[i];
    p[i] = std::min(1.0, least[i] + scale * raised);
  }
}

// A word as a double: there are instructions for signed words only, so 2³¹ is taken from both sides. That rounds p by 2⁻⁵⁴ at most.
std::size_t fired_all(const std::uint32_t* HWY_RESTRICT words, const double* HWY_RESTRICT p, std::size_t count,
                      std::uint16_t* HWY_RESTRICT fired) {
  const Doubles tag;
  const Integers integers;
  constexpr double whole = 0x1p32, middle = 0x1p31;
  const auto factor = hn::Set(tag, whole), shift = hn::Set(tag, middle);
  const auto sign = hn::Set(integers, std::int32_t{-0x7fffffff - 1});
  const std::size_t lanes = hn::Lanes(tag);
  std::uint16_t* end = fired;
  for (std::size_t first = 0; first < count; first += 64) {
    const std::size_t here = std::min<std::size_t>(64, count - first);
    std::uint64_t mask = 0;
    std::size_t i = 0;
    for (; i + lanes <= here; i += lanes) {
      const auto raw = hn::LoadU(integers, reinterpret_cast<const std::int32_t*>(words + first + i));
      const auto word = hn::PromoteTo(tag, hn::Xor(raw, sign));
      const auto limit = hn::Sub(hn::Mul(hn::LoadU(tag, p + first + i), factor), shift);
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(tag, hn::Lt(word, limit), bits);
      mask |= std::uint64_t{bits[0]} << i;
    }
    for (; i < here; ++i)
      mask |= std::uint64_t{static_cast<double>(words[first + i]) - middle < p[first + i] * whole - middle} << i;
    for (; mask != 0; mask &= mask - 1)
      *end++ = static_cast<std::uint16_t>(first + static_cast<std::size_t>(std::countr_zero(mask)));
  }
  return static_cast<std::size_t>(end - fired);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(half_sines_all);
HWY_EXPORT(raise_all);
HWY_EXPORT(fired_all);

namespace {

void need(bool fits, const char* where, std::size_t expected, std::size_t found) {
  if (!fits) throw ShapeError(where, std::to_string(expected) + " numbers per cell's list", std::to_string(found));
}

}  // namespace

void raised_sines(double sin_a, double cos_a, std::span<const double> sin_d, std::span<const double> cos_d,
                  double scale, double power, std::span<const double> least, std::span<double> p) {
  for (const std::size_t size : {sin_d.size(), cos_d.size(), least.size()})
    need(size == p.size(), "raised_sines", p.size(), size);
  HWY_DYNAMIC_DISPATCH(half_sines_all)(sin_a, cos_a, sin_d.data(), cos_d.data(), p.data(), p.size());
  if (power >= 0 && power <= 16 && power == std::floor(power)) {
    HWY_DYNAMIC_DISPATCH(raise_all)(static_cast<int>(power), scale, least.data(), p.data(), p.size());
  } else {
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = std::min(1.0, least[i] + scale * std::pow(p[i], power));
  }
}

std::size_t fired_cells(std::span<const std::uint32_t> words, std::span<const double> p,
                        std::span<std::uint16_t> fired) {
  need(words.size() == p.size(), "fired_cells", p.size(), words.size());
  need(fired.size() >= p.size() && p.size() <= 65536, "fired_cells", p.size(), fired.size());
  return HWY_DYNAMIC_DISPATCH(fired_all)(words.data(), p.data(), p.size(), fired.data());
}

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
