#include "neurarium/robustness/confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/rows_test.hpp"
#include "neurarium/robustness/stored_scores_test.hpp"

namespace neurarium {
namespace {

TEST(Familiarity, IsWhatScipySays) {
  Answers answers{to_tensor<double>(stored_scores("logits")), {}};
  for (double& z : answers.logits.flat()) z *= 3;
  const Tensor<double> expected = to_tensor<double>(stored_scores("scores_sure"));
  ASSERT_EQ(score_names(answers), (std::vector<std::string>{"max-softmax", "margin", "energy"}));
  for (std::size_t s = 0; s < 3; ++s) {
    const std::vector<double> found = familiarity(score_names()[s], answers);
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(found[i], expected(s, i), 1e-12 * (1 + std::abs(expected(s, i)))) << score_names()[s] << ' ' << i;
  }
}

TEST(Familiarity, IsLeastWhereTheNetworkSaysNothing) {
  // Far from all Gaussians logits and support are 0. Each score must call the second sample more familiar.
  const Answers answers{rows({{0, 0, 0, 0}, {4, 1, 0, 0}}), {0, 0.7}};
  EXPECT_DOUBLE_EQ(familiarity("max-softmax", answers)[0], 0.25);
  EXPECT_DOUBLE_EQ(familiarity("margin", answers)[0], 0);
  EXPECT_DOUBLE_EQ(familiarity("energy", answers)[0], std::log(4));
  EXPECT_EQ(familiarity("support", answers), (std::vector<double>{0, 0.7}));
  for (const std::string& score : score_names(answers)) {
    const auto found = familiarity(score, answers);
    EXPECT_GT(found[1], found[0]) << score;
  }
  EXPECT_EQ(score_names(answers).size(), 4u);
}

TEST(Familiarity, StaysFiniteForHugeLogits) {
  const Answers answers{rows({{1e300, 0}, {-1e300, -1e300}}), {}};
  EXPECT_EQ(familiarity("max-softmax", answers), (std::vector<double>{1, 0.5}));
  EXPECT_EQ(familiarity("margin", answers), (std::vector<double>{1, 0}));
  EXPECT_EQ(familiarity("energy", answers), (std::vector<double>{1e300, -1e300}));
}

TEST(Familiarity, OfOneClassIsSure) {
  const Answers answers{rows({{-3}}), {}};
  EXPECT_EQ(familiarity("margin", answers), (std::vector<double>{1}));
  EXPECT_EQ(familiarity("energy", answers), (std::vector<double>{-3}));
}

TEST(Familiarity, RefusesWhatItCannotSay) {
  const Answers answers{rows({{0, 1}}), {}};
  try {
    familiarity("max-softmx", answers);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean max-softmax?"), std::string::npos) << error.what();
  }
  EXPECT_THROW(familiarity("support", answers), SpecError);
  EXPECT_THROW(familiarity("energy", Answers{Tensor<double>(Shape{3}), {}}), ShapeError);
  EXPECT_THROW(familiarity("support", Answers{rows({{0, 1}}), {1, 1}}), ShapeError);
}

}  // namespace
}  // namespace neurarium
