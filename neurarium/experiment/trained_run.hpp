// What a run has learned: its network with the weights of its checkpoint. The run directory is only read.
//
//   const TrainedRun run = open_run("runs/digit-cnn-0123abcd", registry);
//   const RunEvaluation found = evaluate_run(run, {});                        // on its own test samples: evaluate_run.hpp
//   const PictureAnswers answers = ask_run(run, {"seven.png"}, {});           // about single pictures: ask_run.hpp
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

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
/// checkpoint, or a damaged one, or one of another network; ResumeError if its checkpoint was written by a run of another
/// experiment; SpecError if the study has no network that learns by gradients.
/// `note` is told what happens, in a line. The registry must outlive the result.
TrainedRun open_run(const std::filesystem::path& folder, const Registry& registry,
                    const std::filesystem::path& data_home = {},
                    const std::function<void(const std::string&)>& note = {});

}  // namespace neurarium
