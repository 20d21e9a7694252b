// What dale-check finds: the weights of a network and their signs, and what the network is worth without some of its synapses.
#pragma once

#include <optional>
#include <vector>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/sign_report.hpp"
#include "neurarium/nn/silence.hpp"
#include "neurarium/train/ablation.hpp"

namespace neurarium {

struct CheckedWeight {
  Synapses synapses;  ///< its name in the network, "dense1.weight", and which axis is presynaptic
  Shape shape;
  SignReport signs;
  /// Its name in figures and files: "dense1_weight".
  std::string key() const;
  std::size_t presynaptic_units() const { return shape[synapses.presynaptic_axis]; }
  std::size_t synapses_above_0() const, synapses_below_0() const;
  double inhibitory_share() const;  ///< of the synapses that are not 0, those below 0; NaN if there are none
  double balance() const;           ///< E/I balance, mean over the postsynaptic units
};

/// All weights of two axes or more that signs can be asked of, in the order of the network: layers themselves say which of their numbers
/// these are, and how they lie. (Centres, delays and signs that are learned are no weights.)
std::vector<CheckedWeight> checked_weights(Model& model, const Component& description, const Registry& registry);

/// The units in front of a weight, silenced one after the other. If they hear one another, too (recurrent synapses), nobody hears them.
struct UnitAblation {
  std::size_t weight = 0;  ///< which of the weights
  std::vector<double> without;
  std::size_t worst = 0;  ///< the unit that is missed most
};

/// Accuracies, or mean losses where there are none.
struct DaleAblation {
  bool is_accuracy = true;
  double whole = 0, without_inhibition = 0;
  std::vector<UnitAblation> units;
};

/// Interrupted if the run is to stop.
DaleAblation ablate(Trainable& model, const std::vector<CheckedWeight>& weights, const SplitView& asked, double divisor,
                    RunContext& context);

struct DaleFindings {
  std::vector<CheckedWeight> weights;
  std::optional<DaleAblation> ablation;
  std::string asked;  ///< "200 test samples of corners"
};

/// Figures, table, charts, arrays and answer.
void show(RunContext& context, const DaleFindings& found);

}  // namespace neurarium
