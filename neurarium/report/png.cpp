#include "neurarium/report/png.hpp"

#include <png.h>

#include <algorithm>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

/// libpng's simplified interface frees on success only.
struct Image : png_image {
  Image() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~Image() { png_image_free(this); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
};

}  // namespace

std::vector<std::byte> png_bytes(ArrayView rgb) {
  const Shape& shape = rgb.shape();
  if (rgb.dtype() != DType::u8 || shape.axes() != 3 || shape[2] != 3 || rgb.empty())
    throw ShapeError("png", "uint8 [height, width, 3], not empty",
                     std::string(name_of(rgb.dtype())) + " " + to_string(shape));
  const auto pixels = rgb.as<std::uint8_t>().flat();
  std::vector<std::uint8_t> grey;
  for (std::size_t k = 0; k < pixels.size() && pixels[k] == pixels[k + 1] && pixels[k] == pixels[k + 2]; k += 3)
    grey.push_back(pixels[k]);
  const bool is_grey = 3 * grey.size() == pixels.size();

  Image image;
  image.height = static_cast<png_uint_32>(shape[0]);
  image.width = static_cast<png_uint_32>(shape[1]);
  image.format = is_grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  const void* source = is_grey ? static_cast<const void*>(grey.data()) : pixels.data();
  std::vector<std::byte> out(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = out.size();
  if (!png_image_write_to_memory(&image, out.data(), &size, 0, source, 0, nullptr))
    throw InternalError(std::string("png: ") + image.message);
  out.resize(size);
  return out;
}

Array png_pixels(std::span<const std::byte> png, const std::string& source) {
  Image image;
  const auto damaged = [&] {
    return DataError(source, std::string("not a whole PNG file (") + image.message + ")", "make it again");
  };
  if (!png_image_begin_read_from_memory(&image, png.data(), png.size())) throw damaged();
  if (std::uint64_t{image.height} * image.width > 100'000'000)
    throw DataError(source, "PNG of " + std::to_string(image.width) + " × " + std::to_string(image.height) + " pixels",
                    "expected at most 100 million pixels");
  image.format = PNG_FORMAT_RGB;
  Array pixels(DType::u8, {image.height, image.width, 3});
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&image, &white, pixels.view().data(), 0, nullptr)) throw damaged();
  return pixels;
}

}  // namespace neurarium
