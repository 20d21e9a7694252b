// How a study writes down a network: the values that a TOML file of it would hold.
#pragma once

#include <utility>

#include "neurarium/core/registry.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// A layer, loss or initialiser of that type.
inline Value part(const char* type, std::initializer_list<std::pair<const char*, Value>> settings) {
  Value table = Value::table();
  table.set("type", type);
  for (const auto& [key, value] : settings) table.set(key, value);
  return table;
}

inline Value normal_part(double mean, double sd) { return part("normal", {{"mean", mean}, {"sd", sd}}); }

/// Layers one after the other, for samples of shape `entry`.
inline Component sequential_model(const Shape& entry, std::uint64_t seed, Value::List layers, Value loss) {
  Component model{"sequential", Value::table()};
  Value inputs = Value::list();
  for (const std::size_t extent : entry) inputs.as_list().emplace_back(static_cast<std::int64_t>(extent));
  model.settings.set("inputs", std::move(inputs));
  model.settings.set("seed", seed);
  model.settings.set("layers", std::move(layers));
  model.settings.set("loss", std::move(loss));
  return model;
}

}  // namespace neurarium
