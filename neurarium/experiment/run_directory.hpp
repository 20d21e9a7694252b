// A run directory: everything one run needs and leaves.
//   experiment.toml  inputs/*  run.json  metrics.csv  checkpoint.safetensors  report.json  report.html
//   arrays/*.npy  pictures/*.png  charts/*.json  network.safetensors  members/*/network.safetensors  .lock
// It appears whole, with experiment.toml, inputs and a run.json whose `status` is "running"; from then on every file is
// replaced whole. One process at a time holds it, by a lock (flock) on .lock, which falls with the process.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/core/value.hpp"

namespace neurarium {

class RunDirectory {
 public:
  using Files = std::vector<std::pair<std::string, std::vector<std::byte>>>;  ///< path in the directory → content

  /// Looks at `folder`. Something else of that name (a file, a folder that is no run directory) is a SpecError, and
  /// nothing is touched.
  explicit RunDirectory(std::filesystem::path folder);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& folder() const noexcept { return folder_; }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  bool exists() const noexcept { return exists_; }

  /// run.json. Change it and save_record().
  Value& record() noexcept { return record_; }
  std::string text(const std::string& key) const;  ///< an entry of run.json, "" if there is none
  const Value* entry(const std::string& key) const { return record_.find(key); }
  bool has(const std::string& name) const;

  /// Makes the directory with `files` and run.json, whole or not at all, and holds it. A place that can't be written is a
  /// SpecError; an Error says that another process has made the same one in the meantime.
  void create(const Files& files);
  /// Removes the directory again, but only if create() has made it: for what turns out to be no run at all.
  void remove() noexcept;
  /// Holds the existing directory and reads run.json again; an Error that names the process if another one holds it.
  void lock();
  /// Begins a new run in an existing directory: what an earlier one has left stays whole until there is something to take
  /// its place, for much can fail before (threads, data). Then begin_writing() removes it.
  void replace_later() noexcept { old_result_ = true; }
  bool holds_old_result() const noexcept { return old_result_; }
  /// To be called before anything is written: saves run.json and, after replace_later(), removes what the earlier run has
  /// left, but not experiment.toml and inputs.
  void begin_writing();
  void save_record();
  /// Saves with a last effort: on a full disk the lock file's padding makes room. Never throws.
  void save_last_record() noexcept;

 private:
  void take_lock(const std::filesystem::path& folder);
  std::filesystem::path folder_;
  bool exists_ = false, old_result_ = false, made_here_ = false;
  int lock_ = -1;
  Value record_ = Value::table();
};

/// Whether a run directory is there.
bool is_run_directory(const std::filesystem::path& folder);

}  // namespace neurarium
