#include "neurarium/kernels/events.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/events.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "neurarium/kernels/events-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// part.operator()<vectors>(at) for the vectors of a line, four at a time while there are four, then two, then one.
template <class T, class Part>
HWY_INLINE void each_part_of_line(std::size_t width, const Part& part) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t at = 0;
  for (; at + 4 * lanes <= width; at += 4 * lanes) part.template operator()<4>(at);
  for (; at + 2 * lanes <= width; at += 2 * lanes) part.template operator()<2>(at);
  for (; at < width; at += lanes) part.template operator()<1>(at);
}

template <std::size_t vectors, class T>
void gather_part(const EventRows& e, const T* weights, std::size_t width, const T* start, T* out, std::size_t at) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const StepSpikes::Unit *unit = e.units + e.first[0], *readable = e.units + e.first[e.steps];
  for (std::size_t t = 0; t < e.steps; ++t) {
    const StepSpikes::Unit* end = e.units + e.first[t + 1];
    hn::Vec<decltype(tag)> sum[vectors];
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::LoadU(tag, start + at + v * lanes);
    gather_step<vectors>(tag, unit, end, readable, weights + at, width, sum, sum);
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) hn::Store(sum[v], tag, out + t * width + at + v * lanes);
    unit = end;
  }
}

template <class T>
void gather(const EventRows& e, const T* weights, std::size_t width, const T* start, T* out) {
  each_part_of_line<T>(width, [&]<std::size_t vectors>(std::size_t at)
                                  HWY_ATTR { gather_part<vectors>(e, weights, width, start, out, at); });
}

// The row of a step stays in registers while it is added to those of the units that fired.
template <std::size_t vectors, class T>
void scatter_part(const EventRows& e, const T* rows, std::size_t width, T* out, std::size_t at) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  Nowhere<T, vectors> nowhere;
  for (std::size_t t = e.steps; t-- > 0;) {
    hn::Vec<decltype(tag)> row[vectors];
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) row[v] = hn::Load(tag, rows + t * width + at + v * lanes);
    scatter_step<vectors>(tag, e.units + e.first[t], e.units + e.first[t + 1], e.units + e.first[e.steps], row,
                          out + at, width, nowhere.room);
  }
}

template <class T>
void scatter(const EventRows& e, const T* rows, std::size_t width, T* out) {
  each_part_of_line<T>(
      width, [&]<std::size_t vectors>(std::size_t at) HWY_ATTR { scatter_part<vectors>(e, rows, width, out, at); });
}

// The row of a unit stays in registers while those of the steps in which it fired are added.
template <std::size_t vectors, class T>
void scatter_turned_part(const SpikesByUnit::Sample& sample, const T* rows, std::size_t width, T* out, std::size_t at) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const StepSpikes::Unit *begin = sample.steps + sample.first[0], *readable = sample.steps + sample.first[sample.count];
  for (std::size_t place = 0; place < sample.count; ++place) {
    const StepSpikes::Unit* end = sample.steps + sample.first[place + 1];
    T* const to = out + sample.units[place] * width + at;
    hn::Vec<decltype(tag)> sum[vectors];
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Load(tag, to + v * lanes);
    gather_falling<vectors>(tag, begin, end, readable, rows + at, width, sum);
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) hn::Store(sum[v], tag, to + v * lanes);
    begin = end;
  }
}

template <class T>
void scatter_turned(const SpikesByUnit::Sample& sample, const T* rows, std::size_t width, T* out) {
  each_part_of_line<T>(width, [&]<std::size_t vectors>(std::size_t at)
                                  HWY_ATTR { scatter_turned_part<vectors>(sample, rows, width, out, at); });
}

template <class T>
void add_marked(const std::uint8_t* marks, std::size_t steps, std::size_t width, const T* per_step, T* sums) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t at = 0; at < width; at += lanes) {
    auto sum = hn::LoadU(tag, sums + at);
    for (std::size_t t = 0; t < steps; ++t)
      sum = hn::IfThenElse(marks_at(tag, marks, t * width + at), hn::Add(sum, hn::Set(tag, per_step[t])), sum);
    hn::StoreU(sum, tag, sums + at);
  }
}

/// The marks of units [first, end), at most 64, as bits, from where the vectors of this instruction set left them.
template <std::size_t lanes>
HWY_INLINE std::uint64_t marked(const std::uint8_t* marks, std::size_t first, std::size_t end) {
  constexpr std::size_t stride = std::max<std::size_t>(1, lanes / 8);
  std::uint64_t bits = 0;
  for (std::size_t at = first; at < end; at += lanes) {
    std::uint64_t some = 0;
    std::memcpy(&some, marks + at / lanes * stride, stride);
    bits |= (lanes < 8 ? some & ((std::uint64_t{1} << lanes) - 1) : some) << (at - first);
  }
  return bits;
}

// Four at a time, whether there are so many or not: mostly there are not more. What lies behind the last is written over. (Pressing
// the numbers of a vector together needs no guess at all, and took twice as long.)
template <class T>
void append(const std::uint8_t* marks, std::size_t begin, std::size_t steps, std::size_t width,
            const StepSpikes::Room& room) {
  using Unit = StepSpikes::Unit;
  constexpr std::size_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  Unit* to = room.units;
  for (std::size_t t = begin; t < begin + steps; ++t) {
    for (std::size_t first = 0; first < width; first += 64) {
      std::uint64_t bits = marked<lanes>(marks, t * width + first, t * width + std::min(width, first + 64));
      Unit* const end = to + std::popcount(bits);
      do {
        HWY_UNROLL(4)
        for (std::size_t k = 0; k < 4; ++k, bits &= bits - 1)
          to[k] = static_cast<Unit>(first + static_cast<std::size_t>(std::countr_zero(bits)));
        to += 4;
      } while (to < end);
      to = end;
    }
    room.ends[t - begin] = room.place + static_cast<std::uint64_t>(to - room.units);
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
void scatter_turned_f32(const SpikesByUnit::Sample& sample, const float* rows, std::size_t width, float* out) {
  scatter_turned(sample, rows, width, out);
}
void scatter_turned_f64(const SpikesByUnit::Sample& sample, const double* rows, std::size_t width, double* out) {
  scatter_turned(sample, rows, width, out);
}
void add_marked_f32(const std::uint8_t* m, std::size_t steps, std::size_t width, const float* c, float* sums) {
  add_marked(m, steps, width, c, sums);
}
void add_marked_f64(const std::uint8_t* m, std::size_t steps, std::size_t width, const double* c, double* sums) {
  add_marked(m, steps, width, c, sums);
}
std::size_t marks_f32(std::size_t units) { return place_of_marks(hn::ScalableTag<float>(), units); }
std::size_t marks_f64(std::size_t units) { return place_of_marks(hn::ScalableTag<double>(), units); }
void append_f32(const std::uint8_t* m, std::size_t begin, std::size_t steps, std::size_t width,
                const StepSpikes::Room& room) {
  append<float>(m, begin, steps, width, room);
}
void append_f64(const std::uint8_t* m, std::size_t begin, std::size_t steps, std::size_t width,
                const StepSpikes::Room& room) {
  append<double>(m, begin, steps, width, room);
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
HWY_EXPORT(scatter_turned_f32);
HWY_EXPORT(scatter_turned_f64);
HWY_EXPORT(add_marked_f32);
HWY_EXPORT(add_marked_f64);
HWY_EXPORT(marks_f32);
HWY_EXPORT(marks_f64);
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
void scatter_turned_rows(const SpikesByUnit::Sample& sample, std::type_identity_t<View<const T>> rows, View<T> out) {
  const std::size_t width = out.shape()[1];
  require_lines<T>(out.shape(), width, sample.count, "sums");
  require_lines<T>(rows.shape(), width, 0, "rows");
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(scatter_turned_f32)(sample, rows.data(), width, out.data());
  else HWY_DYNAMIC_DISPATCH(scatter_turned_f64)(sample, rows.data(), width, out.data());
}

template <class T>
void add_per_mark(const std::uint8_t* marks, std::size_t steps, std::size_t width, const T* per_step, T* sums) {
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(add_marked_f32)(marks, steps, width, per_step, sums);
  else HWY_DYNAMIC_DISPATCH(add_marked_f64)(marks, steps, width, per_step, sums);
}

// First, what each event adds stands beside it: written eight at a time and over what the next steps write, so that how many events
// a step has need not be foreseen.
template <class T>
void add_per_event(const EventRows& events, const T* per_step, T* sums) {
  constexpr std::size_t block = 1024, at_once = 8;
  T beside[block + at_once];
  const std::uint64_t last = events.first[events.steps];
  std::size_t t = 0;
  for (std::uint64_t begin = events.first[0]; begin < last; begin += block) {
    const std::uint64_t end = std::min<std::uint64_t>(last, begin + block);
    while (events.first[t + 1] <= begin) ++t;
    for (std::size_t step = t; step < events.steps && events.first[step] < end; ++step)
      for (std::uint64_t e = std::max(begin, events.first[step]); e < std::min(end, events.first[step + 1]);
           e += at_once)
        for (std::size_t k = 0; k < at_once; ++k) beside[e - begin + k] = per_step[step];
    for (std::uint64_t e = begin; e < end; ++e) sums[events.units[e]] += beside[e - begin];
  }
}

template <class T>
void reference::add_per_event(const EventRows& events, const T* per_step, T* sums) {
  for (std::size_t t = 0; t < events.steps; ++t)
    for (std::uint64_t e = events.first[t]; e < events.first[t + 1]; ++e) sums[events.units[e]] += per_step[t];
}

template <class T>
std::size_t bytes_of_marks(std::size_t steps, std::size_t width) {
  constexpr std::size_t beyond = 8;
  if constexpr (std::is_same_v<T, float>) return HWY_DYNAMIC_DISPATCH(marks_f32)(steps * width) + beyond;
  else return HWY_DYNAMIC_DISPATCH(marks_f64)(steps * width) + beyond;
}

template <class T>
void append_events(const std::uint8_t* marks, std::size_t first, std::size_t steps, std::size_t width,
                   StepSpikes& out) {
  const StepSpikes::Room room = out.make_room(steps, steps * width + 64);
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(append_f32)(marks, first, steps, width, room);
  else HWY_DYNAMIC_DISPATCH(append_f64)(marks, first, steps, width, room);
  out.keep();
}

template <class T>
void reference::gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights,
                            std::span<const T> start, View<T> out) {
  for (std::size_t t = 0; t < events.steps; ++t)
    for (std::size_t j = 0; j < out.shape()[1]; ++j) {
      T sums[4] = {start[j], 0, 0, 0};
      const std::uint64_t first = events.first[t], end = events.first[t + 1];
      for (std::uint64_t i = first; i < end; ++i) sums[(i - first) % 4] += weights(events.units[i], j);
      out(t, j) = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
}

template <class T>
void reference::scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out) {
  for (std::size_t t = events.steps; t-- > 0;)
    for (std::uint64_t i = events.first[t]; i < events.first[t + 1]; ++i)
      for (std::size_t j = 0; j < out.shape()[1]; ++j) out(events.units[i], j) += rows(t, j);
}

template <class T>
void reference::scatter_turned_rows(const SpikesByUnit::Sample& sample, std::type_identity_t<View<const T>> rows,
                                    View<T> out) {
  for (std::size_t place = 0; place < sample.count; ++place)
    for (std::uint64_t i = sample.first[place + 1]; i-- > sample.first[place];)
      for (std::size_t j = 0; j < out.shape()[1]; ++j) out(sample.units[place], j) += rows(sample.steps[i], j);
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
  template void name_space scatter_turned_rows<T>(const SpikesByUnit::Sample&, View<const T>, View<T>);  \
  template void name_space add_per_event<T>(const EventRows&, const T*, T*);
template std::size_t bytes_of_marks<float>(std::size_t, std::size_t);
template std::size_t bytes_of_marks<double>(std::size_t, std::size_t);
template void add_per_mark<float>(const std::uint8_t*, std::size_t, std::size_t, const float*, float*);
template void add_per_mark<double>(const std::uint8_t*, std::size_t, std::size_t, const double*, double*);
template void append_events<float>(const std::uint8_t*, std::size_t, std::size_t, std::size_t, StepSpikes&);
template void append_events<double>(const std::uint8_t*, std::size_t, std::size_t, std::size_t, StepSpikes&);
template void reference::append_events<float>(View<const float>, std::size_t, StepSpikes&);
template void reference::append_events<double>(View<const double>, std::size_t, StepSpikes&);
NEURARIUM_INSTANTIATE(, float)
NEURARIUM_INSTANTIATE(, double)
NEURARIUM_INSTANTIATE(reference::, float)
NEURARIUM_INSTANTIATE(reference::, double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
