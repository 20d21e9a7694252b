// Crops, tapestries and measures by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/topographic/images.hpp"
#include "neurarium/studies/topographic/measures.hpp"

namespace neurarium {
namespace {

TEST(CentreCrop, CutsElevenToTwentyOneOfThirtyTwo) {
  Array images(DType::u8, {2, 32, 32, 3});
  const auto x = images.as<std::uint8_t>();
  for (std::size_t i = 0; i < 32; ++i)
    for (std::size_t j = 0; j < 32; ++j)
      for (std::size_t c = 0; c < 3; ++c) x(1, i, j, c) = static_cast<std::uint8_t>(i * 7 + j + 80 * (c == 2));
  ImageShape shape;
  const Array crops = centre_crop(images, 10, shape);
  EXPECT_EQ(crops.shape(), (Shape{2, 300}));
  EXPECT_EQ(shape.height, 10u);
  const auto flat = crops.as<std::uint8_t>();
  EXPECT_EQ(flat(1, 0), 11 * 7 + 11);               // row 11, column 11, red
  EXPECT_EQ(flat(1, 299), 20 * 7 + 20 + 80);        // row 20, column 20, blue
  EXPECT_EQ(flat(1, 30 + 3 * 4 + 1), 12 * 7 + 15);  // height, width, channel: row 12, column 15, green
}

TEST(CentreCrop, KeepsWholeGreyImages) {
  Array images(DType::u8, {1, 4, 6});
  ImageShape shape;
  EXPECT_EQ(centre_crop(images, 0, shape).shape(), (Shape{1, 24}));
  EXPECT_EQ(shape.channels, 1u);
  EXPECT_THROW(centre_crop(images, 5, shape), ShapeError);
}

TEST(Tapestry, PutsUnitsRowByRowAlsoWhereTheGridIsNotSquare) {
  Array w(DType::f64, {6, 3});  // 2 rows, 3 columns of 1×1 colour images
  for (std::size_t n = 0; n < 6; ++n) w.as<double>()(n, 0) = static_cast<double>(n) / 5;
  w.as<double>()(5, 1) = 7;  // clipped
  const Array picture = tapestry(w, {1, 1, 3}, 2, 3, false);
  const auto p = picture.as<std::uint8_t>();
  EXPECT_EQ(picture.shape(), (Shape{3, 5, 3}));  // one grey pixel between tiles
  EXPECT_EQ(p(0, 2, 0), 51);
  EXPECT_EQ(p(2, 0, 0), 153);
  EXPECT_EQ(p(2, 4, 0), 255);
  EXPECT_EQ(p(2, 4, 1), 255);
}

TEST(Measures, ByHand) {
  Array v(DType::f64, {2, 2}), o(DType::f64, {2, 4}), r(DType::f64, {2, 2}), w(DType::f64, {4, 2});
  const auto set = [](Array& a, std::initializer_list<double> numbers) {
    std::copy(numbers.begin(), numbers.end(), a.as<double>().data());
  };
  set(v, {1, 0, 0, 2});
  set(r, {0.5, 0, 0, 1});                      // half the image: right shape, wrong gain
  set(o, {0.9, 0.8, 0.1, 0, 0.6, 0, 0.2, 0});  // 2 × 2 units
  set(w, {0, 1, 2, 0.5, 0, 0, 1.5, 0.1});
  const MapMeasures m = measure_map(v, o, r, w, 2, 2);
  EXPECT_NEAR(m.snr_db, 10 * std::log10(5 / 1.25), 1e-12);
  EXPECT_TRUE(m.gain_corrected_snr_db > 100);
  EXPECT_EQ(m.max_share_on, 0.5);
  EXPECT_EQ(m.dead_units, 2);
  EXPECT_NEAR(m.mean_activity, 2.6 / 8, 1e-15);
  EXPECT_NEAR(m.border_activity, (0.8 + 0.1 + 0 + 0 + 0.2 + 0) / 6, 1e-15);
  EXPECT_EQ(m.share_of_zero_weights, 3.0 / 8);
  EXPECT_EQ(m.share_of_weights_above_one, 2.0 / 8);
}

}  // namespace
}  // namespace neurarium
