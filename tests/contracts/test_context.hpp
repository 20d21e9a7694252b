// A run context for tests: threads and a seed, an in-memory checkpoint slot, and a stop after so many saves or steps.
#pragma once

#include <functional>

#include "neurarium/train/bare_context.hpp"

namespace neurarium::contracts {

class TestContext : public BareContext {
 public:
  using BareContext::BareContext;
  bool stop_requested() const override { return stop_after_ == 0 || (stop_after_ > 0 && --stop_after_ == 0); }
  std::optional<Checkpoint> resumed() override { return saved_; }
  void save(const Checkpoint& checkpoint) override { saved_ = checkpoint; }
  void add(Figure figure) override { figures.push_back(std::move(figure)); }
  void add(Exhibit exhibit) override { exhibits.push_back(std::move(exhibit)); }

  /// The n-th look at the stop token answers yes; −1 = never.
  void stop_after(int looks) { stop_after_ = looks; }
  std::vector<Figure> figures;
  std::vector<Exhibit> exhibits;

 private:
  mutable int stop_after_ = -1;
  std::optional<Checkpoint> saved_;
};

}  // namespace neurarium::contracts
