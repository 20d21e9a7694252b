// Tests of places, where the answer can be counted by hand.
#include "neurarium/studies/topographic/placement.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/topographic/colour_positions.hpp"

namespace neurarium {
namespace {

std::vector<double> border_distance(const Grid& grid) {
  std::vector<double> out;
  for (std::size_t n = 0; n < grid.units(); ++n) out.push_back(static_cast<double>(grid.to_border(n)));
  return out;
}

TEST(Grid, DistancesOfANonSquareMap) {
  const Grid grid{3, 5};
  EXPECT_EQ(grid.distance(0, 14), 4u);
  EXPECT_EQ(grid.distance(7, 11), 1u);
  EXPECT_EQ(grid.to_border(7), 1u);
  EXPECT_EQ(grid.to_border(5), 0u);
  EXPECT_EQ(grid.to_corner(7), 2u);
  EXPECT_EQ(grid.to_corner(4), 0u);
  EXPECT_EQ(grid.far(), 2u);
}

// One unit of four is marked and stands in the place asked for. Of all shuffles a quarter puts it there; of the 16 moves of
// a 2 × 2 map, 4. (T is 1 there and −1/3 elsewhere.)
TEST(Placement, AMarkedUnitByHand) {
  const Placement marked = excess_at({1, 0, 0, 0}, {true, false, false, false});
  const PlacementTest test = test_placements({{marked}}, {2, 2}, Stream(1, "test"), 20000).front();
  EXPECT_DOUBLE_EQ(test.statistic, 1);
  EXPECT_NEAR(test.p_shuffled, 0.25, 0.012);  // four standard deviations of 20,000 draws
  EXPECT_DOUBLE_EQ(test.p_moved, 0.25);
}

TEST(Placement, TheMiddleOfAMapByHand) {
  // f is 1 in the middle of a 3 × 3 map: the correlation with the distance from the border is 1, for one shift of nine.
  std::vector<double> values(9, 0.0);
  values[4] = 1;
  const Grid grid{3, 3};
  const PlacementTest test =
      test_placements({{correlation_with(values, border_distance(grid))}}, grid, Stream(1, "test"), 20000).front();
  EXPECT_NEAR(test.statistic, 1, 1e-12);
  EXPECT_DOUBLE_EQ(test.p_moved, 1.0 / 9);
  EXPECT_NEAR(test.p_shuffled, 1.0 / 9, 0.009);
}

TEST(Placement, TheDifferenceOfTwoOverlappingSets) {
  const Placement d = difference_between({5, 1, 3, 0}, {true, true, false, false}, {false, true, true, false});
  const PlacementTest test = test_placements({{d}}, {2, 2}, Stream(1, "test"), 10).front();
  EXPECT_DOUBLE_EQ(test.statistic, 3 - 2);
}

// A smooth wave whose phase is arbitrary: shuffles call its place remarkable, moves do not.
TEST(Placement, SmoothMapsAreJudgedBySmoothMaps) {
  const Grid grid{12, 12};
  std::vector<double> values;
  for (std::size_t n = 0; n < grid.units(); ++n)
    values.push_back(std::cos(2 * M_PI * (static_cast<double>(grid.row(n)) - 3.3) / 12));
  std::vector<bool> last_row(144, false);
  for (std::size_t x = 0; x < 12; ++x) last_row[132 + x] = true;
  const PlacementTest test = test_placements({{excess_at(values, last_row)}}, grid, Stream(7, "test"), 2000).front();
  EXPECT_LT(test.p_shuffled, 0.01);
  EXPECT_GT(test.p_moved, 0.1);
}

TEST(Placement, AConstantMapHasNoPlaces) {
  const Grid grid{4, 4};
  const PlacementTest test = test_placements({{correlation_with(std::vector<double>(16, 0.3), border_distance(grid))}},
                                             grid, Stream(0, "test"), 50)
                                 .front();
  EXPECT_EQ(test.statistic, 0);
  EXPECT_EQ(test.p_shuffled, 1);
  EXPECT_EQ(test.p_moved, 1);
}

TEST(Placement, TheSameSeedGivesTheSameShuffles) {
  const Grid grid{5, 4};
  std::vector<double> values;
  for (std::size_t n = 0; n < 20; ++n) values.push_back(static_cast<double>((n * 7) % 11));
  const Placement question = correlation_with(values, border_distance(grid));
  const auto p = [&](std::uint64_t seed) {
    return test_placements({{question}}, grid, Stream(seed, "test"), 300).front().p_shuffled;
  };
  EXPECT_EQ(p(3), p(3));
  EXPECT_NE(p(3), p(4));
}

TEST(ColourPositions, BlueRimRedMiddle) {
  const Grid grid{6, 6};
  Tensor<double> shares({36, 3});
  for (std::size_t n = 0; n < 36; ++n) {
    const double inside = static_cast<double>(grid.to_border(n));
    shares(n, 0) = 0.2 + 0.2 * inside, shares(n, 1) = 0.3, shares(n, 2) = 0.5 - 0.2 * inside;
  }
  const ColourPositions found = colour_positions(shares.view(), grid, 1);
  EXPECT_NEAR(found.colours[blue].border.statistic, -1, 1e-12);
  EXPECT_NEAR(found.colours[red].border.statistic, 1, 1e-12);
  EXPECT_EQ(found.colours[green].border.statistic, 0);
  EXPECT_LT(found.colours[blue].border.p_shuffled, 0.001);
  EXPECT_DOUBLE_EQ(found.colours[blue].border.p_moved, 1.0 / 36);
  EXPECT_EQ(found.colours[blue].dominant_rim, 1);
  EXPECT_NEAR(found.colours[blue].dominant, 20.0 / 36, 1e-12);
  EXPECT_NEAR(found.by_distance(1, blue), 0.3, 1e-12);
  // Last row: 0.5; the other 30 units: 14 at 0.5, 12 at 0.3, 4 at 0.1.
  EXPECT_NEAR(found.blue_excess[0].statistic, 0.5 - (14 * 0.5 + 12 * 0.3 + 4 * 0.1) / 30, 1e-12);
  EXPECT_NEAR(found.blue_excess[0].statistic, found.blue_excess[3].statistic, 1e-12);
  EXPECT_NEAR(found.last_less_first.statistic, 0, 1e-12);
}

}  // namespace
}  // namespace neurarium
