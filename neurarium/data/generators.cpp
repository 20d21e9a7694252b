#include "neurarium/data/generators.hpp"

#include <algorithm>

namespace neurarium {

Dataset xor_dataset() {
  Dataset data;
  data.name = "xor";
  data.train = {Array(DType::f64, {4, 2}), Array(DType::f64, {4, 1})};
  constexpr double x[] = {0, 1, 1, 0, 0, 0, 1, 1};
  constexpr double y[] = {1, 1, 0, 0};
  std::copy(std::begin(x), std::end(x), data.train.x.as<double>().data());
  std::copy(std::begin(y), std::end(y), data.train.y.as<double>().data());
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
