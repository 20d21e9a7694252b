// What dale-localisation shows: figures, pictures, charts.
#pragma once

#include <optional>

#include "neurarium/studies/localisation/localisation_analyses.hpp"

namespace neurarium {

struct ObserverScore {
  std::size_t trials = 0;
  double accuracy = 0, error = 0;                ///< and its standard error
  std::optional<double> accuracy_of_seen_steps;  ///< of the steps that reach the answer of a network of late spikes
};

struct LocalisationFindings {
  InterauralPhaseParams task;
  LocalisationNetworkParams model;
  LocalisationAnalysisParams analysis;
  TrainedLocalisation trained;
  bool stopped_early = false;
  LocalisationAnalyses analyses;
  std::optional<ObserverScore> observer;
};

void add_localisation_figures(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test);
/// What the notebook says, and what this run found: a paragraph per claim (localisation_claims.cpp).
void add_claims(RunContext& context, const LocalisationFindings& found);
std::string localisation_answer(const LocalisationFindings& found);

/// Rasters of both ears at eight angles.
void add_stimuli(RunContext& context, const InterauralPhaseParams& task);
/// Loss and accuracy per epoch, of training and validation.
void add_learning_curves(RunContext& context, const EpochHistory& history);
/// Histogram of true and estimated angles, and the confusion matrix.
void add_answers(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test);
/// Both weight matrices as they are multiplied with, unsorted and sorted by the notebook's key, and their product; 15 units' synapses
/// with both ears.
void add_weights(RunContext& context, const LocalisationAnalyses& found);
/// One sound through all layers (example_exhibit.cpp).
void add_example(RunContext& context, const LocalisationFindings& found);
/// Rates, intervals, phase locking, synchrony, ablation, the share of each phase in the decision, coincidences (analysis_exhibits.cpp).
void add_analyses(RunContext& context, const LocalisationFindings& found);

/// The middles of the classes, in degrees.
std::vector<double> middles_in_degrees(std::int64_t classes);

}  // namespace neurarium
