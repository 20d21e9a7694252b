// Small networks under Dale's law, for tests.
#pragma once

#include <algorithm>

#include "neurarium/neurarium.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium::signed_networks {

inline const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

inline Value array_value(const Array& array) { return Value(Value::SharedArray(std::make_shared<Array>(array))); }
inline Value array_value(const std::vector<double>& numbers, const Shape& shape) {
  Array array(DType::f64, shape);
  std::ranges::copy(numbers, array.as<double>().data());
  return array_value(array);
}

inline Value signs_value(const std::vector<int>& signs) {
  Value::List list;
  for (const int sign : signs) list.push_back(sign);
  return list;
}

using Settings = std::vector<std::pair<const char*, Value>>;
inline Value table(const Settings& settings) {
  Value made = Value::table();
  for (const auto& [key, value] : settings) made.set(key, value);
  return made;
}

inline std::unique_ptr<Trainable> network(const Value::List& layers, std::int64_t inputs,
                                          const char* loss = "squared_error", std::uint64_t seed = 1,
                                          const char* scalar = "float64") {
  const Value settings = table({{"layers", layers},
                                {"inputs", Value::List{inputs}},
                                {"seed", seed},
                                {"scalar", scalar},
                                {"loss", table({{"type", loss}})}});
  return std::unique_ptr<Trainable>(
      dynamic_cast<Trainable*>(registry().make<Model>("model", {"sequential", settings}).release()));
}

/// One dense layer without bias, whose weights are given.
inline std::unique_ptr<Trainable> dense(const std::vector<double>& weights, std::int64_t units, const Value& dale) {
  const auto inputs = static_cast<std::int64_t>(weights.size()) / units;
  const Shape shape{static_cast<std::size_t>(units), static_cast<std::size_t>(inputs)};
  return network({table({{"type", "dense"},
                         {"units", units},
                         {"use_bias", false},
                         {"weights", array_value(weights, shape)},
                         {"dale", dale}})},
                 inputs);
}

inline std::vector<double> numbers_of(ArrayView view) {
  const Tensor<double> all = to_tensor<double>(view);
  return {all.flat().begin(), all.flat().end()};
}

}  // namespace neurarium::signed_networks
