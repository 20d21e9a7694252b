// The dynamics of leaky integrate-and-fire units through time, forward and backward, for one sample. Equations: models/lif/lif.hpp.
// Run-time dispatch through Highway; `reference` holds the plain loops, which give the same bits.
//
// Traces are [steps, width], a line of whole 64 bytes per step; one number per unit: [width].
//
// What a step needs, per vector of units: the rows of W of the inputs that fire, once forward (read) and once back (read and
// written). All else fits beside that: so rows are added up in registers and go into the dynamics from there, and on the way
// back from the dynamics to the rows. 45 of 200 inputs and 32 units of float32 in vectors of 16: 90 reads (45 cycles) and 90 writes
// (90 cycles), about 140 cycles a step with nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "neurarium/kernels/events.hpp"
#include "neurarium/kernels/surrogate.hpp"

namespace neurarium::kernels {

enum class Reset { zero, subtract, none };

/// What makes the units; `late`: a spike is seen one step after its membrane crossed the threshold.
template <class T>
struct LifUnits {
  std::size_t width = 0;
  const T* decay = nullptr;                ///< α of the membrane
  const T* threshold = nullptr;            ///< θ
  const T* synapse_decay = nullptr;        ///< β, or null: synapses act at once
  const T* adaptation_decay = nullptr;     ///< ρ, or null: thresholds do not adapt
  const T* adaptation_strength = nullptr;  ///< κ
  Reset reset = Reset::zero;
  bool late = false;
  bool detach_reset = false;  ///< no gradient through the spike in the reset
  T refractory = 0;           ///< steps after a spike in which the membrane stands still
  /// Null, or [steps, width] of a sample, added to the thresholds only where forward asks who fires: escape noise.
  const T* threshold_noise = nullptr;
  /// Null, or s = soft_spike(v − θ) in place of 0 or 1, without refractory periods: for the check of gradients; plain loops.
  const std::function<T(T)>* soft_spike = nullptr;
};

/// Where units are in time, [width] each: what one call of forward leaves for the next.
template <class T>
struct LifState {
  std::vector<T> membrane, spike, current, adaptation, hold;
  void reset(std::size_t width) {
    for (auto* part : {&membrane, &spike, &current, &adaptation, &hold}) part->assign(width, T{0});
  }
};

/// One sample's traces. The plain loops leave spikes as numbers, the fast ones as marks (kernels/events.hpp).
template <class T>
struct LifTrace {
  T* current;           ///< h, where no inputs are given; where synapses decay, the synaptic current after forward
  T* before;            ///< u before the reset
  T* spike;             ///< s, of plain loops
  std::uint8_t* marks;  ///< s > 0, of fast ones
  T* adaptation;        ///< a of the step, where thresholds adapt
  T* hold;              ///< 1 where the membrane stood still, if there is a refractory period
};

/// Inputs that fire, and what they drive: h_t = start + Σ of their rows of weights [inputs, width].
template <class T>
struct LifInputs {
  EventRows events;  ///< from step 0 on
  const T *weights, *start;
};

/// Steps [first, end) of a sample, from and to `state`; h is what `inputs` say, or if null, what `trace.current` holds.
template <class T>
void lif_forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                 LifState<T>& state, const LifInputs<T>* inputs = nullptr);

/// How far the membranes were above their thresholds (without noise) when it was asked whether they fire, [steps, width]: of what the
/// surrogate derivative is taken.
template <class T>
void lif_distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out);

/// Gradients on the way back, [width] each: at the end of time all 0.
template <class T>
struct LifCostate {
  std::vector<T> membrane, spike, current, adaptation;
  void reset(std::size_t width) {
    for (auto* part : {&membrane, &spike, &current, &adaptation}) part->assign(width, T{0});
  }
};
/// ∂E/∂ of each unit's numbers, added to; null where nobody asks.
template <class T>
struct LifUnitsGradient {
  T *decay = nullptr, *threshold = nullptr, *synapse_decay = nullptr, *adaptation_decay = nullptr,
    *adaptation_strength = nullptr;
};
/// ∂E/∂s from the layers above (and from recurrent ones): rows [steps, width], or if null, products per_step[t] · per_unit[j].
template <class T>
struct LifSpikeGradient {
  const T* rows = nullptr;
  const T *per_step = nullptr, *per_unit = nullptr;
};
/// The surrogate derivatives of the spikes, [steps, width], or if null, a formula.
template <class T>
struct LifSlopes {
  const T* rows = nullptr;
  SurrogateCurve<T> curve{};
};
/// Where ∂E/∂h goes, each unless null: row by row [steps, width] (written); to the rows of the inputs that fired, by falling
/// step, and summed over steps (added).
template <class T>
struct LifDriveGradient {
  T* rows = nullptr;
  T* weights = nullptr;
  EventRows events{};  ///< for `weights`
  T* start = nullptr;
};
/// Steps [first, end) backward.
template <class T>
void lif_backward(const LifUnits<T>& units, const LifTrace<T>& trace, const LifSpikeGradient<T>& above,
                  const LifSlopes<T>& slopes, const LifDriveGradient<T>& below, std::size_t first, std::size_t end,
                  LifCostate<T>& costate, const LifUnitsGradient<T>& gradient);

namespace reference {
template <class T>
void lif_forward(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t first, std::size_t end,
                 LifState<T>& state);
template <class T>
void lif_distances(const LifUnits<T>& units, const LifTrace<T>& trace, std::size_t steps, T* out);
template <class T>
void lif_backward(const LifUnits<T>& units, const LifTrace<T>& trace, const T* spike_gradient, const T* slope, T* out,
                  std::size_t first, std::size_t end, LifCostate<T>& costate, const LifUnitsGradient<T>& gradient);
}  // namespace reference

}  // namespace neurarium::kernels
