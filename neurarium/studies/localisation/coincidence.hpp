// Does a hidden unit detect coincidences of the two ears? What its weights say.
//
// Fibre j of ear e is driven by sin(θ_e + d_j), d_j = its phase (0 … phase_span), θ_right = θ_left + a for a sound of interaural phase a
// (data/interaural_phase.hpp). What an ear's fibres together do to a unit with weights w (W1, signs and all) has the fundamental
//   Σ_j w_j sin(θ_e + d_j) = Im(exp(iθ_e) F_e)          F_e = Σ_j w_j exp(i d_j)
// With axonal delays τ_j (model.delay_maximum) a fibre's spikes arrive behind the tone by φ_j = 2π f τ_j, and d_j − φ_j stands for d_j.
// |F_e| is the strength of that ear's drive, arg F_e the delay that the unit prefers there; inhibition at d counts as a drive that is half
// a cycle away. The drives of both ears come together, and |F_left + exp(ia) F_right| is largest, at
//   a* = arg F_left − arg F_right                       the difference of preferred delays, in (−π, π]
// A unit whose threshold is above the mean drive then fires most at a*, and least at a* ± π.
//   balance   b = 2 |F_left| |F_right| / (|F_left|² + |F_right|²)       1: both ears alike; 0: one ear only
//   index     b if |a*| ≤ π/2, else −b
// Index near 1: both ears drive the unit alike, and meet at an angle that sounds have. Near −1: one ear is set against the other, so that they
// cancel at such an angle. Near 0: one ear only. Any unit that only excitation reaches has an index ≥ 0, learned or not; so what it does is
// asked, too: r, the correlation of its tuning curve with |F_left + exp(ia) F_right|.
//   detector      index > ½, r > ½         it fires most where the ears meet
//   dip           index > ½, r < −½        it fires least there: driven hard at all times but when both ears are silent together
//   comparator    index < −½, |r| > ½      one ear against the other
//
// A column of W2 is what speaks for one direction. A bump is a run of hidden units, in some order, whose weights in that column all are
// above half the column's largest one, which must be above 0. In any order alike, m such units of n make m (n − m + 1) / n bumps on average.
#pragma once

#include <vector>

#include "neurarium/core/tensor.hpp"
#include "neurarium/data/interaural_phase.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

struct EarDrive {
  double strength = 0;  ///< |F|
  double delay = 0;     ///< arg F, rad, in (−π, π]
};

struct UnitCoincidence {
  EarDrive left, right;
  double difference = 0;  ///< a*, rad
  double balance = 0, index = 0;
  /// |F_left + exp(ia) F_right|
  double drive_at(double ipd) const;
};
/// One for each column of W1 [2 · fibres, hidden]. `lags`: φ of each fibre in rad, NaN where its spikes never arrive; none: all are 0.
std::vector<UnitCoincidence> coincidence_of_units(const Tensor<double>& w1, double phase_span,
                                                  std::span<const double> lags = {});
/// φ of each fibre: how late the layer "delay" hands on a spike that comes with the first step. None if the network has no such layer.
std::vector<double> axonal_lags(const Model& model, const InterauralPhaseParams& task);

/// r: Pearson's correlation of a unit's tuning curve (rates at these angles, rad) with drive_at(). NaN if either is flat; angles without a
/// rate (NaN) are left out.
double tuning_foretold(const UnitCoincidence& unit, std::span<const double> angles, std::span<const double> rates);

enum class UnitRole { detector, dip, comparator, other };
/// Of an index and r, as above.
UnitRole role_of(double index, double foretold) noexcept;

struct Bumps {
  std::vector<std::size_t> of_column;
  double mean = 0, by_chance = 0;  ///< over the columns
};
Bumps bumps(const Tensor<double>& w2, std::span<const std::size_t> order);

/// The notebook's order of hidden units: by the mean over the fibres of number times weight, where fibres count up in the left ear and down
/// in the right; units without a weight of 0.5 or more come last.
std::vector<std::size_t> notebook_order(const Tensor<double>& w1);

}  // namespace neurarium
