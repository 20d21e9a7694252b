// What spikes do to numbers: rows of weights are gathered, never multiplied. Run-time dispatch through Highway; only sums in a
// fixed order, so that every instruction set gives the same bits. `reference` holds the plain loops.
//
// Matrices of weights and traces have lines of `width` numbers, whole 64 bytes (nn/activity.hpp, line_length); what is beyond
// the last unit of a line is 0.
#pragma once

#include "neurarium/core/spikes.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// One sample's events: those of step t are units[first[t]] … units[first[t + 1] − 1].
struct EventRows {
  const std::uint64_t* first;
  const StepSpikes::Unit* units;
  std::size_t steps;
};

/// Asks for the events of a sample whose turn will come: data sets are larger than caches, and are read in any order.
inline void fetch_ahead(const StepSpikes::Unit* begin, const StepSpikes::Unit* end) {
  constexpr std::size_t units_of_a_line = 64 / sizeof(StepSpikes::Unit);
  for (; begin < end; begin += units_of_a_line) __builtin_prefetch(begin, 0, 2);
}
inline void fetch_ahead(const EventRows& events) {
  fetch_ahead(events.units + events.first[0], events.units + events.first[events.steps]);
}
inline void fetch_ahead(const SpikesByUnit::Sample& sample) {
  fetch_ahead(sample.steps + sample.first[0], sample.steps + sample.first[sample.count]);
  fetch_ahead(sample.units, sample.units + sample.count);
}
/// out(t, ·) = start(·) + Σ over the events of step t of weights(unit, ·), event i in partial sum i mod 4: weights [units, width], start [width], out [steps, width].
template <class T>
void gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights, std::span<const T> start,
                 View<T> out);
/// out(unit, ·) += Σ over the events of unit, by falling step, of rows(t, ·): the other way round.
template <class T>
void scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out);
/// The same, with the same bits, where the events stand turned. Each row of `out` is read and written once.
template <class T>
void scatter_turned_rows(const SpikesByUnit::Sample& sample, std::type_identity_t<View<const T>> rows, View<T> out);
/// sums[unit] += per_step[t] for every event.
template <class T>
void add_per_event(const EventRows& events, const T* per_step, T* sums);

/// Who fired, as the dynamics of T leave it (kernels/lif.hpp): a bit per unit, whole bytes per vector. Steps of lines of `width`
/// units take so many bytes on this processor, with some to read beyond.
template <class T>
std::size_t bytes_of_marks(std::size_t steps, std::size_t width);
/// sums[unit] += per_step[t] for every mark, t rising; sums [width].
template <class T>
void add_per_mark(const std::uint8_t* marks, std::size_t steps, std::size_t width, const T* per_step, T* sums);
/// Appends `steps` steps of them, from step `first` on, to `out` as events.
template <class T>
void append_events(const std::uint8_t* marks, std::size_t first, std::size_t steps, std::size_t width, StepSpikes& out);

namespace reference {
template <class T>
void gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights, std::span<const T> start,
                 View<T> out);
template <class T>
void scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out);
template <class T>
void scatter_turned_rows(const SpikesByUnit::Sample& sample, std::type_identity_t<View<const T>> rows, View<T> out);
template <class T>
void add_per_event(const EventRows& events, const T* per_step, T* sums);
/// At step t those units whose spikes(t, unit) is not 0.
template <class T>
void append_events(View<const T> spikes, std::size_t units, StepSpikes& out);
}  // namespace reference

}  // namespace neurarium::kernels
