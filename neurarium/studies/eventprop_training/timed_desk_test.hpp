// Where tests of this folder run studies: what a study leaves, kept.
#pragma once

#include "neurarium/data/catalogue.hpp"
#include "neurarium/neurarium.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium::timed_desk {

inline const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Keeps what a study leaves.
class Desk : public contracts::TestContext {
 public:
  explicit Desk(int threads = 1) : TestContext(house(), threads, 3) {}
  Dataset dataset(const std::string& name) override { return load_dataset(name, "nowhere"); }
  bool checkpoint_due(double) override { return false; }
  void keep(const std::string& member, const TrainedNetwork& network) override { kept.emplace_back(member, network); }
  void answer(std::string line) override { said = std::move(line); }
  const Value& figure(const std::string& name) const {
    for (const Figure& f : figures)
      if (f.name == name) return f.value;
    throw InternalError("no figure " + name);
  }
  /// Runs a study with these settings.
  void run(const std::string& study, const Value& table) {
    house().make<Study>("study", {study, resolve({study, {}, table}, house()).settings}, study)->run(*this);
  }
  std::vector<std::pair<std::string, TrainedNetwork>> kept;
  std::string said;
};

}  // namespace neurarium::timed_desk
