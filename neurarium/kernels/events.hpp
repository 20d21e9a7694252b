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

/// out(t, ·) = start(·) + Σ over the events of step t of weights(unit, ·): weights [units, width], start [width], out [steps, width].
template <class T>
void gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights, std::span<const T> start,
                 View<T> out);
/// out(unit, ·) += Σ over the events of unit, by rising step, of rows(t, ·): the other way round.
template <class T>
void scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out);
/// Appends a sample's steps to `out`: at step t those units whose spikes(t, unit) is not 0.
template <class T>
void append_events(View<const T> spikes, std::size_t units, StepSpikes& out);

namespace reference {
template <class T>
void gather_rows(const EventRows& events, std::type_identity_t<View<const T>> weights, std::span<const T> start,
                 View<T> out);
template <class T>
void scatter_rows(const EventRows& events, std::type_identity_t<View<const T>> rows, View<T> out);
template <class T>
void append_events(View<const T> spikes, std::size_t units, StepSpikes& out);
}  // namespace reference

}  // namespace neurarium::kernels
