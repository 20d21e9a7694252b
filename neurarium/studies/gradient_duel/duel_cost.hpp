// What one way of the gradient costs at given weights: time, and memory that a pass leaves on its tape.
#pragma once

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/gradient_duel/gradients_at.hpp"

namespace neurarium {

struct DuelCost {
  double spikes = 0;                                    ///< of hidden units per sample
  double surrogate_seconds = 0, eventprop_seconds = 0;  ///< per sample, forward and backward
  /// Bytes per sample that a pass of the probe leaves in use on its tape: what backward reads, and its room; NaN where the C library
  /// does not say what is in use (it is glibc that does).
  double surrogate_bytes = 0, eventprop_bytes = 0;
};

/// Both at the same weights, in turns, on one thread; the quickest pass of each.
DuelCost cost_of_gradients(Trainable& surrogate, Trainable& eventprop, const Probe& probe);

}  // namespace neurarium
