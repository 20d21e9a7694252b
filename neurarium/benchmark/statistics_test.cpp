#include "neurarium/benchmark/statistics.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/quantile.hpp"

namespace neurarium {
namespace {

TEST(Statistics, QuantilesAreNumPys) {
  // numpy.quantile([5, 1, 4, 2, 10, 3], [0, .25, .5, .75, 1]) = 1, 2.25, 3.5, 4.75, 10
  const std::vector<double> numbers = {5, 1, 4, 2, 10, 3};
  EXPECT_DOUBLE_EQ(quantile(numbers, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(numbers, 1), 10);
  const Spread spread = spread_of(numbers);
  EXPECT_DOUBLE_EQ(spread.low, 2.25);
  EXPECT_DOUBLE_EQ(spread.median, 3.5);
  EXPECT_DOUBLE_EQ(spread.high, 4.75);
  EXPECT_EQ(spread.count, 6U);
}

TEST(Statistics, OneNumberAndNone) {
  const Spread one = spread_of({7});
  EXPECT_EQ(one.low, 7);
  EXPECT_EQ(one.median, 7);
  EXPECT_EQ(one.high, 7);
  EXPECT_EQ(spread_of({}).count, 0U);
  EXPECT_THROW(quantile({}, 0.5), InternalError);
}

}  // namespace
}  // namespace neurarium
