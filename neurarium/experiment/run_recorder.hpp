// What a study sees of its run: progress, stop token, checkpoints, and a place for results, kept in a run directory.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "neurarium/experiment/experiment.hpp"
#include "neurarium/experiment/identity.hpp"
#include "neurarium/experiment/run_directory.hpp"

namespace neurarium {

/// metrics.csv: rows are kept in memory and the file is replaced whole, so it always ends at a line's end. After a resume
/// it begins with the rows that the checkpoint knew; a study that replays its history hands in the same rows again, and
/// they are not written twice.
class MetricsFile {
 public:
  void add(const std::vector<std::pair<std::string, double>>& row);
  std::size_t rows() const noexcept { return rows_.size(); }
  void write(const std::filesystem::path& file);
  /// The first `rows` rows of `file`, if there are that many.
  void restore(const std::filesystem::path& file, std::size_t rows);

 private:
  std::vector<std::string> columns_, rows_;
  std::size_t replayed_ = 0, restored_ = 0, written_ = 0;
};

class RunRecorder final : public RunContext {
 public:
  RunRecorder(const Experiment& experiment, const Registry& registry, const RunOptions& options,
              RunDirectory& directory, KnownNetworks networks = {});

  const Registry& registry() const override { return registry_; }
  std::uint64_t seed() const override { return experiment_.seed; }
  WorkerPool& pool() override { return pool_; }
  Dataset dataset(const std::string& name) override;
  TrainedNetwork network(const std::string& run) override;
  void keep(const std::string& member, const TrainedNetwork& network) override;
  void progress(const Progress& progress) override;
  void note(const std::string& line) override {
    if (options_.note) options_.note(line);
  }
  bool stop_requested() const override { return options_.stop.stop_requested(); }
  std::optional<Checkpoint> resumed() override;
  bool checkpoint_due(double seconds) override;
  void save(const Checkpoint& checkpoint) override;
  void metrics(const std::vector<std::pair<std::string, double>>& row) override;
  void add(Figure figure) override;
  void add(Exhibit exhibit) override;
  void answer(std::string one_line) override { report_.answer = std::move(one_line); }
  void array(const std::string& name, const Array& array) override;
  void choice(const std::string& what, const std::string& chosen) override;

  /// Brings metrics.csv up to date.
  void write_metrics() {
    directory_.begin_writing();
    metrics_.write(directory_.file("metrics.csv"));
  }
  bool has_metrics() const noexcept { return metrics_.rows() > 0; }
  /// Seconds of this process and the ones it continues.
  double seconds() const;
  const Report& report() const noexcept { return report_; }

 private:
  using Clock = std::chrono::steady_clock;
  /// "inputs/data-0123abcd.npz" where `name` is that file in this run's folder.
  std::string role_of(const std::string& dataset) const;
  std::string within_run(const std::string& name) const;
  void record_photographs(const ImageFolder& folder);  ///< which files were skipped, and why
  const Experiment& experiment_;
  const Registry& registry_;
  const RunOptions& options_;
  RunDirectory& directory_;
  KnownNetworks networks_;  ///< of the runs that settings name
  WorkerPool pool_;
  Report report_;
  std::map<std::string, std::string> array_files_;  ///< name of an array → of its file
  MetricsFile metrics_;
  double seconds_before_ = 0;
  Clock::time_point start_ = Clock::now(), last_save_ = start_, last_metrics_ = start_;
};

}  // namespace neurarium
