// What localisation-rate found: how well networks tell directions when fibres fire less, or without a sound, or hidden units by chance,
// beside the ideal observer.
#pragma once

#include <optional>

#include "neurarium/data/ideal_observer.hpp"
#include "neurarium/studies/localisation/spread.hpp"

namespace neurarium {

struct RateCondition : Condition {
  InterauralPhaseParams task;
  double escape_noise = 0;  ///< of hidden units; the observer looks at the fibres, and knows none
  IdealObserverFigures observer;
  /// Of the steps that reach the answer of a network with late spikes.
  std::optional<IdealObserverFigures> observer_of_seen_steps;
  /// What a network could have known at most.
  const IdealObserverFigures& best() const { return observer_of_seen_steps ? *observer_of_seen_steps : observer; }
};

/// Some of the conditions, in order of one of their numbers.
struct RateSweep {
  double (*number)(const RateCondition&) = nullptr;
  const char* unit = "";  ///< " Hz"
  std::vector<std::size_t> conditions = {};
  double at(const std::vector<RateCondition>& all, std::size_t i) const { return number(all[conditions[i]]); }
};

struct RateFindings {
  LocalisationSettings settings;
  std::vector<RateCondition> conditions;
  RateSweep rates{[](const RateCondition& c) { return c.task.rate_max; }, " Hz"};
  RateSweep spontaneous{[](const RateCondition& c) { return c.task.spontaneous_rate; }, " Hz"};
  RateSweep escape_noise{[](const RateCondition& c) { return c.escape_noise; }};
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
