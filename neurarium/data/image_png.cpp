// PNG with libpng. Its way to report a fault is longjmp; so what runs between setjmp and a fault owns nothing: all state is
// in PngReading, and the memory is the caller's.
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>

#include "neurarium/data/image_formats.hpp"

namespace neurarium::image_formats {
namespace {

struct PngReading {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const std::byte* at = nullptr;
  std::size_t left = 0, row_bytes = 0;
  int passes = 1;
  std::jmp_buf fault{};
  std::array<char, 200> message{};
  ~PngReading() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  auto& reading = *static_cast<PngReading*>(png_get_error_ptr(png));
  std::strncpy(reading.message.data(), text, reading.message.size() - 1);
  std::longjmp(reading.fault, 1);
}
void on_warning(png_structp, png_const_charp) {}  // of no weight for the pixels: a strange profile, a text chunk

void take(png_structp png, png_bytep out, std::size_t size) {
  auto& reading = *static_cast<PngReading*>(png_get_io_ptr(png));
  if (size > reading.left) png_error(png, "it ends too early");
  std::memcpy(out, reading.at, size);
  reading.at += size;
  reading.left -= size;
}

bool read_header(PngReading& reading) {
  if (setjmp(reading.fault) != 0) return false;
  png_set_read_fn(reading.png, &reading, take);
  png_read_info(reading.png, reading.info);
  return true;
}

bool prepare(PngReading& reading) {
  if (setjmp(reading.fault) != 0) return false;
  png_set_expand(reading.png);  // palettes to colours, 1, 2 and 4 bits to 8, transparent colours to alpha
  png_set_scale_16(reading.png);
  png_set_strip_alpha(reading.png);
  png_set_gray_to_rgb(reading.png);
  reading.passes = png_set_interlace_handling(reading.png);
  png_read_update_info(reading.png, reading.info);
  reading.row_bytes = png_get_rowbytes(reading.png, reading.info);
  return true;
}

/// `stride` 0: every row into the same place, for a look that keeps nothing.
bool read_rows(PngReading& reading, std::byte* out, std::size_t rows, std::size_t stride) {
  if (setjmp(reading.fault) != 0) return false;
  for (int pass = 0; pass < reading.passes; ++pass)
    for (std::size_t row = 0; row < rows; ++row)
      png_read_row(reading.png, reinterpret_cast<png_bytep>(out + row * stride), nullptr);
  png_read_end(reading.png, nullptr);
  return true;
}

}  // namespace

ImageSize read_png(std::span<const std::byte> bytes, const std::string& source, Array* pixels) {
  PngReading reading;
  const auto fail = [&](const std::string& what) { throw DataError(source, "is a PNG that can't be read: " + what); };
  reading.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, on_error, on_warning);
  if (reading.png) reading.info = png_create_info_struct(reading.png);
  if (!reading.info) throw std::bad_alloc();
  reading.at = bytes.data();
  reading.left = bytes.size();
  if (!read_header(reading)) fail(reading.message.data());
  const ImageSize size{png_get_image_height(reading.png, reading.info), png_get_image_width(reading.png, reading.info)};
  require_possible(size, source);
  // Deflate can't do better than 1 : 1032.
  if (png_get_rowbytes(reading.png, reading.info) > bytes.size() * 1032 / size.height)
    fail("it announces more pixels than its " + std::to_string(bytes.size()) + " bytes can hold");
  if (!prepare(reading)) fail(reading.message.data());
  if (reading.row_bytes != 3 * size.width) throw InternalError("libpng's rows are not 8-bit RGB");
  if (pixels) {
    *pixels = Array(DType::u8, {size.height, size.width, 3});
    if (!read_rows(reading, pixels->view().data(), size.height, reading.row_bytes)) fail(reading.message.data());
  } else {
    std::vector<std::byte> row(reading.row_bytes);
    if (!read_rows(reading, row.data(), size.height, 0)) fail(reading.message.data());
  }
  return size;
}

}  // namespace neurarium::image_formats
