// Whether all numbers are finite: asked after every layer of every pass, so it must cost little.
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// No NaN, no infinity.
template <class T>
bool all_finite(View<const T> numbers);

}  // namespace neurarium::kernels
