// What a run has learned, put to use: its network with the weights of its checkpoint, evaluated on data or asked about
// single pictures. The run directory is only read.
//
//   const TrainedRun run = open_run("runs/digit-cnn-0123abcd", registry);
//   const RunEvaluation found = evaluate_run(run, {});                        // on its own test samples
//   const PictureAnswers answers = ask_run(run, {"seven.png"}, {});
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "neurarium/data/picture_sample.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

struct TrainedRun {
  const Registry* registry = nullptr;
  std::filesystem::path folder, data_home;
  std::string status;  ///< of run.json: an unfinished run has the weights of its last checkpoint
  Experiment experiment;
  Component description;             ///< of the network, inputs and seed as the run had them
  std::unique_ptr<Trainable> model;  ///< with the checkpoint's weights
  Dataset data;                      ///< the run's own
};

/// Any run of a study with one network in its experiment, finished or with a checkpoint. DataError if there is no run, no
/// checkpoint, or one of another network; SpecError if the study has no network that learns by gradients.
/// `note` is told what happens, in a line. The registry must outlive the result.
TrainedRun open_run(const std::filesystem::path& folder, const Registry& registry,
                    const std::filesystem::path& data_home = {},
                    const std::function<void(const std::string&)>& note = {});

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

/// One class, and how strongly the network takes it for the answer.
struct Guess {
  std::size_t label = 0;
  std::string name;  ///< of the class, or the label as digits
  double strength = 0;
};
struct PictureAnswer {
  std::string file;
  std::vector<double> outputs;
  std::vector<Guess> best;  ///< the strongest first, three at most; empty if the network has a single output
};
struct PictureAnswers {
  bool are_probabilities = false;  ///< strengths are softmax probabilities (of logits); else plain outputs
  std::vector<PictureAnswer> pictures;
};
/// Shows PNG or JPEG files to the network, in the numbers that it was trained on: white is the largest number of the
/// run's data, black is 0 (see picture_sample.hpp). DataError for a file that can't be read, ShapeError for a wrong size.
PictureAnswers ask_run(const TrainedRun& run, const std::vector<std::filesystem::path>& files,
                       const PictureOptions& options);

}  // namespace neurarium
