// Several trainings on the same sounds: they are shared out over the threads, each trained by one thread, and what comes out has
// the same bits for any number of threads. A run that is stopped goes on with the trainings that were not done.
//
// Training k = 0, 1, … has a seed of its own, for weights, signs and order of samples: the first word of
// philox(Stream(seed, "localisation.runs"), {0, k}), a pure function of the run's seed and k. It does not decide about sounds:
// those are drawn with the run's seed, "training" and "validation" once for all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "neurarium/studies/localisation/localisation_run.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {

/// What training k is.
struct LocalisationPlan {
  LocalisationNetworkParams model;
  std::string words;                      ///< as errors call it: "fraction 0.3, repeat 2"
  const LocalisationSet* test = nullptr;  ///< nullptr: a set of its own, "test.k"
  /// Another task than that of the settings. It then learns, and is stopped, by sounds of its own: "training" and "validation" of
  /// this task.
  std::optional<InterauralPhaseParams> task = {};
  /// Under which name the run keeps the network, if under any (RunContext::keep).
  std::string member = {};
};

/// What came of it.
struct LocalisationOutcome {
  std::uint64_t seed = 0;
  double train_accuracy = 0, validation_accuracy = 0, test_accuracy = 0;
  double mean_absolute_error_deg = 0;  ///< of the test
  double hidden_rate_hz = 0;           ///< mean over hidden units, during the test
  double train_seconds = 0;            ///< in this process; 0 for what a checkpoint gave
  EpochHistory history;
  Array hidden_weight, output_weight;  ///< as they are multiplied with, [fibres, hidden] and [hidden, classes]
  /// Of rule "learned", [2, fibres] and [2, hidden]: the signs that it began with, and the tanh(s) that it has. Else empty.
  Array hidden_signs, output_signs;
  NamedArrays network;  ///< all its parameters and buffers, if the run is to keep it
};

/// All of them, in order; the run keeps those networks whose plans name a member, with the sounds of the run's seed. NumericError with the plan's words if one diverges, Interrupted (with the trainings saved that are
/// done) if the run is to stop.
std::vector<LocalisationOutcome> train_all(const LocalisationSettings& settings,
                                           std::span<const LocalisationPlan> plans, RunContext& context);

/// One figure of some of them.
std::vector<double> each(std::span<const LocalisationOutcome> outcomes, double LocalisationOutcome::*figure);
/// A chart of the loss after each epoch, a line for each of the runs that are given; `validation` or training.
Chart loss_chart(std::span<const LocalisationOutcome* const> runs, std::span<const std::string> names, bool validation);

}  // namespace neurarium
