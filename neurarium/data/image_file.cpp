#include "neurarium/data/image_file.hpp"

#include <algorithm>
#include <string_view>

#include "neurarium/data/image_formats.hpp"

namespace neurarium {
namespace image_formats {

void require_possible(const ImageSize& size, const std::string& source) {
  const std::string found = std::to_string(size.height) + " x " + std::to_string(size.width) + " pixels";
  if (size.height == 0 || size.width == 0) throw DataError(source, "announces " + found);
  if (size.height > most_image_pixels / size.width)
    throw DataError(source, "announces " + found + ", expected at most " + std::to_string(most_image_pixels));
}

}  // namespace image_formats

namespace {

ImageSize read_image(std::span<const std::byte> bytes, const std::string& source, Array* pixels) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto begins = [&](std::string_view with) { return text.starts_with(with); };
  if (begins("\x89PNG\r\n\x1a\n")) return image_formats::read_png(bytes, source, pixels);
  if (begins("\xff\xd8\xff")) return image_formats::read_jpeg(bytes, source, pixels);
  if (text.empty()) throw DataError(source, "is empty");
  const auto also = [&](std::size_t at, std::string_view word) {
    return text.substr(std::min(at, text.size())).starts_with(word);
  };
  const char* kind = begins("GIF8")                      ? "a GIF"
                     : begins("RIFF") && also(8, "WEBP") ? "a WebP"
                     : begins("BM")                      ? "a BMP"
                     : begins(std::string_view("II*\0", 4)) || begins(std::string_view("MM\0*", 4))
                         ? "a TIFF (or a camera's raw file)"
                     : also(4, "ftypheic") || also(4, "ftypmif1") ? "a HEIC"
                     : also(4, "ftypavif")                        ? "an AVIF"
                                                                  : nullptr;
  if (kind) throw DataError(source, std::string("is ") + kind + ", not a PNG or JPEG");
  throw DataError(source, "is neither a PNG nor a JPEG");
}

}  // namespace

ImageSize check_image(std::span<const std::byte> bytes, const std::string& source) {
  return read_image(bytes, source, nullptr);
}

Array decode_image(std::span<const std::byte> bytes, const std::string& source) {
  Array pixels;
  read_image(bytes, source, &pixels);
  return pixels;
}

}  // namespace neurarium
