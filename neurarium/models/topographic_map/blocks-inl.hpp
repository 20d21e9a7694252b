// What the two passes do with one block of four units. Compiled once per instruction set (Highway's way: this file is
// included again for each, so it has no include guard of the usual kind).
#if defined(NEURARIUM_TOPOGRAPHIC_MAP_BLOCKS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_TOPOGRAPHIC_MAP_BLOCKS_INL
#undef NEURARIUM_TOPOGRAPHIC_MAP_BLOCKS_INL
#else
#define NEURARIUM_TOPOGRAPHIC_MAP_BLOCKS_INL
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "neurarium/models/topographic_map/passes.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::topographic::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of at most one cache line; `per_line` of them make a line.
template <class T>
using Tag = hn::CappedTag<T, line<T>>;
template <class T>
using Vec = hn::Vec<Tag<T>>;
template <class T>
inline constexpr std::size_t lanes = hn::MaxLanes(Tag<T>());

// The first `count` numbers of p; what lies behind them may belong to another thread and is not touched. Where masked access
// might touch it, or wants alignment (SSE4 and older), the numbers go through a buffer.
template <class T>
HWY_INLINE Vec<T> load_first(const T* p, std::size_t count) {
  const Tag<T> tag;
  if (count >= lanes<T>) return hn::LoadU(tag, p);
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T buffer[lanes<T>] = {};
  std::copy(p, p + count, buffer);
  return hn::Load(tag, buffer);
#else
  return hn::MaskedLoad(hn::FirstN(tag, count), tag, p);
#endif
}

// ── Pass A: update a block of 4 units from the last sample, and multiply it with this one ───────────────────────────

// The four sums over lanes of s0 … s3, side by side.
template <class T>
HWY_INLINE void store_sums(Vec<T> s0, Vec<T> s1, Vec<T> s2, Vec<T> s3, T* HWY_RESTRICT out) {
  const Tag<T> tag;
#if HWY_TARGET == HWY_SCALAR
  hn::Store(s0, tag, out);
  hn::Store(s1, tag, out + 1);
  hn::Store(s2, tag, out + 2);
  hn::Store(s3, tag, out + 3);
#else
  // In each group of 128 bits: sums of pairs, side by side.
  const auto s01 = hn::Add(hn::InterleaveLower(tag, s0, s1), hn::InterleaveUpper(tag, s0, s1));
  const auto s23 = hn::Add(hn::InterleaveLower(tag, s2, s3), hn::InterleaveUpper(tag, s2, s3));
  HWY_ALIGN T group[2 * lanes<T>];
  if constexpr (sizeof(T) == 4) {
    const hn::Repartition<double, Tag<T>> pairs;
    const auto a = hn::BitCast(pairs, s01), b = hn::BitCast(pairs, s23);
    const auto sums =
        hn::Add(hn::BitCast(tag, hn::InterleaveLower(pairs, a, b)), hn::BitCast(tag, hn::InterleaveUpper(pairs, a, b)));
    const hn::CappedTag<T, 4> four;
    hn::Store(sums, tag, group);
    auto sum = hn::Load(four, group);
    for (std::size_t i = 4; i < lanes<T>; i += 4) sum = hn::Add(sum, hn::Load(four, group + i));
    hn::StoreU(sum, four, out);
  } else {
    const hn::CappedTag<T, 2> two;
    hn::Store(s01, tag, group);
    hn::Store(s23, tag, group + lanes<T>);
    auto low = hn::Load(two, group), high = hn::Load(two, group + lanes<T>);
    for (std::size_t i = 2; i < lanes<T>; i += 2) {
      low = hn::Add(low, hn::Load(two, group + i));
      high = hn::Add(high, hn::Load(two, group + lanes<T> + i));
    }
    hn::StoreU(low, two, out);
    hn::StoreU(high, two, out + 2);
  }
#endif
}

// What a unit's weights go through besides the product: nothing, the update, the update with a bound on growth, and
// clipping of small weights after it.
enum class Change { none, update, bounded };

template <Change change, bool clip, class T>
HWY_INLINE void update_block(T* HWY_RESTRICT w, std::size_t numbers, const T* HWY_RESTRICT gain,
                             const T* HWY_RESTRICT q, const T* HWY_RESTRICT v, T largest_growth, T smallest_weight,
                             T* HWY_RESTRICT drive) {
  const Tag<T> tag;
  using V = Vec<T>;
  const V one = hn::Set(tag, T{1}), bound = hn::Set(tag, largest_growth), smallest = hn::Set(tag, smallest_weight);
  const V g0 = hn::Set(tag, gain[0]), g1 = hn::Set(tag, gain[1]), g2 = hn::Set(tag, gain[2]),
          g3 = hn::Set(tag, gain[3]);
  V s0 = hn::Zero(tag), s1 = s0, s2 = s0, s3 = s0;
  const auto unit = [&](T* p, V g, V qq, V vv, V& s) HWY_ATTR {
    V x = hn::Load(tag, p);
    if constexpr (change != Change::none) {
      V growth = hn::Mul(g, qq);
      if constexpr (change == Change::bounded) growth = hn::Min(growth, bound);
      // No MulAdd: where adders stand beside the multipliers (Zen), the separate sum is free and the pass is 10 % faster.
      x = hn::Mul(x, hn::Add(growth, one));
    }
    if constexpr (clip) x = hn::IfThenElseZero(hn::Gt(x, smallest), x);
    if constexpr (clip || change != Change::none) hn::Store(x, tag, p);
    s = hn::MulAdd(x, vv, s);
  };
  for (std::size_t j = 0; j < numbers; j += line<T>, w += block * line<T>) {
    for (std::size_t i = 0; i < line<T>; i += lanes<T>) {
      const V qq = hn::Load(tag, q + j + i), vv = hn::Load(tag, v + j + i);
      unit(w + i, g0, qq, vv, s0);
      unit(w + line<T> + i, g1, qq, vv, s1);
      unit(w + 2 * line<T> + i, g2, qq, vv, s2);
      unit(w + 3 * line<T> + i, g3, qq, vv, s3);
    }
  }
  store_sums<T>(s0, s1, s2, s3, drive);
}

// ── Pass B: r += o₀ w₀ + o₁ w₁ + … in ascending order of units ──────────────────────────────────────────────────────

template <class T>
HWY_INLINE void add_block(const T* HWY_RESTRICT w, std::size_t numbers, const T* HWY_RESTRICT o, T* HWY_RESTRICT r) {
  const Tag<T> tag;
  const Vec<T> o0 = hn::Set(tag, o[0]), o1 = hn::Set(tag, o[1]), o2 = hn::Set(tag, o[2]), o3 = hn::Set(tag, o[3]);
  for (std::size_t j = 0; j < numbers; j += line<T>, w += block * line<T>) {
    for (std::size_t i = 0; i < line<T>; i += lanes<T>) {
      auto sum = hn::MulAdd(hn::Load(tag, w + i), o0, hn::Load(tag, r + j + i));
      sum = hn::MulAdd(hn::Load(tag, w + line<T> + i), o1, sum);
      sum = hn::MulAdd(hn::Load(tag, w + 2 * line<T> + i), o2, sum);
      sum = hn::MulAdd(hn::Load(tag, w + 3 * line<T> + i), o3, sum);
      hn::Store(sum, tag, r + j + i);
    }
  }
}

}  // namespace neurarium::topographic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
