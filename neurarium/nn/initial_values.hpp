// Initial values of weights and biases: those that the user gives, else drawn ones.
#pragma once

#include <cmath>
#include <string>

#include "neurarium/core/schema.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/nn/initialiser.hpp"

namespace neurarium {

/// The given numbers as T; a ShapeError naming `where` unless they have this shape, a DataError unless they are finite.
template <class T>
Tensor<T> given_values(const ArraySource& given, const Shape& shape, const std::string& where) {
  if (given.array->shape() != shape) throw ShapeError(where, to_string(shape), to_string(given.array->shape()));
  if (const std::size_t bad = first_non_finite(given.array->view()); bad < given.array->size())
    throw DataError(where, "number " + std::to_string(bad) + " is not finite", "give finite numbers");
  return to_tensor<T>(given.array->view());
}

/// The weights of the layer called `layer`: the given ones, else drawn by `initialiser` from Stream(seed, layer.weight).
template <class T>
Tensor<T> initial_weights(const ArraySource& given, const Shape& shape, const std::string& layer,
                          const Initialiser& initialiser, std::size_t fan_in, std::size_t fan_out, std::uint64_t seed) {
  if (given.given()) return given_values<T>(given, shape, layer + ".weights");
  Tensor<double> drawn(shape);
  initialiser.fill(drawn.flat(), fan_in, fan_out, Stream(seed, layer + ".weight"));
  return to_tensor<T>(drawn.view());
}

/// Its bias: the given one, else zeros. SpecError if one is given that the layer would not use.
template <class T>
Tensor<T> initial_bias(const ArraySource& given, const Shape& shape, const std::string& layer, bool use_bias) {
  if (!given.given()) return Tensor<T>(shape);
  if (!use_bias)
    throw SpecError(layer + ": bias is given, but use_bias is false", "leave the bias out, or set use_bias = true");
  return given_values<T>(given, shape, layer + ".bias");
}

/// A number above 0 for each unit: the given ones, else `value`. SpecError naming `where` unless all are above 0.
template <class T>
Tensor<T> positive_values(double value, const ArraySource& given, const Shape& shape, const std::string& where) {
  Tensor<T> numbers = given.given() ? given_values<T>(given, shape, where) : Tensor<T>(shape);
  for (T& x : numbers.flat()) {
    if (!given.given()) x = static_cast<T>(value);
    if (!(x > 0)) throw SpecError(where + ": all numbers must be above 0");
  }
  return numbers;
}

/// ln of each: how time constants are learned, so that they stay above 0.
template <class T>
Tensor<T> logarithms(Tensor<T> numbers) {
  for (T& x : numbers.flat()) x = std::log(x);
  return numbers;
}

}  // namespace neurarium
