// What dale-localisation shows: figures, pictures, charts.
#pragma once

#include <optional>

#include "neurarium/studies/localisation/localisation_run.hpp"

namespace neurarium {

struct ObserverScore {
  std::size_t samples = 0;
  double accuracy = 0;
  std::optional<double> accuracy_of_seen_steps;  ///< of the steps that reach the answer of a network of late spikes
};

struct LocalisationFindings {
  InterauralPhaseParams task;
  LocalisationNetworkParams model;
  EpochHistory history;
  LocalisationScore training, validation, test;
  std::vector<double> hidden_rates;
  double train_seconds = 0;
  std::optional<ObserverScore> observer;
};

void add_localisation_figures(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test,
                              bool stopped_early);
/// Rasters of both ears at eight angles.
void add_stimuli(RunContext& context, const InterauralPhaseParams& task);
/// Loss and accuracy per epoch, of training and validation.
void add_learning_curves(RunContext& context, const LocalisationFindings& found);
/// Histogram of true and estimated angles, and the confusion matrix.
void add_answers(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test);
/// Both weight matrices as they are multiplied with, unsorted and sorted by the notebook's key, and their product.
void add_weights(RunContext& context, Model& model);
/// One test sound through the hidden layer, and how fast its units fire by angle.
void add_hidden_activity(RunContext& context, const LocalisationFindings& found, const Model& model,
                         const InterauralPhaseSet& test);
std::string localisation_answer(const LocalisationFindings& found);

}  // namespace neurarium
