#include "neurarium/kernels/events.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/events.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <array>
#include <bit>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// One step, and `vectors` vectors of a line: their sums stay in registers. Four events at a time, in four sums, hide the latency of
// additions; the order is a matter of the events alone.
template <std::size_t vectors, class Tag, class T>
HWY_INLINE void gather_step(Tag tag, const StepSpikes::Unit* unit, const StepSpikes::Unit* end, const T* weights,
                            std::size_t width, const T* start, T* out) {
  constexpr std::size_t sums = 4;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Vec<Tag> sum[sums][vectors];
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < vectors; ++v) {
    sum[0][v] = hn::LoadU(tag, start + v * lanes);
    sum[1][v] = sum[2][v] = sum[3][v] = hn::Zero(tag);
  }
  for (; unit + sums <= end; unit += sums) {
    HWY_UNROLL(4)
    for (std::size_t k = 0; k < sums; ++k) {
      const T* HWY_RESTRICT row = weights + unit[k] * width;
      HWY_UNROLL(4)
      for (std::size_t v = 0; v < vectors; ++v) sum[k][v] = hn::Add(sum[k][v], hn::Load(tag, row + v * lanes));
    }
  }
  for (; unit < end; ++unit) {
    const T* HWY_RESTRICT row = weights + unit[0] * width;
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) sum[0][v] = hn::Add(sum[0][v], hn::Load(tag, row + v * lanes));
  }
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < vectors; ++v)
    hn::Store(hn::Add(hn::Add(sum[0][v], sum[1][v]), hn::Add(sum[2][v], sum[3][v])), tag, out + v * lanes);
}

template <std::size_t vectors, class T>
void gather_part(const EventRows& e, const T* weights, std::size_t width, const T* start, T* out, std::size_t at) {
  const hn::ScalableTag<T> tag;
  const StepSpikes::Unit* unit = e.units + e.first[0];
  for (std::size_t t = 0; t < e.steps; ++t) {
    const StepSpikes::Unit* end = e.units + e.first[t + 1];
    gather_step<vectors>(tag, unit, end, weights + at, width, start + at, out + t * width + at);
    unit = end;
  }
}

template <class T>
void gather(const EventRows& e, const T* weights, std::size_t width, const T* start, T* out) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t at = 0;
  for (; at + 4 * lanes <= width; at += 4 * lanes) gather_part<4>(e, weights, width, start, out, at);
  for (; at + 2 * lanes <= width; at += 2 * lanes) gather_part<2>(e, weights, width, start, out, at);
  for (; at < width; at += lanes) gather_part<1>(e, weights, width, start, out, at);
}

// The row of a step stays in registers while it is added to those of the units that fired.
template <std::size_t vectors, class T>
void scatter_part(const EventRows& e, const T* rows, std::size_t width, T* out, std::size_t at) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const StepSpikes::Unit* unit = e.units + e.first[0];
  for (std::size_t t = 0; t < e.steps; ++t) {
    hn::Vec<decltype(tag)> row[vectors];
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) row[v] = hn::Load(tag, rows + t * width + at + v * lanes);
    for (const StepSpikes::Unit* end = e.units + e.first[t + 1]; unit < end; ++unit) {
      T* HWY_RESTRICT to = out + *unit * width + at;
      HWY_UNROLL(4)
      for (std::size_t v = 0; v < vectors; ++v)
        hn::Store(hn::Add(hn::Load(tag, to + v * lanes), row[v]), tag, to + v * lanes);
    }
  }
}

template <class T>
void scatter(const EventRows& e, const T* rows, std::size_t width, T* out) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t at = 0;
  for (; at + 4 * lanes <= width; at += 4 * lanes) scatter_part<4>(e, rows, width, out, at);
  for (; at + 2 * lanes <= width; at += 2 * lanes) scatter_part<2>(e, rows, width, out, at);
  for (; at < width; at += lanes) scatter_part<1>(e, rows, width, out, at);
}

// The lanes of a line of 64 bytes that are not 0, as bits.
template <class T>
HWY_INLINE std::uint64_t active_of(const T* line) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < 64 / sizeof(T); at += lanes) {
    const auto active = hn::Ne(hn::Load(tag, line + at), hn::Zero(tag));
    if (hn::AllFalse(tag, active)) continue;
    alignas(8) std::uint8_t bytes[8] = {};
    hn::StoreMaskBits(tag, active, bytes);
    std::uint64_t here;
    std::memcpy(&here, bytes, sizeof here);
    bits |= here << at;
  }
  return bits;
}

template <class T>
void append(const T* spikes, std::size_t steps, std::size_t width, std::size_t units, StepSpikes& out) {
  constexpr std::size_t line = 64 / sizeof(T);
  std::array<StepSpikes::Unit, 1024> found;
  std::vector<StepSpikes::Unit> more;  // of wider layers
  StepSpikes::Unit* list = found.data();
  if (units > found.size()) more.resize(units), list = more.data();
  for (std::size_t t = 0; t < steps; ++t, spikes += width) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < width; at += line)
      for (std::uint64_t bits = active_of(spikes + at); bits != 0; bits &= bits - 1)
        list[count++] = static_cast<StepSpikes::Unit>(at + static_cast<std::size_t>(std::countr_zero(bits)));
    out.add_known_step(list, count);
  }
}

void gather_f32(const EventRows& e, const float* w, std::size_t n, const float* s, float* o) { gather(e, w, n, s, o); }
void gather_f64(const EventRows& e, const double* w, std::size_t n, const double* s, double* o) {
  gather(e, w, n, s, o);
}
void scatter_f32(const EventRows& e, const float* rows, std::size_t width, float* out) { scatter(e, rows, width, out); }
void scatter_f64(const EventRows& e, const double* rows, std::size_t width, double* out) {
  scatter(e, rows, width, out);
}
void append_f32(const float* s, std::size_t steps, std::size_t width, std::size_t units, StepSpikes& out) {
  append(s, steps, width, units, out);
}
void append_f64(const double* s, std::size_t steps, std::size_t width, std::size_t units, StepSpikes& out) {
  append(s, steps, width, units, out);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <string>
#include <type_traits>

namespace neurarium::kernels {
HWY_EXPORT(gather_f32);
HWY_EXPORT(gather_f64);
HWY_EXPORT(scatter_f32);
HWY_EXPORT(scatter_f64);
HWY_EXPORT(append_f32);
HWY_EXPORT(append_f64);

namespace {
template <class T>
void require_lines(const Shape& shape, std::size_t width, std::size_t rows, const char* what) {
  if (shape.axes() != 2 || shape[1] != width || width % (64 / sizeof(T)) != 0 || shape[0] < rows)
    throw ShapeError(std::string("events: ") + what, "[" + std::to_string(rows) + " or more, whole lines of 64 bytes]",
                     to_string(shape));
}
}  // namespace

template <class T>
void gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights, std::span<const T> start,
                 View<T> out) {
  const std::size_t width = weights.shape()[1];
  require_lines<T>(weights.shape(), width, 0, "weights");
  require_lines<T>(out.shape(), width, events.steps, "sums");
  if (start.size() != width) throw ShapeError("events: start", std::to_string(width), std::to_string(start.size()));
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(gather_f32)(events, weights.data(), width, start.data(), out.data());
  else HWY_DYNAMIC_DISPATCH(gather_f64)(events, weights.data(), width, start.data(), out.data());
}

template <class T>
void scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out) {
  const std::size_t width = out.shape()[1];
  require_lines<T>(out.shape(), width, 0, "sums");
  require_lines<T>(rows.shape(), width, events.steps, "rows");
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(scatter_f32)(events, rows.data(), width, out.data());
  else HWY_DYNAMIC_DISPATCH(scatter_f64)(events, rows.data(), width, out.data());
}

template <class T>
void append_events(View<const T> spikes, std::size_t units, StepSpikes& out) {
  const std::size_t steps = spikes.shape()[0], width = spikes.shape()[1];
  require_lines<T>(spikes.shape(), width, 0, "spikes");
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(append_f32)(spikes.data(), steps, width, units, out);
  else HWY_DYNAMIC_DISPATCH(append_f64)(spikes.data(), steps, width, units, out);
}

template <class T>
void reference::gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights,
                            std::span<const T> start, View<T> out) {
  for (std::size_t t = 0; t < events.steps; ++t)
    for (std::size_t j = 0; j < out.shape()[1]; ++j) {
      T sums[4] = {start[j], 0, 0, 0};  // events by fours; the last ones of a step belong to the first sum
      const std::uint64_t first = events.first[t], end = events.first[t + 1], whole = first + (end - first) / 4 * 4;
      for (std::uint64_t i = first; i < end; ++i) sums[i < whole ? (i - first) % 4 : 0] += weights(events.units[i], j);
      out(t, j) = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
}

template <class T>
void reference::scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out) {
  for (std::size_t t = 0; t < events.steps; ++t)
    for (std::uint64_t i = events.first[t]; i < events.first[t + 1]; ++i)
      for (std::size_t j = 0; j < out.shape()[1]; ++j) out(events.units[i], j) += rows(t, j);
}

template <class T>
void reference::append_events(View<const T> spikes, std::size_t units, StepSpikes& out) {
  for (std::size_t t = 0; t < spikes.shape()[0]; ++t) {
    std::vector<StepSpikes::Unit> found;
    for (std::size_t j = 0; j < units; ++j)
      if (spikes(t, j) != 0) found.push_back(static_cast<StepSpikes::Unit>(j));
    out.add_step(found);
  }
}

#define NEURARIUM_INSTANTIATE(name_space, T)                                                             \
  template void name_space gather_rows<T>(const EventRows&, View<const T>, std::span<const T>, View<T>); \
  template void name_space scatter_rows<T>(const EventRows&, View<const T>, View<T>);                    \
  template void name_space append_events<T>(View<const T>, std::size_t, StepSpikes&);
NEURARIUM_INSTANTIATE(, float)
NEURARIUM_INSTANTIATE(, double)
NEURARIUM_INSTANTIATE(reference::, float)
NEURARIUM_INSTANTIATE(reference::, double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
