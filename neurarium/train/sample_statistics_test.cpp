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

TEST(PopulationSd, IsThatOfTheNumbersThemselves) {
  EXPECT_NEAR(population_sd(std::vector{1., 2., 4.}), std::sqrt(14.) / 3, 1e-15);
  EXPECT_EQ(population_sd(std::vector{3.}), 0);
}

TEST(DifferenceOfMeans, IsWelchs) {
  // d ± scipy.stats.t.ppf(0.975, df) √(va + vb) of the notebook's values, df by Welch and Satterthwaite
  const std::vector<double> a = {0.65283203125, 0.73681640625, 0.7451171875},
                            b = {0.4453125, 0.54248046875, 0.49707031250}, c = {0.6};
  const MeanDifference d = difference_of_means(a, b);
  EXPECT_NEAR(d.mean, 0.21663411458333334, 1e-15);
  EXPECT_NEAR(d.low, 0.10351776817957217, 1e-10);
  EXPECT_NEAR(d.high, 0.3297504609870945, 1e-10);
  EXPECT_TRUE(d.told_apart());
  EXPECT_FALSE(difference_of_means(a, c).told_apart());
  EXPECT_TRUE(std::isnan(difference_of_means(a, c).low));
  EXPECT_TRUE(difference_of_means(std::vector{1., 1.}, std::vector{0., 0.}).told_apart());  // no spread at all
  EXPECT_FALSE(difference_of_means(std::vector{1., 1.}, std::vector{1., 1.}).told_apart());
}

TEST(DifferenceOfMeans, OfEqualVariancesInClosedForm) {
  const double a[] = {2, 3, 4}, b[] = {1, 2, 3}, alone[] = {5};
  const MeanDifference d = difference_of_means(a, b);  // equal variances of 1: 4 degrees of freedom, t = 2.7764451052
  EXPECT_NEAR(d.mean, 1, 1e-12);
  EXPECT_NEAR(d.high - 1, 2.7764451051977987 * std::sqrt(2.0 / 3), 1e-9);
  EXPECT_NEAR(d.low + d.high, 2, 1e-9);
  EXPECT_EQ(difference_of_means(alone, b).mean, 3);
  EXPECT_TRUE(std::isnan(difference_of_means(alone, b).low));
}

}  // namespace
}  // namespace neurarium
