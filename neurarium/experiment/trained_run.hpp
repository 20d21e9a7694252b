// What a run has learned, or made: its network with its weights. The run directory is only read.
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
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

struct TrainedRun {
  const Registry* registry = nullptr;
  std::filesystem::path folder, data_home;  ///< of the run
  std::string member;                       ///< which of the run's networks, if it keeps several
  std::filesystem::path weights;            ///< the file that holds them
  std::string status;                       ///< of run.json: an unfinished run has the weights of its last checkpoint
  Experiment experiment;
  Component description;             ///< of the network, inputs and seed as the run had them
  std::unique_ptr<Trainable> model;  ///< with its weights
  std::string dataset;               ///< name of the data that it learned, for load_dataset()
  Dataset data;                      ///< these data
  std::uint64_t seed = 0;            ///< of the run that trained it
  /// As it is named: "runs/digit-cnn-0123abcd", or with the member behind it.
  std::string name() const { return member.empty() ? folder.string() : (folder / member).string(); }
};

/// `run` is a run directory, or RUN/MEMBER (also RUN/members/MEMBER) for one of several networks that a run keeps. Its network is
/// network.safetensors if there is one, else the weights of its checkpoint in the network of its experiment.
/// DataError if there is no run, no network, no checkpoint, or a damaged one, or one of another network; ResumeError if its checkpoint was
/// written by a run of another experiment; SpecError if the study has no network that learns by gradients, or the run keeps several and
/// none is named.
/// `note` is told what happens, in a line. The registry must outlive the result.
TrainedRun open_run(const std::filesystem::path& run, const Registry& registry,
                    const std::filesystem::path& data_home = {},
                    const std::function<void(const std::string&)>& note = {});

/// The network alone, every default written.
TrainedNetwork network_of(const TrainedRun& run);

}  // namespace neurarium
