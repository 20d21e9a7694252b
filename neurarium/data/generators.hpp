// Data sets that need no file.
#pragma once

#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// Exclusive or, in the order of the founding notebook: x float64 [4, 2] = (0,1) (1,0) (0,0) (1,1), y float64 [4, 1] = 1 1 0 0.
/// Train split only.
Dataset xor_dataset();

}  // namespace neurarium
