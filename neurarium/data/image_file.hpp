// PNG and JPEG, from bytes to bytes. What comes out is always red, green, blue with 8 bits each:
//   grey        three equal colours
//   palette     the colour it stands for
//   16 bits     round(v · 255 / 65535)
//   alpha       left out: the colour as it is stored, as if all of it could be seen
//   CMYK, YCCK  (JPEG) inverted, as Adobe's programs write it: R = C · K / 255
// Colour profiles, gamma and the camera's orientation are not applied. A picture that ends too early or has a fault in
// its data is refused, even where a decoder could guess the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "neurarium/core/array.hpp"

namespace neurarium {

struct ImageSize {
  std::size_t height = 0, width = 0;
};

/// More are refused before memory is asked for: a few kilobytes can announce gigabytes.
constexpr std::uint64_t most_image_pixels = std::uint64_t{1} << 28;

/// Decodes to the end and keeps nothing: the size of a picture that decode_image() can read. A DataError names `source`.
ImageSize check_image(std::span<const std::byte> bytes, const std::string& source);
/// [height, width, 3], uint8.
Array decode_image(std::span<const std::byte> bytes, const std::string& source);

}  // namespace neurarium
