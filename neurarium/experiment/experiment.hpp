// Experiment: plain resolved data that describes one run — the same from TOML, a Python dict or C++ — and run().
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/result.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

/// What the user wrote, in rising priority: the study's defaults < preset < file < settings.
struct Spec {
  std::string study;           ///< name of a study; may be empty when `file` names it (or describes a plain network)
  std::filesystem::path file;  ///< a TOML file, or empty
  Value settings = Value::table();  ///< key.path=value overrides as a tree; also preset, seed, threads, dataset
};

/// Everything decided: every default written.
struct Experiment {
  std::string study;
  std::string preset;  ///< "" = none
  std::uint64_t seed = 0;
  int threads = 0;     ///< 0 = available CPUs. Never part of the result
  Value settings = Value::table();
};

/// Checks and completes `spec`. Throws one SpecError with every fault, each with its place and the nearest key.
Experiment resolve(const Spec& spec, const Registry& registry);

/// The experiment as TOML, every default written.
std::string to_toml(const Experiment& experiment);

struct RunOptions {
  std::filesystem::path out;         ///< run directory; empty = runs/<study>-<hash8>
  std::filesystem::path data_home;   ///< empty = $NEURARIUM_DATA or the user's data directory
  bool resume = false;
  bool again = false;                ///< recompute a finished run
  bool allow_isa_change = false;     ///< resume on another instruction set
  std::stop_token stop;
  std::function<void(const Progress&)> progress;
};

/// Runs the experiment in its run directory and returns what it found. A finished run is read back instead.
Report run(const Experiment& experiment, const Registry& registry, const RunOptions& options = {});

}  // namespace neurarium
