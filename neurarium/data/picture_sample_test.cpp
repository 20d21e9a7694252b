#include "neurarium/data/picture_sample.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

/// Red 10 x, green 20 y, blue 5.
Array picture(std::size_t height, std::size_t width) {
  Array image(DType::u8, {height, width, 3});
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      image.as<std::uint8_t>()(y, x, 0) = static_cast<std::uint8_t>(10 * x);
      image.as<std::uint8_t>()(y, x, 1) = static_cast<std::uint8_t>(20 * y);
      image.as<std::uint8_t>()(y, x, 2) = 5;
    }
  return image;
}

/// The same grey in all three colours.
Array grey(std::size_t height, std::size_t width, const std::vector<int>& values) {
  Array image(DType::u8, {height, width, 3});
  for (std::size_t i = 0; i < image.size(); ++i)
    image.as<std::uint8_t>().flat()[i] = static_cast<std::uint8_t>(values[i / 3]);
  return image;
}

TEST(PictureSample, EachShapeGetsItsOrder) {
  const Array image = picture(4, 5);
  const Tensor<float> last = picture_sample(image, {4, 5, 3}, {}, "p"),
                      first = picture_sample(image, {3, 4, 5}, {}, "p");
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 5; ++x) {
      EXPECT_EQ(last(y, x, 0), 10.0f * static_cast<float>(x));
      EXPECT_EQ(first(0, y, x), 10.0f * static_cast<float>(x));
      EXPECT_EQ(last(y, x, 1), 20.0f * static_cast<float>(y));
      EXPECT_EQ(first(1, y, x), 20.0f * static_cast<float>(y));
      EXPECT_EQ(first(2, y, x), 5);
    }
  for (const Shape& shape : {Shape{4, 5}, Shape{1, 4, 5}, Shape{4, 5, 1}}) {
    const Tensor<float> dim = picture_sample(image, shape, {}, "p");
    EXPECT_EQ(dim.shape(), shape);
    EXPECT_EQ(dim.flat()[2 * 5 + 3], 33);  // 0.299 · 30 + 0.587 · 40 + 0.114 · 5 = 33.02
  }
}

TEST(PictureSample, EveryGreyStaysItself) {
  std::vector<int> all(256);
  for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = i;
  const Array image = grey(16, 16, all);
  const Tensor<float> row = picture_sample(image, {256}, {}, "p");  // a row of numbers is a square
  const Tensor<float> inverted = picture_sample(image, {16, 16}, {false, true}, "p");
  for (std::size_t i = 0; i < 256; ++i) {
    EXPECT_EQ(row.flat()[i], static_cast<float>(i));
    EXPECT_EQ(inverted.flat()[i], 255 - static_cast<float>(i));
  }
}

TEST(PictureSample, SmallerIsTheMeanOfTheAreaLargerIsLinear) {
  const PictureOptions resize{true, false};
  // 2 × 3 → 1 × 2: a new pixel covers 2 rows and 1½ columns.
  const Tensor<float> small = picture_sample(grey(2, 3, {0, 30, 60, 100, 110, 250}), {1, 2}, resize, "p");
  EXPECT_NEAR(small.flat()[0], (50 + 0.5 * 70) / 1.5, 1e-4);
  EXPECT_NEAR(small.flat()[1], (0.5 * 70 + 155) / 1.5, 1e-4);
  // 1 × 2 → 2 × 4: centres at −¼ (clamped), ¼, ¾, 1¼ (clamped).
  const Tensor<float> large = picture_sample(grey(1, 2, {0, 100}), {2, 4}, resize, "p");
  for (std::size_t y = 0; y < 2; ++y) {
    EXPECT_EQ(large(y, 0), 0);
    EXPECT_EQ(large(y, 1), 25);
    EXPECT_EQ(large(y, 2), 75);
    EXPECT_EQ(large(y, 3), 100);
  }
  // One axis at a time: what fits stays, and an even picture stays even.
  const Tensor<float> even = picture_sample(grey(7, 3, std::vector<int>(21, 77)), {3, 10}, resize, "p");
  for (const float v : even.flat()) EXPECT_NEAR(v, 77, 1e-4);
}

TEST(PictureSample, WrongSizesAndShapesAreNamed) {
  try {
    picture_sample(picture(4, 5), {28, 28}, {}, "seven.png");
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_EQ(error.where(), "seven.png");
    EXPECT_NE(error.expected().find("28 × 28"), std::string::npos);
    EXPECT_NE(error.found().find("5 × 4"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("--resize"), std::string::npos);
  }
  for (const Shape& shape : {Shape{2}, Shape{10}, Shape{4, 5, 2}, Shape{1, 2, 3, 4}}) {
    EXPECT_FALSE(picture_form(shape)) << to_string(shape);
    EXPECT_THROW(picture_sample(picture(4, 5), shape, {true, false}, "p"), ShapeError);
  }
}

}  // namespace
}  // namespace neurarium
