#include "neurarium/report/png.hpp"

#include <gtest/gtest.h>
#include <png.h>

#include <cstring>

namespace neurarium {
namespace {

Array image_of(std::size_t height, std::size_t width, bool grey) {
  Array image(DType::u8, {height, width, 3});
  const auto pixels = image.as<std::uint8_t>().flat();
  for (std::size_t k = 0; k < pixels.size(); ++k)
    pixels[k] = static_cast<std::uint8_t>(grey ? 7 * (k / 3) : 31 * k + k / 3);
  return image;
}

/// Reads with libpng's classic interface, which the code under test does not use.
struct Read {
  png_uint_32 width = 0, height = 0;
  int depth = 0, colour = 0;
  bool has_time = false, has_text = false;
  std::vector<std::uint8_t> rgb;
};
Read read_back(const std::vector<std::byte>& bytes) {
  Read out;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  struct Source {
    const std::byte* at;
  } source{bytes.data()};
  png_set_read_fn(png, &source, [](png_structp p, png_bytep to, png_size_t size) {
    auto* s = static_cast<Source*>(png_get_io_ptr(p));
    std::memcpy(to, s->at, size);
    s->at += size;
  });
  png_read_png(png, info, PNG_TRANSFORM_GRAY_TO_RGB, nullptr);
  png_get_IHDR(png, info, &out.width, &out.height, &out.depth, &out.colour, nullptr, nullptr, nullptr);
  png_timep time = nullptr;
  out.has_time = png_get_tIME(png, info, &time) != 0;
  png_textp text = nullptr;
  out.has_text = png_get_text(png, info, &text, nullptr) != 0;
  png_bytepp rows = png_get_rows(png, info);
  for (png_uint_32 i = 0; i < out.height; ++i) out.rgb.insert(out.rgb.end(), rows[i], rows[i] + 3 * out.width);
  png_destroy_read_struct(&png, &info, nullptr);
  return out;
}

TEST(Png, ReadsBackPixelForPixel) {
  for (const bool grey : {false, true}) {
    const Array image = image_of(5, 9, grey);
    const Read read = read_back(png_bytes(image));
    EXPECT_EQ(read.height, 5u);
    EXPECT_EQ(read.width, 9u);
    EXPECT_EQ(read.depth, 8);
    EXPECT_FALSE(read.has_time);
    EXPECT_FALSE(read.has_text);
    ASSERT_EQ(read.rgb.size(), image.size());
    EXPECT_EQ(std::memcmp(read.rgb.data(), image.view().data(), read.rgb.size()), 0);
  }
}

TEST(Png, GreyPicturesHaveOneChannel) {
  const auto grey = png_bytes(image_of(4, 4, true)), colour = png_bytes(image_of(4, 4, false));
  EXPECT_EQ(std::to_integer<int>(grey[25]), PNG_COLOR_TYPE_GRAY);  // byte 25 of the file: the colour type
  EXPECT_EQ(std::to_integer<int>(colour[25]), PNG_COLOR_TYPE_RGB);
}

TEST(Png, SameImageSameBytes) { EXPECT_EQ(png_bytes(image_of(40, 30, false)), png_bytes(image_of(40, 30, false))); }

TEST(Png, PixelsComeBack) {
  const Array image = image_of(6, 7, false);
  const Array read = png_pixels(png_bytes(image), "a.png");
  ASSERT_EQ(read.shape(), image.shape());
  EXPECT_EQ(std::memcmp(read.view().data(), image.view().data(), image.size()), 0);
}

TEST(Png, RefusesWhatIsNoImage) {
  EXPECT_THROW(png_bytes(Array(DType::u8, {4, 4})), ShapeError);
  EXPECT_THROW(png_bytes(Array(DType::f32, {4, 4, 3})), ShapeError);
  EXPECT_THROW(png_bytes(Array(DType::u8, {0, 4, 3})), ShapeError);
}

TEST(Png, DamagedFilesAreNamed) {
  auto bytes = png_bytes(image_of(20, 20, false));
  bytes.resize(bytes.size() / 2);
  for (const auto& damaged : {bytes, std::vector<std::byte>(12), std::vector<std::byte>()}) try {
      png_pixels(damaged, "pictures/a.png");
      ADD_FAILURE() << "expected a DataError for " << damaged.size() << " bytes";
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find("pictures/a.png"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace neurarium
