#include "neurarium/train/sample_words.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

TEST(SampleWords, SayShares) {
  const std::vector<double> three = {0.7, 0.72, 0.74}, one = {0.5};
  EXPECT_EQ(mean_and_sd(three), "72.0 ± 2.0");
  EXPECT_EQ(mean_and_sd(three, 2), "72.00 ± 2.00");
  EXPECT_EQ(mean_and_sd(one), "50.0");
  EXPECT_EQ(interval(three), "(67.0 … 77.0)");  // 72 ± 4.3027 · 2 / √3
  EXPECT_EQ(interval(one), "—");
  EXPECT_EQ(every_one(three, 0), "70, 72, 74");
  EXPECT_EQ(in_points({0.1, 0.05, 0.15}), "10.0 (5.0 … 15.0)");
  EXPECT_EQ(in_points(difference_of_means(one, three), 2), "−22.00");
  EXPECT_EQ(with_ends({0.1, 0.05, 0.15}).as_list().size(), 3u);
  EXPECT_EQ(with_ends(difference_of_means(one, three)).as_list().size(), 1u);
}

}  // namespace
}  // namespace neurarium
