// A run context for tests: threads and a seed, an in-memory checkpoint slot, and a stop after so many saves or steps.
#pragma once

#include <functional>

#include "neurarium/nn/study.hpp"

namespace neurarium::contracts {

class TestContext : public RunContext {
 public:
  TestContext(const Registry& registry, int threads, std::uint64_t seed)
      : registry_(registry), pool_(threads), seed_(seed) {}
  const Registry& registry() const override { return registry_; }
  std::uint64_t seed() const override { return seed_; }
  WorkerPool& pool() override { return pool_; }
  Dataset dataset(const std::string& name) override { throw DataError(name, "no data sets in this test"); }
  bool stop_requested() const override { return stop_after_ == 0 || (stop_after_ > 0 && --stop_after_ == 0); }
  std::optional<Checkpoint> resumed() override { return saved_; }
  void save(const Checkpoint& checkpoint) override { saved_ = checkpoint; }
  void add(Figure figure) override { figures.push_back(std::move(figure)); }
  void add(Exhibit exhibit) override { exhibits.push_back(std::move(exhibit)); }
  void answer(std::string) override {}

  /// The n-th look at the stop token answers yes; −1 = never.
  void stop_after(int looks) { stop_after_ = looks; }
  std::vector<Figure> figures;
  std::vector<Exhibit> exhibits;

 private:
  const Registry& registry_;
  WorkerPool pool_;
  std::uint64_t seed_;
  mutable int stop_after_ = -1;
  std::optional<Checkpoint> saved_;
};

}  // namespace neurarium::contracts
