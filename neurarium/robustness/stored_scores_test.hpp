// What scikit-learn and SciPy make of scores and logits (validation/gaussian/write_scores.py).
#pragma once

#include <string>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {

inline Array stored_scores(const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/gaussian/scores.npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}
inline std::vector<double> stored_numbers(const std::string& name) {
  const Array array = stored_scores(name);
  const auto numbers = array.as<double>().flat();
  return {numbers.begin(), numbers.end()};
}

}  // namespace neurarium
