// A run context for side trainings of a study (a comparison, a short descent): it shares threads, seed and progress with
// the run, but has no checkpoint slot and leaves no results. A stop is passed on: nothing of a side training is lost that
// would not be computed again.
#pragma once

#include "neurarium/nn/study.hpp"

namespace neurarium {

class DetachedContext : public RunContext {
 public:
  explicit DetachedContext(RunContext& run, std::string phase) : run_(run), phase_(std::move(phase)) {}
  const Registry& registry() const override { return run_.registry(); }
  std::uint64_t seed() const override { return run_.seed(); }
  WorkerPool& pool() override { return run_.pool(); }
  Dataset dataset(const std::string& name) override { return run_.dataset(name); }
  TrainedNetwork network(const std::string& run) override { return run_.network(run); }
  void progress(const Progress& p) override { run_.progress({phase_, p.done, p.total, p.unit, p.merit}); }
  void note(const std::string& line) override { run_.note(line); }
  bool stop_requested() const override { return run_.stop_requested(); }
  void add(Figure) override {}
  void add(Exhibit) override {}
  void answer(std::string) override {}

 private:
  RunContext& run_;
  std::string phase_;
};

}  // namespace neurarium
