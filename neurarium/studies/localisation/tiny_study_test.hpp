// For tests of this folder's studies: sizes that take milliseconds.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/studies/localisation/localisation_runs.hpp"
#include "neurarium/studies/localisation/studies.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {

/// 64 sounds of 40 steps for 12 fibres and 6 hidden units, 3 epochs: milliseconds.
inline void run_tiny(Desk& desk, const std::string& study, std::vector<std::pair<std::string, Value>> more = {}) {
  Value table = Value::table();
  table.set("task", section({{"steps", 40}, {"fibres", 6}, {"classes", 4}}));
  table.set("model", section({{"hidden", 6}}));
  table.set("train", section({{"epochs", 3}, {"batch_size", 16}}));
  table.set("training_samples", 64), table.set("validation_samples", 32), table.set("test_samples", 32);
  for (auto& [key, value] : more) table.set(key, std::move(value));
  desk.run(study, table);
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
