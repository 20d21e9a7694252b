// What dale-localisation finds out about a trained network, beside how often it is right.
#pragma once

#include <optional>

#include "neurarium/data/spike_statistics.hpp"
#include "neurarium/studies/localisation/coincidence.hpp"
#include "neurarium/studies/localisation/decision.hpp"
#include "neurarium/studies/localisation/localisation_run.hpp"
#include "neurarium/train/ablation.hpp"

namespace neurarium {

/// What a user can say of it.
struct LocalisationAnalysisParams {
  double angle = std::numbers::pi / 2;
  double tau = 0;
  double window = 5e-3;
  static Schema fields();
};

struct LocalisationAnalyses {
  Tensor<double> w1, w2;           ///< as they are multiplied with
  std::vector<std::size_t> order;  ///< of hidden units, by the notebook's key
  std::vector<bool> active;  ///< hidden units that fire at 1 Hz or more during the test: of others little can be said
  // Of the hidden spikes during the test, unit by unit (data/spike_statistics.hpp)
  std::vector<IntervalStatistics> intervals;
  std::vector<PhaseLocking> locking;  ///< to the stimulus in the middle of the head (decision.hpp)
  std::size_t window = 1;             ///< of synchrony, in steps
  Tensor<double> synchrony, tuning;   ///< [hidden, hidden]; [hidden, classes]
  // Of the weights
  std::vector<UnitCoincidence> coincidence;
  std::vector<double> foretold;  ///< tuning_foretold() of each unit
  /// Share of the active units with that role; NaN if none is active.
  double share_of(UnitRole role) const;
  Bumps bumps_of_w2;  ///< among active units, in that order
  double negative_share_w2 = 0;
  std::size_t sign_violations = 0;  ///< of both weights
  // Of both
  std::optional<DecisionByPhase> decision;   ///< none for a readout that is not linear in time
  std::vector<AblationResult> without_unit;  ///< each hidden unit silenced
  AblationResult without_fibre_inhibition, without_hidden_inhibition, without_inhibition;

  /// −1: all of the unit's output synapses that are not 0 inhibit; 1: all excite; 0: some of each, or none.
  int kind_of(std::size_t unit) const;
};

LocalisationAnalyses analyse_localisation(const LocalisationSettings& settings,
                                          const LocalisationAnalysisParams& params, TrainedLocalisation& trained,
                                          const LocalisationSet& test, RunContext& context);

/// Time constant of the outputs' membranes, s: as told, or as learned.
double readout_tau(const LocalisationNetworkParams& params, Model& model);

/// Mean of those numbers that are finite; NaN if none is.
double mean_of_finite(std::span<const double> numbers);

}  // namespace neurarium
