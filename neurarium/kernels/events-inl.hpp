// The rows of the units that fire in one step, added up in registers or added to, for kernels that are compiled once per instruction
// set (Highway's way: this file is included again for each, so it has no include guard of the usual kind).
#if defined(NEURARIUM_KERNELS_EVENTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_EVENTS_INL
#undef NEURARIUM_KERNELS_EVENTS_INL
#else
#define NEURARIUM_KERNELS_EVENTS_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "neurarium/kernels/events.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {

/// a where `which`, else b: no jump, which would be foreseen wrongly as often as not.
template <class T>
HWY_INLINE T* chosen(bool which, T* a, T* b) {
  const auto from = reinterpret_cast<std::uintptr_t>(a), to = reinterpret_cast<std::uintptr_t>(b);
  return reinterpret_cast<T*>(  // NOLINT(performance-no-int-to-ptr): a jump costs more
      to ^ ((from ^ to) & (std::uintptr_t{0} - which)));
}

/// Units k = 0, 1, 2, 3 of four that lie one after the other, read at once: the processor reads two things at a time, and rows take all of that.
struct FourUnits {
  std::uint64_t bits;
  explicit HWY_INLINE FourUnits(const StepSpikes::Unit* from) { std::memcpy(&bits, from, sizeof bits); }
  template <std::size_t k>
  HWY_INLINE std::size_t at() const {
    static_assert(sizeof(StepSpikes::Unit) == 2);
    return (bits >> (std::endian::native == std::endian::little ? 16 * k : 48 - 16 * k)) & 0xFFFF;
  }
};

/// Where the marks of a vector lie, of units from `place` on in [steps, width]: each vector has whole bytes.
template <class Tag>
constexpr std::size_t place_of_marks(Tag tag, std::size_t place) {
  const std::size_t lanes = hwy::HWY_NAMESPACE::Lanes(tag);
  return place / lanes * std::max<std::size_t>(1, lanes / 8);
}
template <class Tag>
HWY_INLINE hwy::HWY_NAMESPACE::Mask<Tag> marks_at(Tag tag, const std::uint8_t* marks, std::size_t place) {
  return hwy::HWY_NAMESPACE::LoadMaskBits(tag, marks + place_of_marks(tag, place));
}

// sum = start + Σ over events of `vectors` vectors of weights(unit, ·). Event i of the step goes into sum i mod 4 of four, which hides
// the latency of additions; the order is a matter of the events alone. What is missing of a last four is a row of zeros, so that
// nothing but the number of fours is to be foreseen by the processor; units can be read up to `readable`.
template <std::size_t vectors, class Tag, class T>
HWY_INLINE void gather_step(Tag tag, const StepSpikes::Unit* HWY_RESTRICT unit, const StepSpikes::Unit* end,
                            const StepSpikes::Unit* readable, const T* HWY_RESTRICT weights, std::size_t width,
                            const hwy::HWY_NAMESPACE::Vec<Tag>* start, hwy::HWY_NAMESPACE::Vec<Tag>* sum_of_all) {
  namespace hn = hwy::HWY_NAMESPACE;
  constexpr std::size_t sums = 4;
  const std::size_t lanes = hn::Lanes(tag);
  HWY_ALIGN static constexpr T zeros[vectors * HWY_MAX_BYTES / sizeof(T)] = {};
  hn::Vec<Tag> sum[sums][vectors];
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < vectors; ++v) {
    sum[0][v] = start[v];
    sum[1][v] = sum[2][v] = sum[3][v] = hn::Zero(tag);
  }
  const auto add = [&](std::size_t k, const T* HWY_RESTRICT row) HWY_ATTR {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) sum[k][v] = hn::Add(sum[k][v], hn::Load(tag, row + v * lanes));
  };
  for (; unit + sums <= end; unit += sums) {
    const FourUnits four(unit);
    add(0, weights + four.at<0>() * width), add(1, weights + four.at<1>() * width);
    add(2, weights + four.at<2>() * width), add(3, weights + four.at<3>() * width);
  }
  if (unit + sums <= readable) {
    const FourUnits four(unit);
    add(0, chosen(unit < end, weights + four.at<0>() * width, zeros));
    add(1, chosen(unit + 1 < end, weights + four.at<1>() * width, zeros));
    add(2, chosen(unit + 2 < end, weights + four.at<2>() * width, zeros));
  } else {
    if (unit < end) add(0, weights + unit[0] * width);
    if (unit + 1 < end) add(1, weights + unit[1] * width);
    if (unit + 2 < end) add(2, weights + unit[2] * width);
  }
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < vectors; ++v)
    sum_of_all[v] = hn::Add(hn::Add(sum[0][v], sum[1][v]), hn::Add(sum[2][v], sum[3][v]));
}

// out(unit, ·) += row, `vectors` vectors of it, for each unit that fires; what is missing of a last four goes nowhere.
template <std::size_t vectors, class Tag, class T>
HWY_INLINE void scatter_step(Tag tag, const StepSpikes::Unit* HWY_RESTRICT unit, const StepSpikes::Unit* end,
                             const StepSpikes::Unit* readable, const hwy::HWY_NAMESPACE::Vec<Tag>* row, T* out,
                             std::size_t width, T* nowhere) {
  namespace hn = hwy::HWY_NAMESPACE;
  const std::size_t lanes = hn::Lanes(tag);
  const auto add = [&](T* HWY_RESTRICT to) HWY_ATTR {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v)
      hn::Store(hn::Add(hn::Load(tag, to + v * lanes), row[v]), tag, to + v * lanes);
  };
  for (; unit + 4 <= end; unit += 4) {
    const FourUnits four(unit);
    add(out + four.at<0>() * width), add(out + four.at<1>() * width);
    add(out + four.at<2>() * width), add(out + four.at<3>() * width);
  }
  if (unit + 4 <= readable) {
    const FourUnits four(unit);
    constexpr std::size_t line = vectors * HWY_MAX_BYTES / sizeof(T);
    add(chosen(unit < end, out + four.at<0>() * width, nowhere));
    add(chosen(unit + 1 < end, out + four.at<1>() * width, nowhere + line));
    add(chosen(unit + 2 < end, out + four.at<2>() * width, nowhere + 2 * line));
  } else {
    for (; unit < end; ++unit) add(out + *unit * width);
  }
}
// sum += rows(step, ·), `vectors` vectors of them, over the steps [begin, end) of a unit, by falling step. One sum in the order of time, as
// scatter_step leaves it: the steps of the units that follow hide the latency of additions.
template <std::size_t vectors, class Tag, class T>
HWY_INLINE void gather_falling(Tag tag, const StepSpikes::Unit* begin, const StepSpikes::Unit* HWY_RESTRICT end,
                               const StepSpikes::Unit* readable, const T* HWY_RESTRICT rows, std::size_t width,
                               hwy::HWY_NAMESPACE::Vec<Tag>* sum) {
  namespace hn = hwy::HWY_NAMESPACE;
  const std::size_t lanes = hn::Lanes(tag);
  HWY_ALIGN static constexpr T zeros[vectors * HWY_MAX_BYTES / sizeof(T)] = {};
  const auto add = [&](const T* HWY_RESTRICT row) HWY_ATTR {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Add(sum[v], hn::Load(tag, row + v * lanes));
  };
  for (; begin + 4 <= end; end -= 4) {
    const FourUnits four(end - 4);
    add(rows + four.at<3>() * width), add(rows + four.at<2>() * width);
    add(rows + four.at<1>() * width), add(rows + four.at<0>() * width);
  }
  if (begin + 4 <= readable) {
    const FourUnits four(begin);
    add(chosen(begin + 2 < end, rows + four.at<2>() * width, zeros));
    add(chosen(begin + 1 < end, rows + four.at<1>() * width, zeros));
    add(chosen(begin < end, rows + four.at<0>() * width, zeros));
  } else {
    while (begin < end) add(rows + *--end * width);
  }
}

/// Room for `nowhere`.
template <class T, std::size_t vectors>
struct Nowhere {
  HWY_ALIGN T room[3 * vectors * HWY_MAX_BYTES / sizeof(T)] = {};
};

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
