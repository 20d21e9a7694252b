#include "neurarium/kernels/eventprop_grid.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/eventprop_grid_backward.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// −τs λI of so many steps is held; strip by strip, of so many bytes of each step: a strip of all steps fits into the first cache.
constexpr std::size_t block_steps = 256, strip_bytes = 128;

template <class T>
struct Block {
  static constexpr std::size_t strip = strip_bytes / sizeof(T);
  // A line more, lest the strips of one step all fall into the same set of the cache.
  static constexpr std::size_t strip_stride = block_steps * strip + 64 / sizeof(T);
  T* numbers;
  HWY_INLINE T* place(std::size_t unit, std::size_t row) const {
    return numbers + unit / strip * strip_stride + row * strip + unit % strip;
  }
};

/// λ of all units one step back in time where `flows`; λV − λI goes to d, and −τs λI to row `row` of the block.
template <bool flows, class T>
HWY_INLINE void retreat(const GridUnits<T>& u, T* HWY_RESTRICT lv, T* HWY_RESTRICT li, T* HWY_RESTRICT d,
                        const Block<T>& block, std::size_t row) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag), width = u.width();
  const T *HWY_RESTRICT decay = u.decay(), *HWY_RESTRICT synapse_decay = u.synapse_decay(),
                        *HWY_RESTRICT back = u.back(), *HWY_RESTRICT synapse = u.synapse();
  for (std::size_t j = 0; j < width; j += lanes) {
    auto v = hn::Load(tag, lv + j), i = hn::Load(tag, li + j);
    if (flows) {
      i = hn::Add(hn::Mul(hn::LoadU(tag, synapse_decay + j), i), hn::Mul(hn::LoadU(tag, back + j), v));
      v = hn::Mul(hn::LoadU(tag, decay + j), v);
      hn::Store(i, tag, li + j), hn::Store(v, tag, lv + j);
    }
    hn::Store(hn::Sub(v, i), tag, d + j);
    hn::Store(hn::Mul(hn::Neg(hn::LoadU(tag, synapse + j)), i), tag, block.place(j, row));
  }
}

/// Σ of a vector, in halves.
template <class D, class V>
HWY_INLINE hn::TFromD<D> sum_in_halves([[maybe_unused]] D tag, V v) {
#if HWY_TARGET == HWY_SCALAR
  return hn::GetLane(v);
#else
  if constexpr (hn::MaxLanes(tag) * sizeof(hn::TFromD<D>) > 16) {
    const hn::Half<D> half;
    return sum_in_halves(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  } else if constexpr (sizeof(hn::TFromD<D>) == 4) {
    v = hn::Add(v, hn::Shuffle1032(v));
    return hn::GetLane(hn::Add(v, hn::Shuffle2301(v)));
  } else {
    return hn::GetLane(hn::Add(v, hn::Shuffle01(v)));
  }
#endif
}

/// out[r] = Σ_j rows[r][j] d[j], `rows_at_once` rows side by side.
template <std::size_t rows_at_once, class T>
HWY_INLINE void dots(const T* const* rows, const T* HWY_RESTRICT d, std::size_t width, T* out) {
  const hn::ScalableTag<T> tag;
  using V = hn::Vec<decltype(tag)>;
  constexpr std::size_t line = 64 / sizeof(T), vectors = line / hn::MaxLanes(tag);
  const std::size_t lanes = hn::Lanes(tag);
  V sum[rows_at_once][vectors];
  HWY_UNROLL(4)
  for (std::size_t r = 0; r < rows_at_once; ++r)
    for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = hn::Zero(tag);
  for (std::size_t j = 0; j < width; j += line) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) {
      const V here = hn::Load(tag, d + j + v * lanes);
      HWY_UNROLL(4)
      for (std::size_t r = 0; r < rows_at_once; ++r)
        sum[r][v] = hn::Add(sum[r][v], hn::Mul(hn::Load(tag, rows[r] + j + v * lanes), here));
    }
  }
  HWY_UNROLL(4)
  for (std::size_t r = 0; r < rows_at_once; ++r) {
    HWY_UNROLL(4)
    for (std::size_t half = vectors / 2; half > 0; half /= 2)
      for (std::size_t v = 0; v < half; ++v) sum[r][v] = hn::Add(sum[r][v], sum[r][v + half]);
    out[r] = sum_in_halves(tag, sum[r][0]);
  }
}
template <class T>
HWY_INLINE void all_dots(const T* const* rows, std::size_t count, const T* d, std::size_t width, T* out) {
  std::size_t r = 0;
  for (; r + 4 <= count; r += 4) dots<4>(rows + r, d, width, out + r);
  for (; r < count; ++r) dots<1>(rows + r, d, width, out + r);
}

/// out(unit, ·) += the rows of the block of its events, in their order: `visits` units one after the other, strip by strip.
template <std::size_t vectors, class T>
HWY_INLINE void gather_strip(const T* HWY_RESTRICT strip, const std::uint32_t* order, std::size_t visits,
                             const std::uint32_t* counts, const std::uint32_t* places,
                             const std::uint16_t* HWY_RESTRICT sorted, T* HWY_RESTRICT out, std::size_t width) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t visit = 0; visit < visits; ++visit) {
    const std::uint32_t unit = order[visit];
    const std::uint16_t *event = sorted + places[unit], *end = event + counts[unit];
    T* HWY_RESTRICT to = out + unit * width;
    // Rows of whole pages look alike to the processor, which then would not begin with one before it has done with another.
    const T* later = out + order[std::min(visit + 12, visits - 1)] * width;
    for (std::size_t byte = 0; byte < vectors * lanes * sizeof(T); byte += 64)
      __builtin_prefetch(reinterpret_cast<const char*>(later) + byte, 1);
    hn::Vec<decltype(tag)> sum[vectors];
    HWY_UNROLL(8)
    for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::LoadU(tag, to + v * lanes);
    for (; event != end; ++event) {
      const T* HWY_RESTRICT row = strip + *event * Block<T>::strip;
      HWY_UNROLL(8)
      for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Add(sum[v], hn::Load(tag, row + v * lanes));
    }
    HWY_UNROLL(8)
    for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sum[v], tag, to + v * lanes);
  }
}

/// Events [first, end), whose steps lie in the block that begins (backward) with step `top`, to the rows of their units.
template <class T>
void gather_by_unit(const GridEvents& events, std::size_t first, std::size_t end, std::size_t top,
                    const Block<T>& block, std::size_t width, T* out, GridScratch<T>& scratch) {
  if (first == end) return;
  auto &counts = scratch.counts, &places = scratch.places, &order = scratch.order;
  auto& sorted = scratch.sorted;
  const std::size_t units = 1 + *std::max_element(events.unit + first, events.unit + end);
  counts.assign(units, 0), places.resize(units), sorted.resize(std::max(sorted.size(), end - first));
  for (std::size_t e = first; e < end; ++e) ++counts[events.unit[e]];
  std::uint32_t most = 0, place = 0;
  for (std::size_t unit = 0; unit < units; ++unit) {
    places[unit] = place, place += counts[unit];
    most = std::max(most, counts[unit]);
  }
  for (std::size_t e = end; e-- > first;)
    sorted[places[events.unit[e]]++] = static_cast<std::uint16_t>(top - events.step[e]);
  // Units of as many events follow each other: then the processor foresees where each one's end.
  std::vector<std::uint32_t>& starts = scratch.starts;
  starts.assign(most + 2, 0);
  for (std::size_t unit = 0; unit < units; ++unit) {
    places[unit] -= counts[unit];
    ++starts[counts[unit] + 1];
  }
  const std::size_t silent = starts[1];
  for (std::size_t c = 1; c < starts.size(); ++c) starts[c] += starts[c - 1];
  order.resize(units);
  for (std::size_t unit = 0; unit < units; ++unit) order[starts[counts[unit]]++] = static_cast<std::uint32_t>(unit);

  constexpr std::size_t lanes_most = hn::MaxLanes(hn::ScalableTag<T>());
  const auto run = [&]<std::size_t vectors>(std::size_t at) HWY_ATTR {
    gather_strip<vectors>(block.place(at, 0), order.data() + silent, units - silent, counts.data(), places.data(),
                          sorted.data(), out + at, width);
  };
  std::size_t at = 0;
  for (; at + Block<T>::strip <= width; at += Block<T>::strip)
    run.template operator()<Block<T>::strip / lanes_most>(at);
  for (; at < width; at += lanes_most) run.template operator()<1>(at);
}

template <class T>
void backward(const GridUnits<T>& u, const GridWeights<T>& weights, const GridEvents& inputs, std::size_t steps,
              const GridOwn<T>& own, const GridGradient<T>& gradient, GridScratch<T>& scratch) {
  const std::size_t width = u.width();
  const std::size_t strips = (width + Block<T>::strip - 1) / Block<T>::strip;
  scratch.block.resize(Shape{strips * Block<T>::strip_stride});
  scratch.lines.resize(Shape{6, width});
  const Block<T> block{scratch.block.data()};
  T *lv = scratch.lines.data(), *li = lv + width, *d = li + width;
  std::fill(lv, d, T{0});
  auto& rows = scratch.rows;
  auto& found = scratch.dots;
  const bool asks_times = gradient.input_times != nullptr;

  std::size_t e = inputs.count, k = own.spikes.count, kick = own.kicks.size();
  while (e > 0 && inputs.step[e - 1] > steps)
    if (--e; asks_times) gradient.input_times[e] = 0;
  // Behind the last own spike, and the last step of which a loss speaks, all λ are 0.
  std::size_t top = k > 0 ? own.spikes.step[k - 1] : 0;
  if (kick > 0) top = std::max<std::size_t>(top, own.kicks[kick - 1].step);
  for (; e > 0 && inputs.step[e - 1] > top; --e)
    if (asks_times) gradient.input_times[e - 1] = 0;
  std::size_t e_block = e, k_block = k;
  const auto end_block = [&] {
    if (gradient.inputs) gather_by_unit(inputs, e, e_block, top, block, width, gradient.inputs, scratch);
    if (gradient.recurrent && weights.recurrent)
      gather_by_unit(own.spikes, k, k_block, top, block, width, gradient.recurrent, scratch);
    e_block = e, k_block = k;
  };
  bool first = true;
  for (std::size_t n = top + 1; n-- > 0; first = false) {
    if (e == 0 && k == 0 && !first) break;
    if (top - n == block_steps) end_block(), top = n;
    if (first) retreat<false>(u, lv, li, d, block, top - n);
    else retreat<true>(u, lv, li, d, block, top - n);

    const std::size_t e_end = e, k_end = k;
    while (e > 0 && inputs.step[e - 1] == n) --e;
    while (k > 0 && own.spikes.step[k - 1] == n) --k;
    const std::size_t most = std::max(e_end - e, k_end - k);
    if (rows.size() < most) rows.resize(most + width);
    if (found.size() < most) found.resize(most + width);
    if (asks_times) {
      for (std::size_t r = e; r < e_end; ++r) rows[r - e] = weights.inputs + inputs.unit[r] * width;
      all_dots(rows.data(), e_end - e, d, width, gradient.input_times + e);
    }
    if (weights.recurrent) {
      for (std::size_t r = k; r < k_end; ++r) rows[r - k] = weights.recurrent + own.spikes.unit[r] * width;
      all_dots(rows.data(), k_end - k, d, width, found.data());
    }
    for (std::size_t s = k_end; s-- > k;) {
      const std::size_t unit = own.spikes.unit[s];
      const T from = weights.recurrent ? own.above[s] + found[s - k] : own.above[s];
      lv[unit] += (u.threshold()[unit] * lv[unit] + from) / std::max(own.slope[s], u.floor() * u.threshold()[unit]);
      const T of_potential = u.membrane()[unit] * lv[unit];
      if (gradient.threshold) gradient.threshold[unit] += of_potential;
      if (gradient.membrane) gradient.membrane[unit] -= of_potential * own.by_membrane[s];
      if (gradient.synapse) gradient.synapse[unit] -= of_potential * own.by_synapse[s];
    }
    for (; kick > 0 && own.kicks[kick - 1].step == n; --kick)
      lv[own.kicks[kick - 1].unit] += own.kicks[kick - 1].amount;
  }
  end_block();
}

void backward_f32(const GridUnits<float>& u, const GridWeights<float>& w, const GridEvents& i, std::size_t steps,
                  const GridOwn<float>& own, const GridGradient<float>& g, GridScratch<float>& scratch) {
  backward(u, w, i, steps, own, g, scratch);
}
void backward_f64(const GridUnits<double>& u, const GridWeights<double>& w, const GridEvents& i, std::size_t steps,
                  const GridOwn<double>& own, const GridGradient<double>& g, GridScratch<double>& scratch) {
  backward(u, w, i, steps, own, g, scratch);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <type_traits>

namespace neurarium::kernels {
HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_f64);

template <class T>
void grid_backward(const GridUnits<T>& units, const GridWeights<T>& weights, const GridEvents& inputs,
                   std::size_t steps, const GridOwn<T>& own, const GridGradient<T>& gradient, GridScratch<T>& scratch) {
  if (units.recovers()) return reference::grid_backward(units, weights, inputs, steps, own, gradient);
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(backward_f32)(units, weights, inputs, steps, own, gradient, scratch);
  else HWY_DYNAMIC_DISPATCH(backward_f64)(units, weights, inputs, steps, own, gradient, scratch);
}

template void grid_backward<float>(const GridUnits<float>&, const GridWeights<float>&, const GridEvents&, std::size_t,
                                   const GridOwn<float>&, const GridGradient<float>&, GridScratch<float>&);
template void grid_backward<double>(const GridUnits<double>&, const GridWeights<double>&, const GridEvents&,
                                    std::size_t, const GridOwn<double>&, const GridGradient<double>&,
                                    GridScratch<double>&);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
