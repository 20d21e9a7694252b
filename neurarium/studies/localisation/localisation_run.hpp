// One training on the localisation task, and what came of it: what all studies of this folder repeat.
#pragma once

#include <memory>

#include "neurarium/data/interaural_phase.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/localisation/localisation_network.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// What every study of this folder can be told: sounds, network, how it learns. The defaults are the founding notebook's, but that
/// a run which comes to its last epoch gets its best weights.
struct LocalisationSettings {
  InterauralPhaseParams task;
  LocalisationNetworkParams model;
  TrainParams train;
  std::int64_t training_samples = 4096;
  std::int64_t validation_samples = 4096;
  std::int64_t test_samples = 2048;
  LocalisationSettings();
  /// SpecError, with keys as the user writes them ("task.dt"), for sounds that can't be.
  void check() const;
};
/// Their fields, for the Params of a study that derives from LocalisationSettings (as its first base).
std::vector<FieldInfo> localisation_fields();

/// A set of stimuli as the trainer takes it.
struct LocalisationSet {
  InterauralPhaseSet stimuli;
  Array labels;
  LocalisationSet(const InterauralPhaseParams& task, std::size_t samples, std::uint64_t seed, const std::string& name,
                  std::uint32_t epoch, WorkerPool& pool);
  SplitView view() const { return {stimuli.spikes, labels}; }
  /// The same angles with the spikes of another epoch, in place: those who look at it see them. (TrainCallbacks::draw_samples)
  void draw_again(std::uint32_t epoch, WorkerPool& pool);

 private:
  InterauralPhaseParams task_;
  std::uint64_t seed_;
  std::string name_;
};

/// The sounds of these settings as a data set that has a name (data/interaural_dataset.hpp): so `neurarium eval RUN` asks a network again.
/// Its test sounds are those of the set "test".
std::string name_of_sounds(const LocalisationSettings& settings, std::uint64_t seed);

/// How good the answers to a set are.
struct LocalisationScore {
  double accuracy = 0, loss = 0;
  double mean_absolute_error_deg = 0;
  std::vector<std::int64_t> answers;  ///< a class for each sample
};
LocalisationScore score(const Trainable& model, const LocalisationSet& set, std::int64_t classes, RunContext& context);

/// What the layer "hidden" says to some sounds.
StepSpikes hidden_spikes(const Model& model, const StepSpikes& sounds, WorkerPool& pool);

/// A network after its training.
struct TrainedLocalisation {
  Component description;  ///< of the network: type and settings, inputs and seed told
  std::unique_ptr<Trainable> model;
  EpochHistory history;
  double train_seconds = 0;  ///< of the training loop with validation, in this process
  LocalisationScore training, validation, test;
  std::vector<double> hidden_rates;  ///< Hz, of each hidden unit during the test
};
/// The network of `settings` with the context's seed (weights, signs, order of samples), trained and asked. With task.phase =
/// "per_epoch" it learns from sounds that are drawn anew for each epoch; `training` itself stays, and is asked about.
TrainedLocalisation train_localisation(const LocalisationSettings& settings, const LocalisationSet& training,
                                       const LocalisationSet& validation, const LocalisationSet& test,
                                       RunContext& context);

}  // namespace neurarium
