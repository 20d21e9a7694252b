// What localisation-rate found: how well networks tell directions when fibres fire less, or without a sound, beside the ideal observer.
#pragma once

#include <optional>

#include "neurarium/data/ideal_observer.hpp"
#include "neurarium/studies/localisation/spread.hpp"

namespace neurarium {

struct RateCondition : Condition {
  InterauralPhaseParams task;
  IdealObserverFigures observer;
  /// Of the steps that reach the answer of a network with late spikes.
  std::optional<IdealObserverFigures> observer_of_seen_steps;
  /// What a network could have known at most.
  const IdealObserverFigures& best() const { return observer_of_seen_steps ? *observer_of_seen_steps : observer; }
};

/// Some of the conditions, in order of one number of their task.
struct RateSweep {
  double InterauralPhaseParams::*number;
  std::vector<std::size_t> conditions;
};

struct RateFindings {
  LocalisationSettings settings;
  std::vector<RateCondition> conditions;
  RateSweep rates, spontaneous;
  bool several() const { return conditions.front().runs.size() > 1; }
  std::vector<double> places(const RateSweep& sweep) const;
};

/// Mean accuracy of the first condition of a sweep less that of the last, with its interval; and the same of the observer.
MeanDifference fall(const RateFindings& found, const RateSweep& sweep);
double observers_fall(const RateFindings& found, const RateSweep& sweep);

void add_rate_figures(RunContext& context, const RateFindings& found);
void add_rate_exhibits(RunContext& context, const RateFindings& found);
std::string rate_answer(const RateFindings& found);

}  // namespace neurarium
