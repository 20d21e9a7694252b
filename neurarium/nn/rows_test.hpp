// Small matrices written down as rows, for tests.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

inline Tensor<double> rows(std::initializer_list<std::initializer_list<double>> numbers) {
  Tensor<double> out(Shape{numbers.size(), numbers.begin()->size()});
  auto to = out.flat().begin();
  for (const auto& row : numbers) to = std::copy(row.begin(), row.end(), to);
  return out;
}

}  // namespace neurarium
