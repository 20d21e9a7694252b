// A sweep: the same experiment for all combinations of some settings' values, each for several seeds, summed up.
//
//   Sweep sweep;
//   sweep.base.study = "topographic-map";
//   sweep.axes = {{"model.radius", {0, 1, 2}}};
//   sweep.repeats = 3;
//   SweepOptions options;
//   options.program = {"/usr/bin/neurarium"};
//   SweepResult result = run_sweep(sweep, registry, options);
//
// Every run is a process of its own and leaves an ordinary run directory in SWEEP/members. What is finished is not done
// again when the sweep is started again, what is unfinished goes on from its checkpoint, what has failed is tried again.
// A run that fails does not stop the others. SWEEP/sweep.csv, sweep.json and report.html are brought up to date as runs
// finish. One process at a time works on a sweep (a lock on SWEEP/.lock).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "neurarium/experiment/sweep_plan.hpp"
#include "neurarium/experiment/sweep_result.hpp"

namespace neurarium {

struct SweepOptions {
  std::filesystem::path out;         ///< the sweep's folder; empty = runs/<study>-sweep-<hash8>
  std::filesystem::path data_home;   ///< empty = $NEURARIUM_DATA or the user's data directory
  std::vector<std::string> program;  ///< what stands before `run FILE …`: the file of the program `neurarium` first
  std::string called;                ///< its argv[0]; empty = program[0]
  int jobs = 0;                      ///< runs at a time; 0 = available CPUs / threads of a run
  bool again = false;                ///< compute finished runs anew
  std::string figure;                ///< what progress and the first chart show; empty = the study's first
  std::vector<std::string> command;  ///< the command line, for sweep.json and the page
  std::stop_token stop;
  const Dataset* dataset_in_memory = nullptr;  ///< used where settings.dataset is "memory"
  /// Called a few times a second from the thread that called run_sweep, with what is known so far.
  std::function<void(const SweepResult&)> progress;
  std::function<void(const SweepResult&, const SweepRun&)> ended;  ///< a run has ended
  std::function<void(const std::string&)> note;                    ///< what happens, in a line
};

/// Runs everything that is not finished yet. Throws, before anything is started, what plan_sweep() throws; Interrupted if it
/// was stopped, when all runs have written their checkpoints. Failed runs are in the result (SweepResult::exit_code).
SweepResult run_sweep(const Sweep& sweep, const Registry& registry, const SweepOptions& options,
                      std::span<const Preset> presets = builtin_presets());

}  // namespace neurarium
