// What gaussian-robustness claims, of figures that are made up.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "neurarium/studies/gaussian/robustness_findings.hpp"

namespace neurarium {
namespace {

Knowledge known(const Detection& by_softmax, const Detection& by_energy) {
  Knowledge made;
  made.classes = 10, made.accuracy = 0.9;
  for (const char* name : {"uniform_noise", "shuffled_pixels", "times_10"}) {
    ForeignFinding foreign;
    foreign.name = name, foreign.mean_confidence = 0.1;
    made.foreign.push_back(foreign);
  }
  for (const auto& [name, found] : {std::pair("max-softmax", by_softmax), std::pair("energy", by_energy)}) {
    ScoreFinding score;
    score.name = name, score.detection.assign(made.foreign.size(), found);
    made.scores.push_back(score);
  }
  return made;
}

/// Each network, its scores no better than chance; all samples fooled by 0.05.
std::vector<JudgedCandidate> judged(std::size_t samples) {
  std::vector<JudgedCandidate> made;
  for (const char* name : {"classical-relu", "classical-tanh", "converted-calibrated-diagonal", "converted-tempered",
                           "scratch-spherical", "scratch-diagonal", "adversarial", "adversarial-converted"}) {
    JudgedCandidate one;
    one.candidate.name = name;
    one.knowledge = known({0.5, 0.95, 0.5, 0.5}, {0.5, 0.95, 0.5, 0.5});
    AttackOutcome outcome;
    outcome.epsilons = {0.1};
    outcome.smallest.assign(samples, 0.05);
    one.attacked.result.samples = samples;
    one.attacked.result.outcomes.push_back(outcome);
    made.push_back(std::move(one));
  }
  return made;
}

JudgedCandidate& of(std::vector<JudgedCandidate>& all, const std::string& name) {
  return *std::ranges::find(all, name, [](const JudgedCandidate& one) { return one.candidate.name; });
}

Claim claim(const std::vector<JudgedCandidate>& all, const std::string& name) {
  const std::vector<Claim> claims = claims_about(all, "fashion-mnist", 0.1);
  return *std::ranges::find(claims, name, &Claim::name);
}

TEST(RobustnessClaims, NoiseMayBeRejectedByAnyScore) {
  auto all = judged(10);
  of(all, "classical-relu").knowledge = known({0.5, 0.95, 0.5, 0.5}, {0.97, 0.1, 0.9, 0.9});
  EXPECT_FALSE(claim(all, "some_recipe_rejects_noise").held);  // not by networks without Gaussians
  of(all, "scratch-diagonal").knowledge = known({0.98, 0.06, 0.9, 0.9}, {0.995, 0.01, 0.9, 0.9});
  const Claim by_energy = claim(all, "some_recipe_rejects_noise");
  EXPECT_TRUE(by_energy.held);
  EXPECT_EQ(
      by_energy.evidence,
      "scratch-diagonal by energy: 0.995, 0.010; the best without Gaussians is classical-relu by energy: 0.970, 0.100");
  for (const Detection& too_little : {Detection{0.995, 0.051, 0.9, 0.9}, Detection{0.989, 0.01, 0.9, 0.9}}) {
    of(all, "scratch-diagonal").knowledge = known({0.5, 0.95, 0.5, 0.5}, too_little);
    EXPECT_FALSE(claim(all, "some_recipe_rejects_noise").held);
  }
}

// 5 points, and 2 standard errors of pairs, √(a − a²/n)/n for a of n: 0.047 for 6 of 100, 0.083 for 3 of 40.
TEST(RobustnessClaims, ToWithstandMoreNeedsTwoStandardErrors) {
  for (const auto& [samples, withstood, holds] :
       {std::tuple(100U, 6U, true), std::tuple(100U, 4U, false), std::tuple(40U, 3U, false)}) {
    auto all = judged(samples);
    auto& smallest = of(all, "converted-calibrated-diagonal").attacked.result.outcomes.front().smallest;
    std::fill_n(smallest.begin(), withstood, std::numeric_limits<double>::infinity());
    EXPECT_EQ(claim(all, "conversion_gives_robustness").held, holds) << withstood << " of " << samples;
    EXPECT_FALSE(claim(all, "scratch_gives_robustness").held);
  }
}

}  // namespace
}  // namespace neurarium
