#include "neurarium/kernels/eventprop_grid.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/eventprop_grid.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// [width] each: where the units are, and were a step before.
template <class T>
struct Lines {
  T *v, *i, *v_before, *i_before, *by_membrane, *by_synapse, *i_by_synapse;
  Lines(Tensor<T>& room, std::size_t width) {
    room.resize(Shape{7, width});
    std::ranges::fill(room.flat(), T{0});
    T* at = room.data();
    for (T** line : {&v, &i, &v_before, &i_before, &by_membrane, &by_synapse, &i_by_synapse}) *line = at, at += width;
  }
};

/// ∂V/∂τ of all units over one step, from V and I before it.
template <class T>
void advance_derivatives(const GridUnits<T>& u, Lines<T>& at) {
  const hn::ScalableTag<T> tag;
  for (std::size_t j = 0; j < u.width(); j += hn::Lanes(tag)) {
    const auto load = [&](const T* from) HWY_ATTR { return hn::LoadU(tag, from + j); };
    const auto v = load(at.v), i = load(at.i), decay = load(u.decay()), s = load(at.i_by_synapse);
    const auto by_synapse = hn::Add(hn::Add(hn::Mul(decay, load(at.by_synapse)), hn::Mul(load(u.drive()), s)),
                                    hn::Mul(load(u.drive_by_synapse()), i));
    const auto by_membrane =
        hn::Add(hn::Add(hn::Mul(decay, load(at.by_membrane)), hn::Mul(load(u.decay_by_membrane()), v)),
                hn::Mul(load(u.drive_by_membrane()), i));
    hn::StoreU(by_synapse, tag, at.by_synapse + j), hn::StoreU(by_membrane, tag, at.by_membrane + j);
    hn::StoreU(hn::Add(hn::Mul(load(u.synapse_decay()), s), hn::Mul(load(u.synapse_decay_by_synapse()), i)), tag,
               at.i_by_synapse + j);
  }
}

/// One step of all units; the spikes of 64 units as bits of a word each.
template <class T>
HWY_INLINE void advance(const GridUnits<T>& u, Lines<T>& at, std::uint64_t* fired) {
  std::swap(at.v, at.v_before), std::swap(at.i, at.i_before);
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag), width = u.width();
  const T *HWY_RESTRICT decay = u.decay(), *HWY_RESTRICT drive = u.drive(),
                        *HWY_RESTRICT synapse_decay = u.synapse_decay(), *HWY_RESTRICT threshold = u.threshold();
  const T *HWY_RESTRICT old_v = at.v_before, *HWY_RESTRICT old_i = at.i_before;
  T *HWY_RESTRICT new_v = at.v, *HWY_RESTRICT new_i = at.i;
  for (std::size_t from = 0; from < width; from += 64, ++fired) {
    std::uint64_t word = 0;
    const std::size_t end = std::min<std::size_t>(64, width - from);
    for (std::size_t bit = 0; bit < end; bit += lanes) {
      const std::size_t j = from + bit;
      const auto current = hn::Load(tag, old_i + j);
      const auto v = hn::Add(hn::Mul(hn::LoadU(tag, decay + j), hn::Load(tag, old_v + j)),
                             hn::Mul(hn::LoadU(tag, drive + j), current));
      const auto i = hn::Mul(hn::LoadU(tag, synapse_decay + j), current);
      const auto spikes = hn::Ge(v, hn::LoadU(tag, threshold + j));
      hn::Store(i, tag, new_i + j);
      hn::Store(hn::IfThenZeroElse(spikes, v), tag, new_v + j);
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(tag, spikes, bytes);
      std::uint16_t bits;  // no vector has more than 16 numbers here
      std::memcpy(&bits, bytes, sizeof bits);
      word |= std::uint64_t{bits} << bit;
    }
    *fired = word;
  }
}

/// I − θ of unit j where V crossed θ, on the way from these V and I.
template <class T>
HWY_INLINE T slope_at_crossing(const GridUnits<T>& u, std::size_t j, T v, T i) {
  const T later_v = u.decay()[j] * v + u.drive()[j] * i, later_i = u.synapse_decay()[j] * i;
  return i + (u.threshold()[j] - v) / (later_v - v) * (later_i - i) - u.threshold()[j];
}

/// line += rows, one after the other; `block` vectors stay in registers meanwhile.
template <std::size_t block, class T>
HWY_INLINE void add_rows_block(const T* const* rows, std::size_t count, std::size_t from, T* line) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Vec<decltype(tag)> sum[block];
  HWY_UNROLL(8)
  for (std::size_t b = 0; b < block; ++b) sum[b] = hn::Load(tag, line + from + b * lanes);
  for (std::size_t r = 0; r < count; ++r) {
    const T* HWY_RESTRICT row = rows[r] + from;
    HWY_UNROLL(8)
    for (std::size_t b = 0; b < block; ++b) sum[b] = hn::Add(sum[b], hn::Load(tag, row + b * lanes));
  }
  HWY_UNROLL(8)
  for (std::size_t b = 0; b < block; ++b) hn::Store(sum[b], tag, line + from + b * lanes);
}
template <class T>
HWY_INLINE void add_rows(const T* const* rows, std::size_t count, std::size_t width, T* line) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t from = 0;
  for (; from + 8 * lanes <= width; from += 8 * lanes) add_rows_block<8>(rows, count, from, line);
  for (; from < width; from += lanes) add_rows_block<1>(rows, count, from, line);
}

template <class T>
void note_peaks(const GridUnits<T>& u, const Lines<T>& at, std::uint32_t step, GridPeaks<T>& peaks) {
  for (std::size_t j = 0; j < u.width(); ++j)
    if (at.v[j] > peaks.potential[j]) {
      peaks.potential[j] = at.v[j], peaks.step[j] = step;
      peaks.by_membrane[j] = at.by_membrane[j], peaks.by_synapse[j] = at.by_synapse[j];
    }
}

/// The spikes of one step, and what starts anew with them.
template <class T>
void append(const GridUnits<T>& u, Lines<T>& at, std::uint32_t step, const std::uint16_t* found, std::size_t count,
            GridSpikes<T>& out) {
  const std::size_t first = out.step.size();
  out.step.resize(first + count, step), out.unit.insert(out.unit.end(), found, found + count);
  out.slope.resize(first + count);
  T* slope = out.slope.data() + first;
  for (std::size_t k = 0; k < count; ++k)
    slope[k] = slope_at_crossing(u, found[k], at.v_before[found[k]], at.i_before[found[k]]);
  for (std::size_t k = 0; k < count && out.with_derivatives; ++k) {
    T &by_membrane = at.by_membrane[found[k]], &by_synapse = at.by_synapse[found[k]];
    out.by_membrane.push_back(by_membrane), out.by_synapse.push_back(by_synapse);
    by_membrane = by_synapse = 0;
  }
}

template <class T>
bool forward(const GridUnits<T>& u, const GridWeights<T>& weights, const GridEvents& inputs, std::size_t steps,
             std::size_t most, GridSpikes<T>& out, GridPeaks<T>* peaks, GridScratch<T>& scratch) {
  const std::size_t width = u.width();
  const bool derivatives = out.with_derivatives;
  Lines<T> at(scratch.lines, width);
  std::uint64_t fired[(std::size_t{1} << 16) / 64 + 1];
  if (peaks) {
    for (auto* numbers : {&peaks->potential, &peaks->by_membrane, &peaks->by_synapse}) numbers->assign(width, T{0});
    peaks->step.assign(width, 0);
  }
  auto& rows = scratch.rows;
  auto& found = scratch.found;
  found.resize(width);
  const std::size_t end = static_cast<std::size_t>(
      std::upper_bound(inputs.step, inputs.step + inputs.count, static_cast<std::uint32_t>(steps)) - inputs.step);
  std::size_t e = 0;
  const std::size_t before = out.step.size();
  // Nothing happens before the first input.
  for (std::size_t n = end > 0 ? inputs.step[0] : steps + 1; n <= steps; ++n) {
    if (derivatives) advance_derivatives(u, at);
    advance(u, at, fired);
    std::size_t count = 0;
    for (std::size_t word = 0; word * 64 < width; ++word)
      for (std::uint64_t bits = fired[word]; bits != 0; bits &= bits - 1)
        found[count++] = static_cast<std::uint16_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    const std::size_t first = e;
    while (e < end && inputs.step[e] == n) ++e;
    const std::size_t spiking = weights.recurrent ? count : 0;
    if (rows.size() < e - first + spiking) rows.resize(e - first + spiking + width);
    const T** row = rows.data();
    for (std::size_t k = first; k < e; ++k) *row++ = weights.inputs + inputs.unit[k] * width;
    for (std::size_t k = 0; k < spiking; ++k) *row++ = weights.recurrent + found[k] * width;
    if (row != rows.data()) add_rows(rows.data(), static_cast<std::size_t>(row - rows.data()), width, at.i);
    if (count > 0) append(u, at, static_cast<std::uint32_t>(n), found.data(), count, out);
    if (peaks) note_peaks(u, at, static_cast<std::uint32_t>(n), *peaks);
    if (out.step.size() - before > most) return false;
  }
  return true;
}

bool forward_f32(const GridUnits<float>& u, const GridWeights<float>& w, const GridEvents& i, std::size_t steps,
                 std::size_t most, GridSpikes<float>& out, GridPeaks<float>* peaks, GridScratch<float>& scratch) {
  return forward(u, w, i, steps, most, out, peaks, scratch);
}
bool forward_f64(const GridUnits<double>& u, const GridWeights<double>& w, const GridEvents& i, std::size_t steps,
                 std::size_t most, GridSpikes<double>& out, GridPeaks<double>* peaks, GridScratch<double>& scratch) {
  return forward(u, w, i, steps, most, out, peaks, scratch);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <type_traits>

namespace neurarium::kernels {
HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_f64);

template <class T>
bool grid_forward(const GridUnits<T>& units, const GridWeights<T>& weights, const GridEvents& inputs, std::size_t steps,
                  std::size_t most, GridSpikes<T>& out, GridPeaks<T>* peaks, GridScratch<T>& scratch) {
  if (units.recovers()) return reference::grid_forward(units, weights, inputs, steps, most, out, peaks);
  if constexpr (std::is_same_v<T, float>)
    return HWY_DYNAMIC_DISPATCH(forward_f32)(units, weights, inputs, steps, most, out, peaks, scratch);
  else return HWY_DYNAMIC_DISPATCH(forward_f64)(units, weights, inputs, steps, most, out, peaks, scratch);
}

template bool grid_forward<float>(const GridUnits<float>&, const GridWeights<float>&, const GridEvents&, std::size_t,
                                  std::size_t, GridSpikes<float>&, GridPeaks<float>*, GridScratch<float>&);
template bool grid_forward<double>(const GridUnits<double>&, const GridWeights<double>&, const GridEvents&, std::size_t,
                                   std::size_t, GridSpikes<double>&, GridPeaks<double>*, GridScratch<double>&);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
