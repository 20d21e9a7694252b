// What dale-learned-signs found: of how many inhibitory units networks make their choice, when the signs themselves are learned.
#pragma once

#include "neurarium/studies/localisation/spread.hpp"

namespace neurarium {

/// What became of the signs of a layer's presynaptic units in one network. Signs are as tanh(s) has them.
struct SignsOfLayer {
  double inhibitory = 0;         ///< share of units with tanh(s) < 0
  double inhibitory_weight = 0;  ///< share that inhibition has in Σ |W|
  double became_inhibitory = 0;  ///< share of all units that began excitatory and are inhibitory
  double became_excitatory = 0;
  double sureness = 0;  ///< mean |tanh(s)|, 1: hard signs
};
/// `signs` [2, units] and `weight` [units, …] as LocalisationOutcome has them.
SignsOfLayer signs_of_layer(const Array& signs, const Array& weight);

enum class SignedLayer { fibres, hidden };
SignsOfLayer signs_of(const LocalisationOutcome& run, SignedLayer layer);

struct SignsCondition {
  double fraction = 0;
  Condition learned, fixed;  ///< fixed: those whose signs stay; there may be none
  std::vector<double> of(SignedLayer layer, double SignsOfLayer::*figure) const;
};

struct SignsFindings {
  LocalisationSettings settings;
  std::vector<SignsCondition> conditions;
  std::size_t repeats() const { return conditions.front().learned.runs.size(); }
};

/// Whether the shares that came out of the lowest and the highest start differ, and where they lie: a phrase.
std::string signs_verdict(const SignsFindings& found, SignedLayer layer);

void add_signs_figures(RunContext& context, const SignsFindings& found);
void add_signs_exhibits(RunContext& context, const SignsFindings& found);
std::string signs_answer(const SignsFindings& found);

}  // namespace neurarium
