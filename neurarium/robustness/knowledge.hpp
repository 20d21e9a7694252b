// Whether a classifier knows what it does not know: one call, all figures.
//
// The model is shown clean samples, held-out ones (only for the temperature) and foreign ones. Scores of familiarity are taken from
// what it says as it says it; "tempered-softmax" is max-softmax of logits/T, which may rank samples of different kinds otherwise
// and should be looked at before anybody trusts tempered probabilities with refusing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "neurarium/core/pool.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/robustness/calibration.hpp"
#include "neurarium/robustness/detection.hpp"
#include "neurarium/robustness/foreign_data.hpp"
#include "neurarium/robustness/selective.hpp"

namespace neurarium {

struct KnowledgeQuestion {
  SplitView clean;                    ///< with labels
  SplitView held_out;                 ///< with labels; no samples: no temperature
  double divisor = 1;                 ///< of both
  std::vector<SampleSource> foreign;  ///< names must differ
};

/// One score of familiarity, on the clean samples and against each foreign set.
struct ScoreFinding {
  std::string name;
  RiskCoverage clean;
  double threshold = 0;              ///< answers 95 % of the clean samples
  Refusal refusal;                   ///< of the clean samples at that threshold
  std::vector<Detection> detection;  ///< in the order of Knowledge::foreign
};

struct ForeignFinding {
  std::string name, meaning;
  std::vector<double> confidence;             ///< largest probability, of each sample
  double mean_confidence = 0;                 ///< of them
  std::optional<double> tempered_confidence;  ///< mean of the largest of softmax(z/T)
};

struct Knowledge {
  std::size_t samples = 0, classes = 0;
  double accuracy = 0;             ///< on the clean samples
  std::vector<double> confidence;  ///< of each clean sample
  Calibration before;              ///< as the model says it; its `confidence` is the mean one
  std::optional<TemperatureFit> temperature;
  std::string why_no_temperature;    ///< why there is none, if held-out samples were given
  std::optional<Calibration> after;  ///< of softmax(z/T)
  std::vector<ScoreFinding> scores;  ///< those that the model has; tempered-softmax last, if there is a temperature
  std::vector<ForeignFinding> foreign;
};

/// The same bits for any number of threads. `tell` is told before each set which one is looked at next.
/// SpecError if the model's outputs are no logits; DataError if clean or held-out samples have no labels, or labels that the model
/// does not know; ShapeError, naming the set, if the model takes other samples.
Knowledge what_it_knows(const Trainable& model, const KnowledgeQuestion& question, WorkerPool& pool,
                        const std::function<void(const std::string& set)>& tell = {});

}  // namespace neurarium
