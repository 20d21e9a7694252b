// What a sweep will run, decided and checked before anything starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "neurarium/experiment/experiment.hpp"
#include "neurarium/experiment/sweep_values.hpp"

namespace neurarium {

/// What the user asks for: the experiment `base`, for all combinations of the axes' values (the last axis changes fastest),
/// each for the seeds seed … seed + repeats − 1. An axis `seed` lists the seeds instead. Any setting can be swept, and so
/// can `preset` and `dataset`; `study` and `threads` can't.
struct Sweep {
  Spec base;
  std::vector<SweepAxis> axes;
  std::int64_t repeats = 0;  ///< 0 = what `seeds` in the settings says, else 1
};

struct PlannedRun {
  std::size_t point = 0;
  std::uint64_t seed = 0;
  std::string hash;  ///< of its experiment
  std::string name;  ///< of its run directory: STUDY-HASH8
};

struct PlannedPoint {
  std::vector<Value> values;                                          ///< one per key
  Experiment experiment;                                              ///< with the first seed
  std::vector<std::pair<std::string, std::vector<std::byte>>> files;  ///< experiment.toml and its inputs
};

struct SweepPlan {
  std::string study, question;
  std::string folder;  ///< its usual name: STUDY-sweep-HASH8. The hash counts the points, not the seeds: more
                       ///< repeats add runs to the same sweep
  std::vector<std::string> keys;  ///< swept keys, without `seed`
  std::vector<std::uint64_t> seeds;
  int threads = 1;  ///< of each run: 1 unless the user says otherwise
  std::vector<PlannedPoint> points;
  std::vector<PlannedRun> runs;  ///< by point, then by seed
};

/// Resolves every point; axes that `base` lists itself ([sweep] of its preset or file) come first. Throws one SpecError with the faults
/// of all of them, and a DataError if data are missing.
SweepPlan plan_sweep(const Sweep& sweep, const Registry& registry, const RunOptions& options,
                     std::span<const Preset> presets = builtin_presets());

}  // namespace neurarium
