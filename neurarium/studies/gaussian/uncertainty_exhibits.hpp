// What the study `uncertainty` shows: figures, tables and charts of robustness/knowledge.hpp.
#pragma once

#include <string>

#include "neurarium/nn/study.hpp"
#include "neurarium/robustness/knowledge.hpp"

namespace neurarium {

/// What was asked, in words for captions.
struct UncertaintyWords {
  std::string clean;     ///< "10,000 test samples of mnist"
  std::string held_out;  ///< "6,000 training samples"
};

/// The score by which figures and answer judge; SpecError, naming those that the network has, if it is none of them.
const ScoreFinding& chosen_score(const Knowledge& found, const std::string& name);

/// Figures with stable names: confidence_SET, auroc_SET and fpr95_SET for each foreign set, by the chosen score.
void add_uncertainty_figures(RunContext& context, const Knowledge& found, const ScoreFinding& chosen,
                             const UncertaintyWords& words);
/// Foreign sets × scores: AUROC, FPR95, AUPR.
void add_detection_tables(RunContext& context, const Knowledge& found, const UncertaintyWords& words);
/// How sure the network is of samples of each kind.
void add_confidence_chart(RunContext& context, const Knowledge& found, const UncertaintyWords& words);
/// Reliability before and after the temperature.
void add_reliability(RunContext& context, const Knowledge& found, const UncertaintyWords& words);
/// Risk–coverage curves, and how right it is when it may refuse.
void add_risk_coverage(RunContext& context, const Knowledge& found, const UncertaintyWords& words);
/// The answer in one sentence.
std::string uncertainty_answer(const Knowledge& found, const ScoreFinding& chosen);

}  // namespace neurarium
