// How figures of several networks are said and drawn: mean, standard deviation, 95 % interval, each network a point.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurarium/studies/localisation/localisation_runs.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {

/// Networks that were trained alike but for their seeds.
struct Condition {
  std::string name;
  std::vector<LocalisationOutcome> runs;
  std::vector<double> of(double LocalisationOutcome::*figure) const { return each(runs, figure); }
  std::vector<double> tests() const { return of(&LocalisationOutcome::test_accuracy); }
};

/// Adds to `chart` the mean of numbers[i] at x[i] as a line, its 95 % interval as a band, and all numbers as points of the same
/// colour; each times `factor`. One number each: the line and its points.
void add_spread(Chart& chart, const std::string& name, const std::string& colour, std::span<const double> x,
                std::span<const std::vector<double>> numbers, double factor);

/// Accuracy of every network on the test, [conditions, networks].
Array tests_of_all(std::span<const Condition* const> conditions);

/// chance_accuracy, chance_loss, epochs_run, stopped_early, hidden_rate_hz, mean_absolute_error_deg and train_seconds: lists
/// have a number for each condition, the mean over its networks.
void add_common_figures(RunContext& context, std::span<const Condition* const> conditions,
                        const LocalisationSettings& settings);
/// Pointers to all of them, whatever kind of Condition they are.
template <class Some>
std::vector<const Condition*> all_of(const std::vector<Some>& conditions) {
  std::vector<const Condition*> all;
  for (const Condition& condition : conditions) all.push_back(&condition);
  return all;
}

}  // namespace neurarium
