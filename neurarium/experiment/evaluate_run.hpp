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
  bool outputs = false;              ///< keep the outputs of each sample
  std::vector<std::int64_t> traced;  ///< samples, by number, of which all that goes on in the network is kept
};

struct RunEvaluation {
  std::string data, split;
  std::size_t samples = 0;
  std::optional<double> loss;      ///< mean over the samples; none without answers
  std::optional<double> accuracy;  ///< share whose strongest output is the label; none without labels
  NamedArrays outputs;             ///< "outputs" [samples, k], and "y" if there are answers
  /// Of the samples asked about: "sample", their numbers; "x", as the network sees them; each layer's activity by the layer's name;
  /// and the courses of nn/traces.hpp: "lif1.membrane" [sample, step, unit].
  NamedArrays traces;
};
/// ShapeError, naming both shapes, if the network takes other samples; SpecError for a sample that is not there, or traces of a model without
/// layers.
RunEvaluation evaluate_run(const TrainedRun& run, const EvaluateOptions& options);

}  // namespace neurarium
