// What dale-ratio found, and what it says about it.
#pragma once

#include "neurarium/core/digits.hpp"
#include "neurarium/studies/localisation/localisation_runs.hpp"

namespace neurarium {

struct RatioCondition {
  double fraction = 0;
  std::vector<LocalisationOutcome> runs;
};

struct RatioFindings {
  LocalisationSettings settings;
  std::vector<RatioCondition> conditions;
  std::size_t repeats() const { return conditions.front().runs.size(); }
};

/// What these runs say about the notebook's claim "40–60 % is best".
struct RatioVerdict {
  std::size_t best = 0;                   ///< condition of the highest mean on the test
  std::vector<MeanDifference> from_best;  ///< for each condition: best − it
  /// Networks with 0.4 ≤ fraction ≤ 0.6 against those with 0.2 ≤ fraction < 0.4 or 0.6 < fraction ≤ 0.8; NaN if either lacks.
  MeanDifference middle;
};
RatioVerdict verdict_of(const RatioFindings& found);

void add_ratio_figures(RunContext& context, const RatioFindings& found);
void add_ratio_exhibits(RunContext& context, const RatioFindings& found);
/// The answer, beside the notebook's.
std::string ratio_answer(const RatioFindings& found);

}  // namespace neurarium
