#include "neurarium/core/words.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

TEST(Words, ThreeDigitsAndAPrefix) {
  EXPECT_EQ(with_prefix(0.0029, "s"), "2.90\u00a0ms");
  EXPECT_EQ(with_prefix(14.88e-6, "s"), "14.9\u00a0µs");
  EXPECT_EQ(with_prefix(48.659, "s"), "48.7\u00a0s");
  EXPECT_EQ(with_prefix(63528, "B"), "63.5\u00a0kB");
  EXPECT_EQ(with_prefix(271937135, "B"), "272\u00a0MB");
  EXPECT_EQ(with_prefix(0.9996, "s"), "1.00\u00a0s");  // what rounds up to 1000 takes the next prefix
  EXPECT_EQ(with_prefix(9.996, "s"), "10.0\u00a0s");
  EXPECT_EQ(with_prefix(0, "s"), "0\u00a0s");
  EXPECT_EQ(with_prefix(-1, "s"), "—");
  EXPECT_EQ(with_prefix(std::nan(""), "s"), "—");
}

TEST(Words, NumbersForPeople) {
  EXPECT_EQ(rounded(-2.345, 1), "−2.3");
  EXPECT_EQ(rounded(-0.001, 1), "0.0");
  EXPECT_EQ(percent(0.98704, 2), "98.70\u00a0%");
  EXPECT_EQ(percent(std::nan("")), "—");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(with_commas(999), "999");
}

}  // namespace
}  // namespace neurarium
