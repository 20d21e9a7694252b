// Sounds of a chosen angle, and spikes as pictures.
#pragma once

#include <string>

#include "neurarium/core/array.hpp"
#include "neurarium/data/interaural_phase.hpp"

namespace neurarium {

/// One sound of that interaural phase (rad) and phase of the stimulus (cycles); a pure function of seed and number. Every fibre is always
/// ready: refractory periods are left out.
StepSpikes sound_of(const InterauralPhaseParams& task, double ipd, double phase, std::uint64_t seed,
                    std::uint32_t number);

/// The first sample as marks: steps from left to right, units from top to bottom; the second half of the units in another colour, if
/// wanted.
Array raster_of(const SpikesView& spikes, std::size_t step_width, std::size_t unit_height, bool two_ears);

/// "90 deg"
std::string in_degrees(double radians);

}  // namespace neurarium
