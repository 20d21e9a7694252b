// Which steps decide? Outputs that are linear in time say
//   logits = Σ_t c_t s_t W2          s_t: spikes of the hidden units at step t, W2 [hidden, classes]
// with numbers c_t that follow from the readout: for the mean of the membranes c_t = (1 − α^(T − t)) / (1 − α) / T. So the margin by which
// the true class leads the best of the others is a sum over steps, too, and each step has a share of it. Shares are those of the sum over
// the sounds that are told right, whose margins are ≥ 0 (over all sounds, those told wrong may eat it up).
//
// Steps are told by the phase of the stimulus in the middle of the head, in cycles:
//   ψ = f t dt + φ + (span/2 + a/2) / 2π
// φ: the stimulus' phase, a: the interaural phase, span: from an ear's first fibre to its last one. The fibres of both ears together fire
// most at ψ = 1/4 (the crest) and least at ψ = 3/4. The trough is the half of the cycle from 1/2 to 1, where sin 2πψ < 0; in quarters, the
// cycle is the rising flank (7/8 … 1/8), the crest (… 3/8), the falling flank (… 5/8) and the bottom of the trough (… 7/8).
// A hidden spike counts at its own step; input takes a few steps to cause one (two if spikes come late, and the time constant).
#pragma once

#include <array>
#include <optional>

#include "neurarium/data/interaural_phase.hpp"

namespace neurarium {

/// c_0 … c_{T−1} of a readout "mean", "sum" or "last" with decay α per step; `late`: the output sees spikes a step later, so that the last
/// one is never seen. Nothing for readouts that are not linear.
std::optional<std::vector<double>> time_weights(const std::string& readout, double alpha, std::size_t steps, bool late);

/// ψ at step 0 for each sound.
std::vector<double> phases_in_the_head(const InterauralPhaseSet& sounds, const InterauralPhaseParams& task);

struct DecisionByPhase {
  /// Middles of equal bins of ψ (cycles), and which share of all steps, hidden spikes and margins they hold. A share of margins may be
  /// negative: such steps speak for another class. Spikes are those of all sounds.
  std::vector<double> phase, of_time, of_spikes, of_margin;
  double trough_time = 0, trough_spikes = 0, trough_margin = 0;  ///< the shares of the trough
  std::array<double, 4> quarters{};                              ///< of margins: rising, crest, falling, bottom
  double accuracy = 0;                                           ///< of Σ_t c_t s_t W2
  double accuracy_of_trough = 0, accuracy_of_crest = 0;          ///< if only these steps are summed
};

/// `hidden` are the spikes that the sounds cause, `weights` c_t, `w2` as it is multiplied with. Shares of spikes are NaN if there are none,
/// those of margins if they add up to nothing.
DecisionByPhase decision_by_phase(const StepSpikes& hidden, const InterauralPhaseSet& sounds,
                                  const InterauralPhaseParams& task, std::span<const double> weights,
                                  const Tensor<double>& w2, std::size_t bins = 24);

}  // namespace neurarium
