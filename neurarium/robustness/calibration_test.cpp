#include "neurarium/robustness/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/nn/classes.hpp"
#include "neurarium/nn/rows_test.hpp"
#include "neurarium/robustness/stored_scores_test.hpp"

namespace neurarium {
namespace {

TEST(CalibrationError, IsTheMeanDistanceOfConfidenceAndAccuracy) {
  // Five bins: three samples at 0.9, of which one is right; one at 0.7, right; one at 0.55, wrong.
  const Tensor<double> p = rows({{0.9, 0.1}, {0.9, 0.1}, {0.1, 0.9}, {0.3, 0.7}, {0.55, 0.45}});
  const std::int64_t labels[] = {0, 1, 0, 1, 1};
  const Calibration found(p.view(), labels, 5);
  ASSERT_EQ(found.bins.size(), 5u);
  EXPECT_EQ(found.bins[4].samples, 3u);
  EXPECT_DOUBLE_EQ(found.bins[4].confidence, 0.9);
  EXPECT_DOUBLE_EQ(found.bins[4].accuracy, 1.0 / 3);
  EXPECT_EQ(found.bins[3].samples, 1u);
  EXPECT_EQ(found.bins[2].samples, 1u);
  EXPECT_EQ(found.bins[0].samples + found.bins[1].samples, 0u);
  EXPECT_NEAR(found.expected_error, (3 * (0.9 - 1.0 / 3) + 0.3 + 0.55) / 5, 1e-15);
  EXPECT_NEAR(found.largest_error, 0.9 - 1.0 / 3, 1e-15);
  EXPECT_NEAR(found.confidence, (3 * 0.9 + 0.7 + 0.55) / 5, 1e-15);
}

TEST(CalibrationError, BinsHoldTheirUpperEdge) {
  const Tensor<double> p = rows({{0.5, 0.5}, {1, 0}, {0.75, 0.25}});
  const std::int64_t labels[] = {0, 0, 0};
  const Calibration found(p.view(), labels, 4);
  EXPECT_EQ(found.bins[1].samples, 1u);  // (1/4, 1/2]
  EXPECT_EQ(found.bins[2].samples, 1u);
  EXPECT_EQ(found.bins[3].samples, 1u);
  EXPECT_NEAR(found.expected_error, (0.5 + 0.25) / 3, 1e-15);  // certain and right: no distance
}

Array stored_labels() { return stored_scores("labels"); }

/// a · stored logits + b
Tensor<double> stored_logits(double a, double b = 0) {
  Tensor<double> z = to_tensor<double>(stored_scores("logits"));
  for (double& x : z.flat()) x = a * x + b;
  return z;
}

TEST(Temperature, IsWhereScipyFindsTheSlopeToBeZero) {
  const Array labels = stored_labels();
  const struct {
    const char* name;
    double factor, offset;
  } cases[] = {{"sure", 3, 0}, {"modest", 0.2, 0}, {"tiny", 1e-6, 0}, {"far", 1, 1000}};
  for (const auto& [name, factor, offset] : cases) {
    const TemperatureFit fit = fit_temperature(stored_logits(factor, offset).view(), labels.as<std::int64_t>().flat());
    const std::vector<double> expected = stored_numbers(std::string("temperature_") + name);
    EXPECT_NEAR(fit.temperature / expected[0], 1, 1e-9) << name;
    EXPECT_NEAR(fit.loss_before, expected[1], 1e-12) << name;
    EXPECT_NEAR(fit.loss_after, expected[2], 1e-12) << name;
  }
}

TEST(Temperature, OfTwoClassesHasAClosedForm) {
  // Logits (m, 0), right in 3 of 4: p = 3/4 is best, so m/T = ln 3.
  const double m = 7;
  const Tensor<double> z = rows({{m, 0}, {m, 0}, {m, 0}, {m, 0}});
  const std::int64_t labels[] = {0, 0, 1, 0};
  const TemperatureFit fit = fit_temperature(z.view(), labels);
  EXPECT_NEAR(fit.temperature, m / std::log(3), 1e-10);
  EXPECT_NEAR(fit.loss_after, -(3 * std::log(0.75) + std::log(0.25)) / 4, 1e-12);
  const Tensor<double> p = softmax_at(z.view(), fit.temperature);
  EXPECT_NEAR(p(0, 0), 0.75, 1e-12);
  EXPECT_NEAR(Calibration(p.view(), labels).expected_error, 0, 1e-12);
}

TEST(Temperature, ChangesNoAnswer) {
  const Tensor<double> z = stored_logits(3), p = softmax_at(z.view(), 0.158), q = softmax_at(z.view(), 6);
  for (std::size_t i = 0; i < z.shape()[0]; ++i) {
    EXPECT_EQ(strongest(p.view()[i].flat()), strongest(z.view()[i].flat()));
    EXPECT_EQ(strongest(q.view()[i].flat()), strongest(z.view()[i].flat()));
  }
}

void expect_refused(const Tensor<double>& logits, std::span<const std::int64_t> labels, const std::string& words) {
  try {
    fit_temperature(logits.view(), labels);
    ADD_FAILURE() << "expected: " << words;
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Temperature, IsRefusedWhereNoneIsBest) {
  const std::int64_t labels[] = {0, 1};
  expect_refused(rows({{2, 0}, {0, 3}}), labels, "none of the 2 samples is wrong");
  expect_refused(rows({{0, 2}, {3, 0}}), labels, "no better than chance");
  expect_refused(rows({{5, 5}, {0, 0}}), labels, "the same of every class");
  expect_refused(rows({{5, 5}, {0, INFINITY}}), labels, "not finite");
  expect_refused(Tensor<double>(Shape{0, 3}), {}, "no samples");
  const std::int64_t beyond[] = {0, 2};
  expect_refused(rows({{2, 0}, {0, 3}}), beyond, "is 2, but the network has 2 outputs");
}

TEST(Temperature, IsFoundWhereOneSampleOfManyIsWrongByALittle) {
  // 999 right by 10, one wrong by 0.001: the slope is 0 where 999 · 10/(1 + e^{10 β}) = 0.001/(1 + e^{−0.001 β}).
  Tensor<double> z(Shape{1000, 2});
  for (std::size_t i = 0; i < 1000; ++i) z(i, std::size_t{0}) = 10;
  z(std::size_t{999}, std::size_t{0}) = 0.001;
  std::vector<std::int64_t> labels(1000, 0);
  labels.back() = 1;
  const double beta = 1 / fit_temperature(z.view(), labels).temperature;
  const double right = 9990 / (1 + std::exp(10 * beta)), wrong = 0.001 / (1 + std::exp(-0.001 * beta));
  EXPECT_NEAR(right / wrong, 1, 1e-8);
}

}  // namespace
}  // namespace neurarium
