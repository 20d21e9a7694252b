// PyTorch's answers for optimisers, schedules and losses (validation/backprop/write_training.py).
#pragma once

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {

inline Array torch_answer(const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/backprop/training.npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}

}  // namespace neurarium
