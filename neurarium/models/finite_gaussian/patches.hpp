// Patches of images as rows: what the units of a convolution look at, for conversion and for measuring how far they reach.
#pragma once

#include "neurarium/core/array.hpp"
#include "neurarium/core/value.hpp"

namespace neurarium {

/// Rows [m, channels · k²] of the patches that a layer `conv2d` or `finite_gaussian_conv2d` with the settings `layer` sees in images
/// h [n, channels, height, width] or [n, height, width]: all, or if they are more than `most`, every so-manieth.
Tensor<double> patches_of(ArrayView h, const Value& layer, std::size_t most = 20000);

}  // namespace neurarium
