// One training on the localisation task, and what came of it: what all studies of this folder repeat.
#pragma once

#include "neurarium/data/interaural_phase.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/localisation/localisation_network.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// A set of stimuli as the trainer takes it.
struct LocalisationSet {
  InterauralPhaseSet stimuli;
  Array labels;
  LocalisationSet(const InterauralPhaseParams& task, std::size_t samples, std::uint64_t seed, const std::string& name,
                  std::uint32_t epoch, WorkerPool& pool);
  SplitView view() const { return {stimuli.spikes, labels}; }
};

/// How good the answers to a set are.
struct LocalisationScore {
  double accuracy = 0, loss = 0;
  double mean_absolute_error_deg = 0;
  std::vector<std::int64_t> answers;  ///< a class for each sample
};
LocalisationScore score(const Trainable& model, const LocalisationSet& set, std::int64_t classes, RunContext& context);

/// Spikes per second of each hidden unit over a set, [hidden].
std::vector<double> hidden_rates(const Model& model, const LocalisationSet& set, double dt, RunContext& context);

}  // namespace neurarium
