// Experiment: plain resolved data that describes one run — the same from TOML, a Python dict or C++ — and run().
//
//   The study's defaults < preset < file < settings (key.path=value on the command line). At the top level stand
//   `study preset seed seeds threads` and the fields of the study's own schema (`dataset`, `model`, `train`, …). A file
//   without `study` describes a network and runs the study `train-network`. Places in a list are numbers:
//   model.layers.0.units=5. Names of .npy and .npz files are relative to the TOML file that holds them, else to the
//   working directory.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/core/registry.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/experiment/presets.hpp"
#include "neurarium/experiment/sweep_values.hpp"
#include "neurarium/nn/result.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

/// What the user wrote, in rising priority: the study's defaults < preset < file < settings.
struct Spec {
  std::string study;           ///< name of a study; may be empty when `file` names it (or describes a plain network)
  std::filesystem::path file;  ///< a TOML file, or empty
  Value settings = Value::table();  ///< overrides as a tree (parse_overrides); also preset, seed, threads, dataset
};

/// Everything decided: every default written.
struct Experiment {
  std::string study;
  std::string preset;  ///< "" = none. Its settings are in `settings`; the name itself decides nothing
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0 = available CPUs. Never part of the result
  std::int64_t seeds =
      1;  ///< more than 1: the same for seed … seed+seeds−1, which is a sweep (sweep.hpp) and no single run
  Value settings = Value::table();
  /// What [sweep] lists and nothing of higher priority has said: settings with several values each, so that this is a sweep, too.
  std::vector<SweepAxis> axes = {};
};

/// The value of `dataset` that stands for data handed over in memory (RunOptions::dataset_in_memory).
inline constexpr const char* in_memory = "memory";

/// Checks and completes `spec`. Throws one SpecError with every fault, each with its place and the nearest key.
Experiment resolve(const Spec& spec, const Registry& registry, std::span<const Preset> presets = builtin_presets());

/// `key.path=value` words as a tree for Spec::settings. Values are TOML literals, lists [a,b], or else text. Faults are
/// placed at "command line (argument N)", where N is the word's entry in `numbers`, or else its place among the words.
Value parse_overrides(const std::vector<std::string>& words, std::span<const std::size_t> numbers = {});

/// The experiment as TOML, every default written. An array of up to 32 float64 numbers is written as lists; any other
/// appears as the name of the file that the run directory keeps it in: inputs/KEY.npy.
std::string to_toml(const Experiment& experiment);

/// SpecError, naming the first of its axes, for an experiment that is several: one that lists values.
void require_no_axes(const Experiment& experiment);

/// The setting at a dotted path, places in lists as numbers ("model.layers.0.units"), or nullptr.
const Value* find_setting(const Value& settings, std::string_view path);

/// The arrays among the settings that need a file, with their dotted keys, in order.
std::vector<std::pair<std::string, Value::SharedArray>> arrays_of(const Experiment& experiment);

struct RunOptions {
  std::filesystem::path out;        ///< run directory; empty = runs/<study>-<hash8>
  std::filesystem::path data_home;  ///< empty = $NEURARIUM_DATA or the user's data directory
  bool resume = false;
  bool again = false;             ///< recompute a finished run
  bool go_on = false;             ///< resume if there is something to resume, else begin
  bool allow_isa_change = false;  ///< resume on another instruction set
  std::stop_token stop;
  std::function<void(const Progress&)> progress;
  std::function<void(const std::string&)> note;  ///< what happens, in a line: "reading cifar10", …
  const Dataset* dataset_in_memory = nullptr;    ///< used where settings.dataset is "memory"
  std::vector<std::string> command;              ///< the command line, for run.json
};

/// Runs the experiment (one seed) in its run directory and returns what it found. A finished run is read back instead. Errors leave
/// the directory with a status: interrupted (Interrupted), diverged (NumericError) or failed (any other).
Report run(const Experiment& experiment, const Registry& registry, const RunOptions& options = {});

}  // namespace neurarium
