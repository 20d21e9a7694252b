// JPEG with libjpeg-turbo. Like libpng it leaves by longjmp: what runs after setjmp owns nothing. Left to itself it would
// print its warnings and end the process at an error.
#include <cstdio>  // before jpeglib.h, which needs it and does not include it
//
#include <jpeglib.h>
//
#include <jerror.h>

#include <array>
#include <csetjmp>
#include <cstring>

#include "neurarium/data/image_formats.hpp"

namespace neurarium::image_formats {
namespace {

// A file of a few kilobytes can hold thousands of empty scans, each of which walks over all pixels; encoders write about ten.
constexpr int most_scans = 200;

// Progressive files need all coefficients at once, two bytes each: enough for 180 million pixels of full colour.
constexpr long most_memory = 1L << 30;

struct JpegReading {
  jpeg_decompress_struct decoder{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf fault{};
  std::array<char, JMSG_LENGTH_MAX> message{};
  ~JpegReading() { jpeg_destroy_decompress(&decoder); }  // also right before it was made: all its pointers are null
};

[[noreturn]] void leave(j_common_ptr decoder) {
  auto& reading = *static_cast<JpegReading*>(decoder->client_data);
  std::longjmp(reading.fault, 1);
}

[[noreturn]] void on_error(j_common_ptr decoder) {
  decoder->err->format_message(decoder, static_cast<JpegReading*>(decoder->client_data)->message.data());
  leave(decoder);
}

// Level −1 is a warning, 0 and above are notes. Of the warnings these leave the pixels whole; cameras cause some of them.
void on_message(j_common_ptr decoder, int level) {
  const int code = decoder->err->msg_code;
  const bool harmless =
      code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM || code == JWRN_BOGUS_ICC;
  if (level < 0 && !harmless) on_error(decoder);
}
void on_output(j_common_ptr) {}

void on_progress(j_common_ptr decoder) {
  if (reinterpret_cast<j_decompress_ptr>(decoder)->input_scan_number <= most_scans) return;
  constexpr char text[] = "it has more than 200 scans";
  std::memcpy(static_cast<JpegReading*>(decoder->client_data)->message.data(), text, sizeof text);
  leave(decoder);
}

bool read_header(JpegReading& reading, const std::byte* bytes, std::size_t size) {
  if (setjmp(reading.fault) != 0) return false;
  jpeg_decompress_struct& decoder = reading.decoder;
  decoder.err = jpeg_std_error(&reading.errors);
  reading.errors.error_exit = on_error;
  reading.errors.emit_message = on_message;
  reading.errors.output_message = on_output;
  decoder.client_data = &reading;
  jpeg_create_decompress(&decoder);
  decoder.mem->max_memory_to_use = most_memory;
  reading.progress.progress_monitor = on_progress;
  decoder.progress = &reading.progress;
  jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char*>(bytes), static_cast<unsigned long>(size));
  jpeg_read_header(&decoder, TRUE);
  return true;
}

/// `row` has room for four bytes per column; `out` may be null.
void decode_rows(JpegReading& reading, std::uint8_t* row, std::uint8_t* out) {
  jpeg_decompress_struct& decoder = reading.decoder;
  const bool inks = decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
  decoder.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  if (!out) {  // all data are still decoded, but an eighth of the pixels in each direction is made of them
    decoder.scale_num = 1;
    decoder.scale_denom = 8;
    decoder.do_fancy_upsampling = FALSE;
  }
  jpeg_start_decompress(&decoder);
  while (decoder.output_scanline < decoder.output_height) {
    jpeg_read_scanlines(&decoder, &row, 1);
    if (!out) continue;
    const std::size_t width = decoder.output_width;
    if (!inks) {
      std::memcpy(out, row, 3 * width);
      out += 3 * width;
    } else {
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < 3; ++c)
          *out++ = static_cast<std::uint8_t>((row[4 * x + c] * row[4 * x + 3] + 127) / 255);
    }
  }
  jpeg_finish_decompress(&decoder);
}

bool read_rows(JpegReading& reading, std::uint8_t* row, std::uint8_t* out) {
  if (setjmp(reading.fault) != 0) return false;
  decode_rows(reading, row, out);
  return true;
}

}  // namespace

ImageSize read_jpeg(std::span<const std::byte> bytes, const std::string& source, Array* pixels) {
  JpegReading reading;
  const auto fail = [&] {
    throw DataError(source, std::string("is a JPEG that can't be read: ") + reading.message.data());
  };
  if (!read_header(reading, bytes.data(), bytes.size())) fail();
  const ImageSize size{reading.decoder.image_height, reading.decoder.image_width};
  require_possible(size, source);
  std::vector<std::uint8_t> row(4 * size.width);
  if (pixels) *pixels = Array(DType::u8, {size.height, size.width, 3});
  if (!read_rows(reading, row.data(), pixels ? pixels->as<std::uint8_t>().data() : nullptr)) fail();
  return size;
}

}  // namespace neurarium::image_formats
