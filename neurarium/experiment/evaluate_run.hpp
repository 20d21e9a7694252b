// How good a run's network is on data: the run's own, or others.
#pragma once

#include <optional>
#include <string>

#include "neurarium/experiment/trained_run.hpp"

namespace neurarium {

struct EvaluateOptions {
  std::string data;   ///< name of a data set, or FILE.npz; empty = the run's own
  std::string split;  ///< "train", "test"; empty = test if there is one, else train
  int threads = 0;
  bool outputs = false;  ///< keep the outputs of each sample
};

struct RunEvaluation {
  std::string data, split;
  std::size_t samples = 0;
  std::optional<double> loss;      ///< mean over the samples; none without answers
  std::optional<double> accuracy;  ///< share whose strongest output is the label; none without labels
  NamedArrays outputs;             ///< "outputs" [samples, k], and "y" if there are answers
};
/// ShapeError, naming both shapes, if the network takes other samples.
RunEvaluation evaluate_run(const TrainedRun& run, const EvaluateOptions& options);

}  // namespace neurarium
