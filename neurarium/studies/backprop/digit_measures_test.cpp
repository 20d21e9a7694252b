// Confusion, titles and tiles, against numbers worked out by hand.
#include "neurarium/studies/backprop/digit_measures.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/image_tiles.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/rows_test.hpp"

namespace neurarium {
namespace {

TEST(ConfusionMatrix, CountsAnswersAndPredictions) {
  // Answers 0 0 0 1 1 3, taken for 0 1 1 1 0 2.
  const Tensor<double> scores =
      rows({{5, 1, 0, 0}, {1, 2, 0, 0}, {0, 9, 8, 0}, {0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 1, 0}});
  const std::int64_t labels[] = {0, 0, 0, 1, 1, 3};
  const Confusion confusion(scores.view(), labels);
  EXPECT_EQ(confusion.counts,
            (std::vector<std::vector<std::size_t>>{{1, 2, 0, 0}, {1, 1, 0, 0}, {0, 0, 0, 0}, {0, 0, 1, 0}}));
  EXPECT_EQ(confusion.samples(), 6u);
  EXPECT_EQ(confusion.right(), 2u);
  EXPECT_EQ(confusion.errors(), 4u);
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(confusion.recall(0), 1.0 / 3);
  EXPECT_DOUBLE_EQ(confusion.precision(0), 0.5);
  EXPECT_DOUBLE_EQ(confusion.precision(1), 1.0 / 3);
  EXPECT_TRUE(std::isnan(confusion.recall(2)));     // there is none of class 2
  EXPECT_TRUE(std::isnan(confusion.precision(3)));  // nothing is taken for class 3
  const auto pairs = confusion.mixed_up();
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ((std::array{pairs[0].answer, pairs[0].prediction, pairs[0].count}), (std::array<std::size_t, 3>{0, 1, 2}));
  EXPECT_EQ((std::array{pairs[1].answer, pairs[1].prediction, pairs[1].count}), (std::array<std::size_t, 3>{1, 0, 1}));
  EXPECT_EQ((std::array{pairs[2].answer, pairs[2].prediction, pairs[2].count}), (std::array<std::size_t, 3>{3, 2, 1}));
  EXPECT_EQ(errors_of(scores.view(), labels), (std::vector<std::size_t>{1, 2, 4, 5}));
}

TEST(ConfusionMatrix, RefusesLabelsWithoutAnOutput) {
  const Tensor<double> scores = rows({{0, 1}, {1, 0}});
  const std::int64_t too_large[] = {0, 2}, negative[] = {-1, 0}, too_few[] = {1};
  EXPECT_THROW(Confusion(scores.view(), too_large), DataError);
  EXPECT_THROW(Confusion(scores.view(), negative), DataError);
  EXPECT_THROW(Confusion(scores.view(), too_few), ShapeError);
}

TEST(ErrorTitle, IsTheNotebooks) {
  const auto of = [](std::initializer_list<double> scores, std::int64_t answer) {
    const auto lines = error_title(std::vector<double>(scores), answer);
    return lines[0] + " " + lines[1];
  };
  EXPECT_EQ(of({0, 1, 2, 9, 0, 10, -1, 0, 8, 0}, 8), "P. 5, 3, 8 / A. 8");
  EXPECT_EQ(of({2, 2, 2, 2}, 3), "P. 0, 1, 2 / A. 3");  // equal ones: the lower number first
  EXPECT_EQ(of({0, 1}, 0), "P. 1, 0 / A. 0");           // no third guess
}

TEST(TitledSheet, PutsTilesBelowTheirTitles) {
  // Three tiles of one white pixel, twice as large, two in a row; titles that are wider than the tiles.
  Array tiles(DType::u8, {3, 1, 1});
  for (std::uint8_t& byte : tiles.as<std::uint8_t>().flat()) byte = 100;
  const Array sheet = titled_sheet(tiles, {{"P. 1", "/ A. 2"}, {"P. 3", "/"}, {"", ""}}, 2, 2, 1);
  const std::size_t width = 4 * 6 + 2 * 3, line = 9, margin = 3, height = margin + 2 * line + 2;
  ASSERT_EQ(sheet.shape(), (Shape{2 * height + 4, 2 * width + 4, 3}));
  const auto p = sheet.as<std::uint8_t>();
  for (const auto& [y, x] : {std::pair{height - 1, std::size_t{1}}, std::pair{height - 1, width + 4},
                             std::pair{2 * height + 3, std::size_t{0}}})
    EXPECT_EQ(p(y, x, 0), 100) << y << ' ' << x;
  EXPECT_EQ(p(height - 1, std::size_t{2}, 0), 255);         // beside the tile
  EXPECT_EQ(p(2 * height + 3, width + 4, 0), 255);          // no fourth tile
  EXPECT_EQ(p(margin, std::size_t{0}, 0), 40);              // the P's stem
  EXPECT_EQ(p(margin, 2 * std::size_t{6} + 3 + 2, 0), 40);  // the 1 after a narrow space: its tip
}

TEST(PictureBytes, TakeGreyAndColour) {
  Array grey(DType::u8, {2, 3, 4, 1}), numbers(DType::f64, {1, 1, 3}), text(DType::f64, {5, 7});
  EXPECT_EQ(picture_bytes(grey, "d").shape(), (Shape{2, 3, 4}));
  numbers.as<double>()(0, 0, 0) = -1, numbers.as<double>()(0, 0, 1) = 1, numbers.as<double>()(0, 0, 2) = 0;
  const Array bytes = picture_bytes(numbers, "d");
  EXPECT_EQ(bytes.as<std::uint8_t>()(0, 0, 0), 0);
  EXPECT_EQ(bytes.as<std::uint8_t>()(0, 0, 1), 255);
  EXPECT_EQ(bytes.as<std::uint8_t>()(0, 0, 2), 128);
  EXPECT_THROW(picture_bytes(text, "d"), DataError);
  EXPECT_THROW(require_pictures({28, 28, 2}, "d"), DataError);
}

}  // namespace
}  // namespace neurarium
