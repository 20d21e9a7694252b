#include "neurarium/robustness/foreign_data.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

/// 40 pictures of 6 × 5 bytes, darker than not.
Array pictures() {
  Array x(DType::u8, {40, 6, 5});
  const auto bytes = x.as<std::uint8_t>().flat();
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * i % 7 == 0 ? i * 37 % 251 : 3);
  return x;
}

std::span<const double> numbers(const Array& rows) { return rows.as<double>().flat(); }

TEST(NumbersOfData, AreThoseOfASmallTable) {
  Array x(DType::u8, {2, 2});
  std::ranges::copy(std::array<std::uint8_t, 4>{10, 20, 30, 60}, x.as<std::uint8_t>().flat().begin());
  const NumbersOfData found = numbers_of(x, 10);
  EXPECT_DOUBLE_EQ(found.low, 1);
  EXPECT_DOUBLE_EQ(found.high, 6);
  EXPECT_DOUBLE_EQ(found.mean, 3);
  EXPECT_DOUBLE_EQ(found.sd, std::sqrt((4 + 1 + 0 + 9) / 4.0));
  EXPECT_THROW(numbers_of(Array(DType::f32, {0, 3}), 1), DataError);
  Array bad(DType::f32, {1, 3});
  bad.as<float>()(std::size_t{0}, std::size_t{1}) = NAN;
  EXPECT_THROW(numbers_of(bad, 1), DataError);
}

TEST(ForeignData, ComesInAnyPiecesWithTheSameNumbers) {
  const Array x = pictures();
  for (const SampleSource& source : usual_foreign_data(x, 255, 7)) {
    ASSERT_EQ(source.samples, 40u) << source.name;
    const Array all = source.rows(0, 40), some = source.rows(13, 5);
    ASSERT_EQ(all.shape(), (Shape{40, 6, 5})) << source.name;
    ASSERT_EQ(some.shape(), (Shape{5, 6, 5})) << source.name;
    EXPECT_TRUE(std::ranges::equal(numbers(some), numbers(all).subspan(13 * 30, 5 * 30))) << source.name;
  }
}

TEST(ForeignData, DependsOnTheSeedWhereItIsDrawn) {
  const Array x = pictures();
  const auto one = usual_foreign_data(x, 255, 1), two = usual_foreign_data(x, 255, 2);
  for (std::size_t i = 0; i < one.size(); ++i)
    EXPECT_EQ(std::ranges::equal(numbers(one[i].rows(0, 3)), numbers(two[i].rows(0, 3))), i >= 3) << one[i].name;
}

TEST(ForeignData, OfNoiseHasTheMomentsItPromises) {
  const NumbersOfData narrow{-1, 3, 0.5, 0.25};  // cut off beyond 6 and 10 sd: never
  constexpr double n = 20 * 5000;
  const auto moments = [&](const SampleSource& source) {
    const Array all = source.rows(0, 20);
    double mean = 0, square = 0;
    for (const double v : numbers(all)) mean += v / n, square += v * v / n;
    return std::pair{mean, std::sqrt(square - mean * mean)};
  };
  const auto [uniform_mean, uniform_sd] = moments(uniform_noise(narrow, {5000}, 20, 3));
  EXPECT_NEAR(uniform_mean, 1, 5 * 4 / std::sqrt(12 * n));  // five standard errors
  EXPECT_NEAR(uniform_sd, 4 / std::sqrt(12), 0.01);
  const auto [mean, sd] = moments(gaussian_noise(narrow, {5000}, 20, 3));
  EXPECT_NEAR(mean, 0.5, 5 * 0.25 / std::sqrt(n));
  EXPECT_NEAR(sd, 0.25, 0.25 * 5 / std::sqrt(2 * n));
}

TEST(ForeignData, OfNoiseStaysInTheRange) {
  const NumbersOfData wide{-1, 1, 0, 5};
  const Array gaussian = gaussian_noise(wide, {500}, 2, 3).rows(0, 2),
              uniform = uniform_noise(wide, {500}, 2, 3).rows(0, 2);
  EXPECT_EQ(std::ranges::min(numbers(gaussian)), -1);
  EXPECT_EQ(std::ranges::max(numbers(gaussian)), 1);
  EXPECT_GE(std::ranges::min(numbers(uniform)), -1);
  EXPECT_LT(std::ranges::max(numbers(uniform)), 1);
}

TEST(ForeignData, ShuffledKeepsEachSamplesNumbers) {
  const Array x = pictures(), shuffled = shuffled_pixels(x, 255, 5).rows(0, 40), plain = scaled(x, 255, DType::f64);
  std::vector<std::vector<std::size_t>> orders;
  for (std::size_t i = 0; i < 40; ++i) {
    std::vector<double> before(numbers(plain).begin() + 30 * i, numbers(plain).begin() + 30 * (i + 1));
    std::vector<double> after(numbers(shuffled).begin() + 30 * i, numbers(shuffled).begin() + 30 * (i + 1));
    EXPECT_NE(before, after) << i;
    std::ranges::sort(before), std::ranges::sort(after);
    EXPECT_EQ(before, after) << i;
  }
}

TEST(ForeignData, ShufflesEachSampleInAnOrderOfItsOwn) {
  Array x(DType::f64, {2, 50});
  for (std::size_t i = 0; i < 100; ++i) x.as<double>().flat()[i] = static_cast<double>(i % 50);
  const Array shuffled = shuffled_pixels(x, 1, 5).rows(0, 2);
  EXPECT_FALSE(std::ranges::equal(numbers(shuffled).first(50), numbers(shuffled).last(50)));
}

TEST(ForeignData, ScaledIsNotCutOff) {
  const Array x = pictures(), ten = scaled_data(x, 255, 10).rows(0, 40);
  for (std::size_t i = 0; i < ten.size(); ++i)
    ASSERT_DOUBLE_EQ(numbers(ten)[i], 10.0 * x.as<std::uint8_t>().flat()[i] / 255);
  EXPECT_GT(std::ranges::max(numbers(ten)), 9);
  EXPECT_EQ(scaled_data(x, 255, 10).name, "times_10");
}

}  // namespace
}  // namespace neurarium
