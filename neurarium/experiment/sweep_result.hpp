// What a sweep found: a table of runs, and what they say about each point.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/value.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {

struct SweepRun {
  enum class State { waiting, running, finished, failed, stopped };
  std::size_t point = 0;
  std::uint64_t seed = 0;
  std::string hash, name;        ///< of the experiment; of the run directory
  std::filesystem::path folder;  ///< SWEEP/members/NAME
  State state = State::waiting;
  bool stored = false;    ///< it was finished before this start
  int exit_code = 0;      ///< of its process
  std::string error;      ///< why it failed
  double seconds = 0;     ///< it took, all starts together; of a running one: since it was started
  std::string last_line;  ///< the newest line of a running one's log
  /// Every figure that is a number (or yes = 1, no = 0), and NAME[0], NAME[1] … of those that are short lists of numbers.
  std::vector<std::pair<std::string, double>> figures;

  const double* find(std::string_view figure) const noexcept;
};
std::string_view name_of(SweepRun::State state) noexcept;

/// A figure that runs have.
struct SweepFigure {
  std::string name, unit, meaning;
};

struct SweepResult {
  std::string study, question;
  std::filesystem::path folder;
  std::vector<std::string> keys;           ///< the swept settings
  std::vector<std::vector<Value>> points;  ///< their values, point by point
  std::vector<std::uint64_t> seeds;
  std::vector<SweepRun> runs;        ///< by point, then by seed
  std::vector<SweepFigure> figures;  ///< in the order in which the study gives them
  std::string figure;                ///< the one that matters most; "" until a run has finished
  int jobs = 1, threads = 1;
  double seconds_left = -1;  ///< an estimate; < 0 = unknown
  std::string experiment;    ///< the first point as TOML, every default written
  std::vector<std::string> command;

  std::size_t count(SweepRun::State state) const noexcept;
  std::vector<const SweepRun*> runs_of(std::size_t point) const;
  /// Of the finished runs of a point.
  SampleSummary summary(std::size_t point, std::string_view figure) const;
  /// 0 if every run is finished; the exit code that all failed runs have in common, else 1; 130 if some were stopped.
  ExitCode exit_code() const noexcept;
};

/// The settings of a point as text: "model.radius = 2, train.decay = 0.1"; "" without swept keys.
std::string point_text(const SweepResult& result, std::size_t point);
/// One value for people: text without quotes, long numbers with six digits.
std::string swept_value_text(const Value& value);

/// The content of sweep.json, which is also what --json prints.
Value to_value(const SweepResult& result);
/// The content of sweep.csv: one row per run: swept keys, seed, status, every figure, seconds, folder.
std::string csv_text(const SweepResult& result);

}  // namespace neurarium
