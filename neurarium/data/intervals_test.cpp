// Intervals: in all classes the same channels fire in the same order, once each; lags are the class's, and nothing else is.
#include "neurarium/data/intervals.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/data/catalogue.hpp"

namespace neurarium {
namespace {

TEST(Intervals, OnlyTheLagsTellClasses) {
  const std::string name = "intervals:seed=4,classes=3,channels=6,training_samples=9000,jitter=0.01";
  const Dataset data = load_dataset(name, "");
  const Tensor<double> lags = interval_lags(intervals_params(name));
  ASSERT_EQ(data.train.x.shape(), (Shape{9000, 6}));
  ASSERT_EQ(data.test.x.shape(), (Shape{1000, 6}));
  ASSERT_EQ(lags.shape(), (Shape{3, 6}));
  const auto x = data.train.x.as<float>();
  const auto label = data.train.y.as<std::int64_t>();
  double count[3] = {}, sum[3][6] = {}, first = 1, last = 0;
  for (std::size_t i = 0; i < 9000; ++i) {
    const auto c = static_cast<std::size_t>(label(i));
    ASSERT_LT(c, 3u);
    ++count[c];
    for (std::size_t k = 0; k < 6; ++k) {
      sum[c][k] += x(i, k);
      first = std::min<double>(first, x(i, k)), last = std::max<double>(last, x(i, k));
      if (k == 0) continue;
      const double gap = x(i, k) - x(i, k - 1), wanted = lags(c, k) - lags(c, k - 1);
      ASSERT_NEAR(gap, wanted, 0.02 + 1e-6);
      ASSERT_GT(gap, 0.075 - 0.02 - 1e-6) << "the order of channels and their least distance";
    }
  }
  EXPECT_GE(first, 0);
  EXPECT_LE(last, 1);
  const double onset = (0.01 + 1 - 5 * 0.125 - 0.01) / 2, onset_sd = (1 - 5 * 0.125 - 0.02) / std::sqrt(12.);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(count[c], 3000, 4 * std::sqrt(9000 * 2 / 9.));
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_NEAR(sum[c][k] / count[c], onset + lags(c, k), 5 * onset_sd / std::sqrt(count[c]));
    EXPECT_NE(lags(c, std::size_t{1}), lags((c + 1) % 3, std::size_t{1}));
  }
}

TEST(Intervals, SampleIsAPureFunctionOfSeedSetAndNumber) {
  const Dataset one = load_dataset("intervals:seed=7,training_samples=700,test_samples=300", "");
  for (const int threads : {2, 3}) {
    WorkerPool pool(threads);
    EXPECT_EQ(load_dataset("intervals:seed=7,training_samples=700,test_samples=300", "", {}, &pool).sha256, one.sha256);
  }
  const Dataset fewer = load_dataset("intervals:seed=7,training_samples=100,test_samples=0", "");
  EXPECT_EQ(fewer.test.samples(), 0u);
  const auto x = one.train.x.as<float>(), part = fewer.train.x.as<float>(), test = one.test.x.as<float>();
  std::size_t as_in_test = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(part(i, std::size_t{3}), x(i, std::size_t{3}));
    as_in_test += x(i, std::size_t{3}) == test(i, std::size_t{3});
  }
  EXPECT_EQ(as_in_test, 0u);
  EXPECT_NE(load_dataset("intervals:seed=8,training_samples=700,test_samples=300", "").sha256, one.sha256);
}

TEST(Intervals, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(is_present("intervals:", ""));
  EXPECT_EQ(load_dataset("intervals", "").train.samples(), 1000U);
  for (const char* wrong : {"intervals:sed=1", "intervals:channels=1", "intervals:channels=9", "intervals:jitter=0.04",
                            "intervals:shortest_gap=0.2,longest_gap=0.1", "intervals:classes=1"})
    EXPECT_THROW(load_dataset(wrong, ""), SpecError) << wrong;
}

}  // namespace
}  // namespace neurarium
