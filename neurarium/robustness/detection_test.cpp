#include "neurarium/robustness/detection.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "neurarium/robustness/stored_scores_test.hpp"

namespace neurarium {
namespace {

TEST(DetectionOfForeignSamples, IsScikitLearns) {
  for (const std::string name : {"apart", "ties", "saturated", "backwards", "few"}) {
    const auto of = [&](const std::string& what) { return stored_numbers("detection_" + name + "_" + what); };
    const Detection found = detection(of("known"), of("foreign"));
    const std::vector<double> expected = of("answer");
    EXPECT_NEAR(found.auroc, expected[0], 1e-13) << name;
    EXPECT_NEAR(found.fpr95, expected[1], 1e-13) << name;
    EXPECT_NEAR(found.aupr_in, expected[2], 1e-13) << name;
    EXPECT_NEAR(found.aupr_out, expected[3], 1e-13) << name;
  }
}

TEST(DetectionOfForeignSamples, HasItsLimits) {
  const double high[] = {3, 4, 5}, low[] = {0, 1};
  const Detection best = detection(high, low), worst = detection(low, high), none = detection(high, high);
  EXPECT_EQ(best.auroc, 1);
  EXPECT_EQ(best.fpr95, 0);
  EXPECT_EQ(best.aupr_in, 1);
  EXPECT_EQ(best.aupr_out, 1);
  EXPECT_EQ(worst.auroc, 0);
  EXPECT_EQ(worst.fpr95, 1);
  EXPECT_EQ(none.auroc, 0.5);
  const double same[] = {0.1, 0.1, 0.1};  // a network that says the same of all
  const Detection blind = detection(same, same);
  EXPECT_EQ(blind.auroc, 0.5);
  EXPECT_EQ(blind.fpr95, 1);
  EXPECT_EQ(blind.aupr_in, 0.5);
}

TEST(DetectionOfForeignSamples, RefusesNothingAndNoNumbers) {
  const double some[] = {1, 2}, bad[] = {1, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THROW(detection({}, some), DataError);
  EXPECT_THROW(detection(some, {}), DataError);
  EXPECT_THROW(detection(some, bad), DataError);
}

TEST(Threshold, KeepsAtLeastTheShareAndNoMoreThanItMust) {
  std::vector<double> scores;
  for (int i = 1; i <= 100; ++i) scores.push_back(i);
  EXPECT_EQ(threshold_keeping(scores, 0.95), 6);  // 6 … 100 are 95
  EXPECT_EQ(threshold_keeping(scores, 0.951), 5);
  EXPECT_EQ(threshold_keeping(scores, 1), 1);
  EXPECT_EQ(threshold_keeping(scores, 1e-9), 100);
  const double ties[] = {1, 2, 2, 2};
  EXPECT_EQ(threshold_keeping(ties, 0.5), 2);  // keeps 3 of 4: fewer can't be had
}

}  // namespace
}  // namespace neurarium
