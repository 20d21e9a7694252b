// key.path=value words → a tree.
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium {
namespace {

/// The name of a part as a table, so that its settings can stand beside it.
Value with_type(const Value& name) {
  Value part = Value::table();
  part.set("type", name);
  part.at_location(name.where());
  return part;
}

/// Like Value::set_path, but tables made on the way know where they come from, and a text stands for a part's `type`, in
/// either order: train.optimiser=adam train.optimiser.learning_rate=0.01.
bool set_path(Value& table, std::string_view path, Value value) {
  const std::size_t dot = path.find('.');
  const std::string_view key = path.substr(0, dot);
  if (dot == std::string_view::npos) {
    Value* there = table.find(key);
    if (value.is_text() && there && there->is_table() && !there->find("type")) there->set("type", std::move(value));
    else table.set(key, std::move(value));
    return true;
  }
  Value* inner = table.find(key);
  if (!inner) inner = &table.set(key, Value::table()).at_location(value.where());
  if (inner->is_text()) *inner = with_type(*inner);
  return inner->is_table() && set_path(*inner, path.substr(dot + 1), std::move(value));
}

bool is_path(std::string_view path) {
  return !path.empty() && path.front() != '.' && path.back() != '.' && path.find("..") == std::string_view::npos &&
         path.find_first_of(" \t\"'") == std::string_view::npos;
}

}  // namespace

Value parse_overrides(const std::vector<std::string>& words, std::span<const std::size_t> numbers) {
  Value settings = Value::table();
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const Location where{"command line (argument " + std::to_string(i < numbers.size() ? numbers[i] : i + 1) + ")", 0,
                         0};
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (equals == std::string::npos) {
      faults.push_back({where, {}, "'" + word + "' is not key.path=value", "write for example train.epochs=5"});
    } else if (!is_path(key)) {
      faults.push_back({where, {}, "'" + key + "' is not a dotted key", "write for example train.epochs=5"});
    } else if (!set_path(settings, key, parse_toml_literal(word.substr(equals + 1), where))) {
      faults.push_back({where, key, "a part of this key was given a plain value before", "keep one of the two"});
    }
  }
  if (!faults.empty()) throw SpecError(std::move(faults));
  return settings;
}

}  // namespace neurarium
