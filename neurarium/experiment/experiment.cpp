// An experiment as text, and the arrays that do not fit in text.
#include "neurarium/experiment/experiment.hpp"

#include <charconv>

#include "neurarium/interchange/toml.hpp"

namespace neurarium {
namespace {

std::string path_of(const std::string& path, const std::string& key) { return path.empty() ? key : path + '.' + key; }

/// Few numbers are easier to read, and to change, in the text itself. Lists read back as float64.
bool stands_in_text(const Value::SharedArray& array) {
  return !array ||
         (array->dtype() == DType::f64 && array->shape().axes() > 0 && array->size() > 0 && array->size() <= 32);
}

template <class Visit>
void for_each_array(Value& value, const std::string& path, const Visit& visit) {
  if (value.is_array()) return visit(value, path);
  if (value.is_table())
    for (auto& [key, item] : value.as_table()) for_each_array(item, path_of(path, key), visit);
  if (value.is_list())
    for (std::size_t i = 0; i < value.as_list().size(); ++i)
      for_each_array(value.as_list()[i], path_of(path, std::to_string(i)), visit);
}

}  // namespace

std::vector<std::pair<std::string, Value::SharedArray>> arrays_of(const Experiment& experiment) {
  std::vector<std::pair<std::string, Value::SharedArray>> arrays;
  Value settings = experiment.settings;
  for_each_array(settings, {}, [&](Value& value, const std::string& path) {
    if (!stands_in_text(value.as_array())) arrays.emplace_back(path, value.as_array());
  });
  return arrays;
}

const Value* find_setting(const Value& settings, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string_view key = path.substr(0, dot);
  const Value* entry = settings.find(key);
  if (settings.is_list()) {
    std::size_t place = settings.as_list().size();
    std::from_chars(key.data(), key.data() + key.size(), place);
    entry = place < settings.as_list().size() ? &settings.as_list()[place] : nullptr;
  }
  return !entry || dot == std::string_view::npos ? entry : find_setting(*entry, path.substr(dot + 1));
}

std::string to_toml(const Experiment& experiment) {
  Value settings = experiment.settings;
  for_each_array(settings, {}, [](Value& value, const std::string& path) {
    if (!value.as_array()) value = Value("");
    else if (!stands_in_text(value.as_array())) value = Value("inputs/" + path + ".npy");
  });
  Value all = Value::table();
  all.set("study", experiment.study);
  all.set("seed", experiment.seed);
  if (experiment.seeds > 1) all.set("seeds", experiment.seeds);
  for (auto& [key, value] : settings.as_table()) all.set(key, std::move(value));
  if (!experiment.axes.empty()) {
    Value sweep = Value::table();
    for (const SweepAxis& axis : experiment.axes) sweep.set(axis.key, axis.values);
    all.set("sweep", std::move(sweep));
  }
  const std::string origin = experiment.preset.empty() ? "" : "# From the preset '" + experiment.preset + "'.\n";
  return origin + to_toml(all);
}

void require_no_axes(const Experiment& experiment) {
  if (experiment.axes.empty()) return;
  const std::string& key = experiment.axes.front().key;
  throw SpecError("the experiment lists several values of " + key +
                      " in [sweep]: these are several experiments, and here is room for one",
                  "use sweep, or give " + key + " one value");
}

}  // namespace neurarium
