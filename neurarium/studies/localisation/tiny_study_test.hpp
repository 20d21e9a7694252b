// For tests of this folder's studies: a place that keeps what a study leaves, and sizes that take milliseconds.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/neurarium.hpp"
#include "neurarium/studies/localisation/localisation_runs.hpp"
#include "neurarium/studies/localisation/studies.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {

inline const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Keeps what a study leaves.
class Desk : public contracts::TestContext {
 public:
  explicit Desk(int threads = 1) : TestContext(house(), threads, 3) {}
  bool checkpoint_due(double) override { return false; }
  void array(const std::string& name, const Array& array) override { arrays.emplace(name, array); }
  void keep(const std::string& member, const TrainedNetwork& network) override { kept[member] = network; }
  void answer(std::string line) override { said = std::move(line); }
  const Value& figure(const std::string& name) const {
    for (const Figure& f : figures)
      if (f.name == name) return f.value;
    throw InternalError("no figure " + name);
  }
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> all;
    for (const Value& value : figure(name).as_list()) all.push_back(value.as_number());
    return all;
  }
  std::map<std::string, Array> arrays;
  std::map<std::string, TrainedNetwork> kept;
  std::string said;
};

inline Value section(std::initializer_list<std::pair<const char*, Value>> settings) {
  Value table = Value::table();
  for (const auto& [key, value] : settings) table.set(key, value);
  return table;
}

/// 64 sounds of 40 steps for 12 fibres and 6 hidden units, 3 epochs: milliseconds.
inline void run_tiny(Desk& desk, const std::string& study, std::vector<std::pair<std::string, Value>> more = {}) {
  Value table = Value::table();
  table.set("task", section({{"steps", 40}, {"fibres", 6}, {"classes", 4}}));
  table.set("model", section({{"hidden", 6}}));
  table.set("train", section({{"epochs", 3}, {"batch_size", 16}}));
  table.set("training_samples", 64), table.set("validation_samples", 32), table.set("test_samples", 32);
  for (auto& [key, value] : more) table.set(key, std::move(value));
  house().make<Study>("study", {study, resolve({study, {}, table}, house()).settings}, study)->run(desk);
}

inline Value list(std::initializer_list<double> numbers) { return Value::List(numbers.begin(), numbers.end()); }

inline LocalisationSettings tiny() {
  LocalisationSettings settings;
  settings.task.steps = 40, settings.task.fibres = 6, settings.task.classes = 4;
  settings.model.hidden = 6;
  settings.train.epochs = 2, settings.train.batch_size = 16;
  settings.training_samples = 64, settings.validation_samples = 32, settings.test_samples = 32;
  return settings;
}

inline bool same(const Array& a, const Array& b) {
  return a.shape() == b.shape() && std::ranges::equal(a.as<double>().flat(), b.as<double>().flat());
}

}  // namespace neurarium
