// Spikes as plain arrays: what stands in an NPZ file or comes from NumPy, one entry per event.
//   t        when each event was: whole numbers count steps, 0 … n_steps − 1; floating ones are seconds, and dt says how long a step is
//   i        which unit fired, 0 … n_units − 1
//   offsets  [samples + 1]: the events of sample k are offsets[k] … offsets[k + 1] − 1, so that 0 is the first and the number of
//            events the last. Times must not fall within a sample; units of one step may come in any order, and twice if they fired twice
//   n_steps, n_units   single numbers
//   dt       seconds per step, a single number: step = ⌊t / dt⌋, where a time within 10⁻⁹ of a step's beginning belongs to that step
#pragma once

#include <string>

#include "neurarium/core/array.hpp"
#include "neurarium/core/spikes.hpp"

namespace neurarium {

struct EventArrays {
  ArrayView t, i, offsets;
  std::size_t steps = 0, units = 0;
  double dt = 0;            ///< 0: times are steps
  std::string suffix = {};  ///< of the arrays' names in messages: "_test"
};

/// DataError, naming `source`, the array and the first place that is wrong.
StepSpikes spikes_of(const EventArrays& events, const std::string& source);

/// The other way round: t (steps), i and offsets with this suffix, as int64, uint16 and int64.
NamedArrays event_arrays(const StepSpikes& spikes, const std::string& suffix = {});

}  // namespace neurarium
