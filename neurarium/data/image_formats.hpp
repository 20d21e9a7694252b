// The decoders behind image_file.hpp, one per file format.
#pragma once

#include "neurarium/data/image_file.hpp"

namespace neurarium::image_formats {

/// Decodes to the end; fills `pixels` with [height, width, 3] unless it is null.
ImageSize read_png(std::span<const std::byte> bytes, const std::string& source, Array* pixels);
ImageSize read_jpeg(std::span<const std::byte> bytes, const std::string& source, Array* pixels);

/// DataError when a header announces no pixels, or more than most_image_pixels.
void require_possible(const ImageSize& size, const std::string& source);

}  // namespace neurarium::image_formats
