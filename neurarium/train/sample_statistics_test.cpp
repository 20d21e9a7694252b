#include "neurarium/train/sample_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

/// What SciPy says: validation/sweeps/write_statistics.py.
Tensor<double> stored(const std::string& name) {
  static const NamedArrays arrays = read_npz(NEURARIUM_SOURCE_DIR "/tests/data/sweeps/statistics.npz");
  for (const auto& [key, array] : arrays)
    if (key == name) return to_tensor<double>(array.view());
  throw InternalError(name);
}

TEST(StudentT, QuantilesAreThoseOfSciPy) {
  const auto probabilities = stored("probabilities"), degrees = stored("degrees"), quantiles = stored("quantiles");
  for (std::size_t i = 0; i < probabilities.size(); ++i)
    for (std::size_t j = 0; j < degrees.size(); ++j)
      EXPECT_NEAR(student_t_quantile(probabilities(i), degrees(j)) / quantiles(i, j), 1,
                  degrees(j) > 1000 ? 1e-9 : 1e-11)
          << probabilities(i) << " " << degrees(j);
}

TEST(StudentT, ClosedFormsOfOneAndTwoDegrees) {
  for (const double p : {0.55, 0.75, 0.9, 0.975, 0.999}) {
    EXPECT_NEAR(student_t_quantile(p, 1) / std::tan(M_PI * (p - 0.5)), 1, 1e-11);
    const double a = 2 * p - 1;
    EXPECT_NEAR(student_t_quantile(p, 2) / (a * std::sqrt(2 / (1 - a * a))), 1, 1e-11);
  }
  EXPECT_EQ(student_t_quantile(0.5, 4), 0);
  EXPECT_EQ(student_t_quantile(0.1, 4), -student_t_quantile(0.9, 4));
}

TEST(StudentT, NonsenseIsABugOfTheCaller) {
  EXPECT_THROW((void)student_t_quantile(1, 4), InternalError);
  EXPECT_THROW((void)student_t_quantile(0.9, 0), InternalError);
}

TEST(SampleSummary, IsThatOfSciPy) {
  const auto samples = stored("samples"), mean = stored("mean"), sd = stored("sd"), low = stored("low"),
             high = stored("high");
  for (std::size_t row = 0; row < mean.size(); ++row) {
    const SampleSummary summary = summarise(std::span(samples.flat()).subspan(row * 5, 5));
    EXPECT_EQ(summary.n, 5U);
    EXPECT_NEAR(summary.mean / mean(row), 1, 1e-14);
    EXPECT_NEAR(summary.sd / sd(row), 1, 1e-12);
    EXPECT_NEAR((summary.low - summary.mean) / (low(row) - mean(row)), 1, 1e-6);  // SciPy's own difference is rounded
    EXPECT_NEAR((summary.high - summary.mean) / (high(row) - mean(row)), 1, 1e-6);
  }
}

TEST(SampleSummary, FewNumbers) {
  EXPECT_EQ(summarise({}).n, 0U);
  EXPECT_TRUE(std::isnan(summarise({}).mean));
  const std::vector<double> one = {0.1};
  EXPECT_EQ(summarise(one).mean, 0.1);
  EXPECT_TRUE(std::isnan(summarise(one).sd));
  EXPECT_TRUE(std::isnan(summarise(one).low));
}

TEST(SampleSummary, EqualNumbersHaveNoDeviation) {  // 0.1 + 0.1 + 0.1 is not 0.3
  const SampleSummary summary = summarise(std::vector<double>{0.1, 0.1, 0.1});
  EXPECT_EQ(summary.mean, 0.1);
  EXPECT_EQ(summary.sd, 0);
  EXPECT_EQ(summary.low, 0.1);
  EXPECT_EQ(summary.high, 0.1);
}

TEST(SampleSummary, WhatIsNotFiniteDoesNotCount) {
  const SampleSummary summary = summarise(std::vector<double>{1, NAN, 3, INFINITY});
  EXPECT_EQ(summary.n, 2U);
  EXPECT_EQ(summary.mean, 2);
}

}  // namespace
}  // namespace neurarium
