#include "neurarium/robustness/selective.hpp"

#include <gtest/gtest.h>

#include "neurarium/nn/rows_test.hpp"
#include "neurarium/robustness/calibration.hpp"
#include "neurarium/robustness/confidence.hpp"
#include "neurarium/robustness/stored_scores_test.hpp"

namespace neurarium {
namespace {

TEST(RiskCoverageCurve, IsNumpysWhereNoScoresAreEqual) {
  Answers answers{to_tensor<double>(stored_scores("logits")), {}};
  for (double& z : answers.logits.flat()) z *= 3;
  const Array labels = stored_scores("labels");
  const std::vector<bool> right = right_answers(answers.logits.view(), labels.as<std::int64_t>().flat());
  const RiskCoverage curve = risk_coverage(familiarity("max-softmax", answers), right);
  const std::vector<double> expected = stored_numbers("risk");
  ASSERT_EQ(curve.risk.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(curve.risk[i], expected[i], 1e-12) << i;
  EXPECT_NEAR(curve.area, stored_numbers("risk_area")[0], 1e-12);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.5), 1 - expected[299]);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(1), 1 - expected[599]);
}

TEST(RiskCoverageCurve, IsTheMeanOverAllOrdersOfEqualScores) {
  std::vector<bool> right;
  for (const double r : stored_numbers("ties_right")) right.push_back(r > 0);
  EXPECT_NEAR(risk_coverage(stored_numbers("ties_scores"), right).area, stored_numbers("ties_area")[0], 1e-14);
}

TEST(RiskCoverageCurve, OfEqualScoresIsFlat) {
  const double same[] = {0.5, 0.5, 0.5, 0.5};
  const RiskCoverage curve = risk_coverage(same, {true, false, true, true});
  for (const double risk : curve.risk) EXPECT_DOUBLE_EQ(risk, 0.25);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.3), 0.75);
}

TEST(RiskCoverageCurve, RefusesWhatDoesNotFit) {
  const double some[] = {1, 2};
  EXPECT_THROW(risk_coverage({}, {}), DataError);
  EXPECT_THROW(risk_coverage(some, {true}), DataError);
}

TEST(RightAnswers, AreThoseWhoseLabelIsStrongest) {
  const std::int64_t labels[] = {0, 0, 1}, beyond[] = {0, 0, 3};
  const Tensor<double> z = rows({{2, 1}, {1, 2}, {1, 1}});  // of equal ones the first counts
  EXPECT_EQ(right_answers(z.view(), labels), (std::vector<bool>{true, false, false}));
  EXPECT_THROW(right_answers(z.view(), beyond), DataError);
}

TEST(WithRefusal, CountsWhatIsAnsweredAndWhatDoesNoHarm) {
  const double scores[] = {0.9, 0.8, 0.5, 0.4, 0.1};
  const std::vector<bool> right = {true, false, true, false, true};
  const Refusal some = with_refusal(scores, right, 0.5);
  EXPECT_DOUBLE_EQ(some.answered, 0.6);
  EXPECT_DOUBLE_EQ(some.right_or_refused, 0.8);  // only the second is wrong and answered
  EXPECT_DOUBLE_EQ(*some.right_among_answered, 2.0 / 3);
  const Refusal none = with_refusal(scores, right, 2);
  EXPECT_EQ(none.answered, 0);
  EXPECT_EQ(none.right_or_refused, 1);
  EXPECT_FALSE(none.right_among_answered);
  EXPECT_DOUBLE_EQ(with_refusal(scores, right, 0).right_or_refused, 0.6);
}

}  // namespace
}  // namespace neurarium
