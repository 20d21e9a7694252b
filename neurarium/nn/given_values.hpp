// Initial values that the user gives instead of drawing them.
#pragma once

#include "neurarium/core/schema.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// The given numbers as T; a ShapeError naming `where` unless they have this shape.
template <class T>
Tensor<T> given_values(const ArraySource& given, const Shape& shape, const std::string& where) {
  if (given.array->shape() != shape) throw ShapeError(where, to_string(shape), to_string(given.array->shape()));
  return to_tensor<T>(given.array->view());
}

}  // namespace neurarium
