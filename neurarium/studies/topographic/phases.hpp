// Several trainings in one run, one after the other, in the run's one checkpoint: a run that is killed in its third training
// goes on there. The first phase keeps the names of its arrays, so that the run's checkpoint is the map's; what the others
// save has "side.NAME." in front.
#pragma once

#include <chrono>
#include <memory>

#include "neurarium/nn/study.hpp"
#include "neurarium/train/detached_context.hpp"

namespace neurarium {

/// The checkpoint that all phases share.
class SharedCheckpoint {
 public:
  explicit SharedCheckpoint(RunContext& run) : run_(run) {}
  /// What was saved under `prefix` ("" = what has no prefix), without it.
  std::optional<Checkpoint> part(const std::string& prefix);
  /// Replaces that part, and writes all.
  void save(const std::string& prefix, const Checkpoint& part);

 private:
  void keep(const std::string& prefix, const Checkpoint& part);

  RunContext& run_;
  bool read_ = false, resumed_ = false;
  std::vector<std::pair<std::string, Checkpoint>> parts_;
  Checkpoint found_;
};

/// The context of one training. It also knows how fast samples went by.
class Phase : public DetachedContext {
 public:
  /// `words` for the progress bar; `name` is "" for the first phase, which alone passes metrics and choices on.
  Phase(RunContext& run, SharedCheckpoint& checkpoint, std::string words, const std::string& name);

  void progress(const Progress& p) override;
  std::optional<Checkpoint> resumed() override;
  bool checkpoint_due(double seconds) override { return run_.checkpoint_due(seconds); }
  void save(const Checkpoint& checkpoint) override { checkpoint_.save(prefix_, checkpoint); }
  void metrics(const std::vector<std::pair<std::string, double>>& row) override {
    if (prefix_.empty()) run_.metrics(row);
  }
  void choice(const std::string& what, const std::string& chosen) override {
    if (prefix_.empty()) run_.choice(what, chosen);
  }

  /// Time spent on something else than learning, which does not count.
  void pause(double seconds) { paused_ += seconds; }
  /// Samples learned in this process, and the seconds that took.
  double samples() const { return last_ - first_; }
  double seconds() const { return std::max(0.0, seconds_ - paused_at_last_); }

 private:
  using Clock = std::chrono::steady_clock;
  RunContext& run_;
  SharedCheckpoint& checkpoint_;
  std::string prefix_;
  bool started_ = false;
  Clock::time_point start_;
  double first_ = 0, last_ = 0, seconds_ = 0, paused_ = 0, paused_at_last_ = 0;
};

}  // namespace neurarium
