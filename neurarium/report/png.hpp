// PNG: images as bytes. Small and deterministic: no time stamp, no text, grey images with one channel.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

/// An image, uint8 [height, width, 3], as the content of a PNG file. Anything else, or an empty image, is a ShapeError.
std::vector<std::byte> png_bytes(ArrayView rgb);

/// The pixels of a PNG file as uint8 [height, width, 3]; transparency is laid on white. A DataError names `source` if
/// the bytes are not a whole PNG file, or one of more than 100 million pixels.
Array png_pixels(std::span<const std::byte> png, const std::string& source);

}  // namespace neurarium
