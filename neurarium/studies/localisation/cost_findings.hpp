// What dale-cost found: what Dale's law costs under each rule, update order and start, and whether the order is what costs.
//
// The cost of a rule is the mean test accuracy of networks without the law, less that of those which keep it by this rule; both of
// the same update order and start, all on the same sounds.
#pragma once

#include "neurarium/studies/localisation/spread.hpp"

namespace neurarium {

struct CostCondition : Condition {
  std::string rule, spike, start;  ///< rule "none": those without the law
};

struct CostFindings {
  LocalisationSettings settings;
  std::vector<std::string> rules, spikes, starts;  ///< as the user lists them; rules without "none"
  std::vector<CostCondition> conditions;
  const CostCondition& at(const std::string& rule, const std::string& spike, const std::string& start) const;
  /// Of a rule in an update order: mean over all starts.
  MeanDifference cost(const std::string& rule, const std::string& spike) const;
  MeanDifference cost(const CostCondition& condition) const;
  /// What the cost is more with late spikes than with spikes in the same step.
  MeanDifference extra_of_late(const std::string& rule) const;
  /// The rule of least cost in this order.
  const std::string& cheapest(const std::string& spike) const;
};

/// What these say of the guess that the law is free, and what it seems to cost in the notebook comes from its late spikes.
std::string cost_verdict(const MeanDifference& late, const MeanDifference& same_step, const MeanDifference& extra);

void add_cost_figures(RunContext& context, const CostFindings& found);
void add_cost_exhibits(RunContext& context, const CostFindings& found);
std::string cost_answer(const CostFindings& found);

}  // namespace neurarium
