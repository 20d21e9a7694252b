// A run context that has threads, a registry and a seed, and nothing else: for what needs no run directory – evaluations,
// benchmarks, trainings on arrays, tests. Nothing is kept.
#pragma once

#include "neurarium/nn/study.hpp"

namespace neurarium {

class BareContext : public RunContext {
 public:
  BareContext(const Registry& registry, int threads, std::uint64_t seed)
      : registry_(registry), pool_(threads), seed_(seed) {}
  const Registry& registry() const override { return registry_; }
  std::uint64_t seed() const override { return seed_; }
  WorkerPool& pool() override { return pool_; }
  Dataset dataset(const std::string& name) override {
    throw SpecError("no data set '" + name + "' here", "hand over arrays");
  }
  void add(Figure) override {}
  void add(Exhibit) override {}
  void answer(std::string) override {}

 private:
  const Registry& registry_;
  WorkerPool pool_;
  std::uint64_t seed_;
};

}  // namespace neurarium
