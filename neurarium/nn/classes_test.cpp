#include "neurarium/nn/classes.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/rows_test.hpp"

namespace neurarium {
namespace {

TEST(Softmax, IsTheShareOfTheExponentials) {
  const Tensor<double> p = softmax(rows({{0, std::log(3)}, {1000, 1000}, {-1000, 0}}).view());
  EXPECT_NEAR(p(0, 0), 0.25, 1e-15);
  EXPECT_NEAR(p(0, 1), 0.75, 1e-15);
  EXPECT_EQ(p(1, 0), 0.5);
  EXPECT_EQ(p(2, 1), 1);
}

TEST(Strongest, LargestFirstAndOfEqualOnesTheLowerPlace) {
  const double scores[] = {1, 4, -2, 4, 3};
  EXPECT_EQ(strongest(scores, 3), (std::vector<std::size_t>{1, 3, 4}));
  EXPECT_EQ(strongest(scores, 9), (std::vector<std::size_t>{1, 3, 4, 0, 2}));
  EXPECT_TRUE(strongest({}, 3).empty());
}

}  // namespace
}  // namespace neurarium
