#include "neurarium/nn/raster.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace neurarium {
namespace {

Colour pixel(const Array& image, std::size_t i, std::size_t j) {
  const auto view = image.as<std::uint8_t>();
  return {view(i, j, 0), view(i, j, 1), view(i, j, 2)};
}

Array bytes(Shape shape, std::initializer_list<int> values) {
  Array array(DType::u8, shape);
  std::size_t k = 0;
  for (int value : values) array.as<std::uint8_t>().flat()[k++] = static_cast<std::uint8_t>(value);
  return array;
}

Tensor<double> numbers(Shape shape, std::initializer_list<double> values) {
  Tensor<double> tensor(shape);
  std::copy(values.begin(), values.end(), tensor.flat().begin());
  return tensor;
}

constexpr Colour black{0, 0, 0}, white{255, 255, 255}, red{255, 0, 0}, grey{128, 128, 128};

// The published end points and middles: viridis #440154 … #21918c (entry 128) … #fde725; cividis #00224e … #fee838.
TEST(ColourMaps, EndsAndMiddleAreThePublishedOnes) {
  EXPECT_EQ(colour_at(ColourMap::viridis, 0), (Colour{0x44, 0x01, 0x54}));
  EXPECT_EQ(colour_at(ColourMap::viridis, 0.5), (Colour{0x21, 0x91, 0x8c}));
  EXPECT_EQ(colour_at(ColourMap::viridis, 1), (Colour{0xfd, 0xe7, 0x25}));
  EXPECT_EQ(colour_at(ColourMap::cividis, 0), (Colour{0x00, 0x22, 0x4e}));
  EXPECT_EQ(colour_at(ColourMap::cividis, 1), (Colour{0xfe, 0xe8, 0x38}));
  EXPECT_EQ(colour_at(ColourMap::greys, 0.5), grey);
}

TEST(ColourMaps, SharesOutsideAreClampedAndNaNStandsOut) {
  EXPECT_EQ(colour_at(ColourMap::greys, -1e300), black);
  EXPECT_EQ(colour_at(ColourMap::greys, 7), white);
  EXPECT_EQ(colour_at(ColourMap::greys, std::numeric_limits<double>::infinity()), white);
  EXPECT_EQ(colour_at(ColourMap::viridis, std::nan("")), not_a_number);
}

// Relative luminance (WCAG) must rise along a sequential map, and rise then fall along the diverging one.
TEST(ColourMaps, LightnessIsMonotonic) {
  const auto luminance = [](Colour c) {
    const auto linear = [](std::uint8_t byte) {
      const double s = byte / 255.0;
      return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
  };
  const auto entry = [&](ColourMap map, int i) { return luminance(colour_at(map, i / 256.0)); };
  for (int i = 8; i < 256; i += 8) {
    EXPECT_GT(entry(ColourMap::viridis, i), entry(ColourMap::viridis, i - 8)) << i;
    EXPECT_GT(entry(ColourMap::cividis, i), entry(ColourMap::cividis, i - 8)) << i;
    EXPECT_EQ(entry(ColourMap::diverging, i) > entry(ColourMap::diverging, i - 8), i <= 128) << i;
  }
  const Colour first = colour_at(ColourMap::diverging, 0), last = colour_at(ColourMap::diverging, 1);
  EXPECT_GT(first.blue, first.red);
  EXPECT_GT(last.red, last.blue);
}

TEST(Raster, ApplyColormapMapsLowAndHighToTheEnds) {
  const auto values = numbers({2, 2}, {-1, 0, 1, std::nan("")});
  const Array image = apply_colormap(values.view(), -1, 1, ColourMap::greys);
  ASSERT_EQ(image.shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(pixel(image, 0, 0), black);
  EXPECT_EQ(pixel(image, 0, 1), grey);
  EXPECT_EQ(pixel(image, 1, 0), white);
  EXPECT_EQ(pixel(image, 1, 1), not_a_number);
  EXPECT_EQ(pixel(apply_colormap(values.view(), 0, 0, ColourMap::greys), 1, 0), grey);
  EXPECT_THROW(apply_colormap(numbers({4}, {1, 2, 3, 4}).view(), 0, 1), ShapeError);
}

TEST(Raster, ToBytesRoundsAndClamps) {
  const Array out = to_bytes(numbers({6}, {-5, 0, 0.5, 1, 9, std::nan("")}).view(), 0, 1);
  const std::vector<int> expected{0, 0, 128, 255, 255, 0};
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(out.as<std::uint8_t>()(k), expected[k]) << k;
}

TEST(Raster, MosaicPlacesTilesRowByRow) {
  // Three grey tiles of 1 × 2 in a 2 × 2 grid: 3 rows, 5 columns with gaps of one pixel.
  const Array image = mosaic(bytes({3, 1, 2}, {10, 11, 20, 21, 30, 31}), 2, 2, 1, red);
  ASSERT_EQ(image.shape(), (Shape{3, 5, 3}));
  const int expected[3][5] = {{10, 11, -1, 20, 21}, {-1, -1, -1, -1, -1}, {30, 31, -1, -1, -1}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 5; ++j) {
      const auto g = static_cast<std::uint8_t>(expected[i][j]);
      EXPECT_EQ(pixel(image, i, j), expected[i][j] < 0 ? red : (Colour{g, g, g})) << i << "," << j;
    }
  EXPECT_THROW(mosaic(bytes({3, 1, 2}, {0, 0, 0, 0, 0, 0}), 1, 2), ShapeError);
}

TEST(Raster, MosaicKeepsColourTiles) {
  const Array image = mosaic(bytes({2, 1, 1, 3}, {1, 2, 3, 4, 5, 6}), 1, 2, 0);
  EXPECT_EQ(pixel(image, 0, 0), (Colour{1, 2, 3}));
  EXPECT_EQ(pixel(image, 0, 1), (Colour{4, 5, 6}));
}

TEST(Raster, EnlargeRepeatsAndHalveAverages) {
  const Array small = bytes({1, 2}, {0, 200});
  const Array large = enlarge(small, 3);
  ASSERT_EQ(large.shape(), (Shape{3, 6, 3}));
  EXPECT_EQ(pixel(large, 2, 2), black);
  EXPECT_EQ(pixel(large, 2, 3), (Colour{200, 200, 200}));
  const Array half = halve(bytes({3, 3}, {0, 1, 9, 2, 3, 9, 9, 9, 9}));  // (0 + 1 + 2 + 3) / 4 = 1.5, rounded up
  ASSERT_EQ(half.shape(), (Shape{1, 1, 3}));
  EXPECT_EQ(pixel(half, 0, 0), (Colour{2, 2, 2}));
  EXPECT_THROW(enlarge(small, 0), ShapeError);
  EXPECT_THROW(enlarge(numbers({1, 1}, {0.5}).view(), 2), ShapeError);
}

TEST(Raster, BesideAndStackAlignAndFill) {
  const std::vector<Array> images{bytes({2, 1}, {1, 2}), bytes({1, 1}, {3})};
  const Array row = beside(images, 1, red);
  ASSERT_EQ(row.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(pixel(row, 1, 0), (Colour{2, 2, 2}));
  EXPECT_EQ(pixel(row, 0, 1), red);
  EXPECT_EQ(pixel(row, 0, 2), (Colour{3, 3, 3}));
  EXPECT_EQ(pixel(row, 1, 2), red);
  const Array column = stack(images, 2, red);
  ASSERT_EQ(column.shape(), (Shape{5, 1, 3}));
  EXPECT_EQ(pixel(column, 3, 0), red);
  EXPECT_EQ(pixel(column, 4, 0), (Colour{3, 3, 3}));
}

TEST(RasterDraw, HorizontalLineThroughPixelCentres) {
  Array image = blank_image(5, 6, white);
  const Point line[] = {{1.5, 2.5}, {3.5, 2.5}};
  draw_polyline(image, line, black, 1);
  for (std::size_t j = 0; j < 6; ++j) {
    EXPECT_EQ(pixel(image, 2, j), j >= 1 && j <= 3 ? black : white) << j;
    EXPECT_EQ(pixel(image, 1, j), white) << j;  // centre at distance 1 = reach: no coverage
  }
}

TEST(RasterDraw, LineBetweenTwoRowsCoversBothByHalf) {
  Array image = blank_image(4, 3, white);
  const Point line[] = {{-9, 2}, {9, 2}};
  draw_polyline(image, line, black, 1);
  EXPECT_EQ(pixel(image, 1, 1), grey);  // 255 · (1 − 0.5) = 127.5, rounded
  EXPECT_EQ(pixel(image, 2, 1), grey);
  EXPECT_EQ(pixel(image, 0, 1), white);
}

TEST(RasterDraw, CrossingsAreNotPaintedTwice) {
  Array image = blank_image(5, 5, white);
  const Point cross[] = {{0.5, 2.5}, {4.5, 2.5}, {2.5, 2.5}, {2.5, 0.5}};
  draw_polyline(image, cross, black, 1, 0.5);
  EXPECT_EQ(pixel(image, 2, 2), grey);
}

TEST(RasterDraw, NonFinitePointsInterruptAndOutsideIsCut) {
  Array image = blank_image(3, 5, white);
  const Point line[] = {{0.5, 1.5}, {1.5, 1.5}, {std::nan(""), 1.5}, {4.5, 1.5}, {1e9, 1.5}};
  draw_polyline(image, line, black, 1);
  const bool drawn[5] = {true, true, false, false, true};
  for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(pixel(image, 1, j), drawn[j] ? black : white) << j;
}

TEST(RasterDraw, RectanglesAreFilledAndCutOffAtTheEdges) {
  constexpr Colour colours[] = {white, red, black};
  const int expected[4][5] = {{0, 0, 0, 0, 0}, {0, 1, 1, 1, 0}, {0, 1, 1, 1, 2}, {0, 0, 0, 0, 2}};
  Array image = blank_image(4, 5, white);
  fill_rectangle(image, 1, 1, 3, 2, red);                                          // x, y, width, height
  fill_rectangle(image, 4, 2, std::numeric_limits<std::size_t>::max(), 9, black);  // beyond the edges
  fill_rectangle(image, 7, 0, 2, 2, black);                                        // wholly outside
  fill_rectangle(image, 0, 0, 0, 4, black);                                        // of no width
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(pixel(image, i, j), colours[expected[i][j]]) << i << "," << j;
  Array grey_image(DType::u8, {4, 5});
  EXPECT_THROW(fill_rectangle(grey_image, 0, 0, 1, 1, red), ShapeError);
}

TEST(RasterDraw, DiscCoversByDistance) {
  Array image = blank_image(7, 7, white);
  draw_disc(image, {3.5, 3.5}, 2, black);
  EXPECT_EQ(pixel(image, 3, 3), black);
  EXPECT_EQ(pixel(image, 3, 4), black);  // distance 1: 2.5 − 1, clamped to 1
  EXPECT_EQ(pixel(image, 3, 5), grey);   // distance 2: covered by half
  EXPECT_EQ(pixel(image, 3, 6), white);  // distance 3
}

TEST(RasterDraw, IsoLineOfARampIsStraight) {
  const auto grid = numbers({2, 3}, {0, 1, 2, 0, 1, 2});
  const auto lines = iso_lines(grid.view(), 0.25);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_DOUBLE_EQ(lines[0].from.x, 0.25);
  EXPECT_DOUBLE_EQ(lines[0].to.x, 0.25);
  EXPECT_DOUBLE_EQ(std::abs(lines[0].from.y - lines[0].to.y), 1);
  EXPECT_TRUE(iso_lines(grid.view(), 5).empty());
}

TEST(RasterDraw, SaddlesFollowTheMeanOfTheCorners) {
  // High corners (0, 0) and (1, 1). With a high middle the low corners are cut off; with a low middle the high ones.
  const auto cut_corner = [](const Segment& s, Point corner) {
    return std::abs(s.from.x - corner.x) < 1 && std::abs(s.to.x - corner.x) < 1 && std::abs(s.from.y - corner.y) < 1 &&
           std::abs(s.to.y - corner.y) < 1;
  };
  const auto high = iso_lines(numbers({2, 2}, {3, 0, 0, 3}).view(), 1);
  ASSERT_EQ(high.size(), 2u);
  EXPECT_TRUE(cut_corner(high[0], {1, 0}) && cut_corner(high[1], {0, 1}));
  const auto low = iso_lines(numbers({2, 2}, {3, 0, 0, 3}).view(), 2);
  ASSERT_EQ(low.size(), 2u);
  EXPECT_TRUE(cut_corner(low[0], {0, 0}) && cut_corner(low[1], {1, 1}));
}

TEST(RasterDraw, IsoLinesOfABowlLieOnTheCircle) {
  Tensor<double> bowl(Shape{41, 41});
  for (std::size_t i = 0; i < 41; ++i)
    for (std::size_t j = 0; j < 41; ++j) {
      const double x = static_cast<double>(j) - 20, y = static_cast<double>(i) - 20;
      bowl(i, j) = x * x + y * y;
    }
  const auto lines = iso_lines(bowl.view(), 150);
  ASSERT_GT(lines.size(), 60u);
  double length = 0;
  for (const Segment& s : lines) {
    EXPECT_NEAR(std::hypot(s.from.x - 20, s.from.y - 20), std::sqrt(150.0), 0.02);
    length += std::hypot(s.to.x - s.from.x, s.to.y - s.from.y);
  }
  EXPECT_NEAR(length, 2 * 3.14159265358979 * std::sqrt(150.0), 0.5);
}

TEST(RasterDraw, HeightMapHasRowZeroAtTheBottom) {
  const auto grid = numbers({2, 2}, {0, 0, 1, 1});
  const Array image = height_map(grid.view(), 4, 2, 0, 1, ColourMap::greys);
  // Pixel centres at heights 7/8, 5/8, 3/8, 1/8: entries 224, 160, 96, 32.
  const int expected[] = {224, 160, 96, 32};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(pixel(image, i, 1).red, expected[i]) << i;
}

TEST(RasterDraw, IsoLinesLandWhereTheMapHasThatHeight) {
  const auto grid = numbers({2, 2}, {0, 1, 0, 1});  // height = share of the width
  Array image = blank_image(4, 8, white);
  const double level[] = {5.5 / 8};
  draw_iso_lines(image, grid.view(), level, black, 1);
  for (std::size_t j = 0; j < 8; ++j) EXPECT_EQ(pixel(image, 1, j), j == 5 ? black : white) << j;
}

TEST(RasterDraw, FrameAndLevels) {
  const Frame frame{-10, 10, 0, 4, 200, 100};
  EXPECT_DOUBLE_EQ(frame.pixel(0, 1).x, 100);
  EXPECT_DOUBLE_EQ(frame.pixel(0, 1).y, 75);
  EXPECT_EQ(even_levels(0, 4, 3), (std::vector<double>{1, 2, 3}));
}

}  // namespace
}  // namespace neurarium
