// When a network decides: closed forms and plain sums beside clever ones.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "neurarium/data/ideal_observer.hpp"
#include "neurarium/studies/localisation/localisation_analyses.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;

TEST(TimeWeights, AreWhatALeakyIntegratorMakesOfOneSpike) {
  constexpr std::size_t steps = 9;
  constexpr double alpha = 0.8;
  for (const bool late : {false, true})
    for (const char* readout : {"mean", "sum", "last"}) {
      const auto weights = time_weights(readout, alpha, steps, late);
      ASSERT_TRUE(weights);
      for (std::size_t at = 0; at < steps; ++at) {
        double membrane = 0, sum = 0;
        for (std::size_t t = 0; t < steps; ++t) {
          membrane = alpha * membrane + (t == at + (late ? 1 : 0) ? 1 : 0);
          sum += membrane;
        }
        const std::string what = readout;
        const double expected = what == "mean" ? sum / steps : what == "sum" ? sum : membrane;
        EXPECT_NEAR((*weights)[at], expected, 1e-14) << readout << late << at;
      }
    }
  for (const char* readout : {"max", "count"}) EXPECT_FALSE(time_weights(readout, alpha, steps, false));
}

/// Two sounds of 100 steps, two cycles, whose crest comes first.
struct TwoSounds {
  InterauralPhaseParams task;
  InterauralPhaseSet sounds;
  TwoSounds() {
    task.classes = 2, task.phase_span = 0.5;
    sounds.ipd = {-0.3, 0.3}, sounds.labels = {0, 1};
    for (const double ipd : sounds.ipd) sounds.phase.push_back(1.003 - (task.phase_span + ipd) / (4 * pi));
  }
};

TEST(PhasesInTheHead, CrestIsWhereBothEarsTogetherFireMost) {
  InterauralPhaseParams task;
  task.sharpness = 1, task.steps = 400, task.frequency = 2.5;
  for (const double ipd : {-1.2, 0., 0.9}) {
    InterauralPhaseSet one;
    one.ipd = {ipd}, one.phase = {0.37};
    const Tensor<double> p = InterauralProbabilities(task).of(ipd, 0.37);
    std::size_t best = 0;
    double most = 0;
    for (std::size_t t = 0; t < 400; ++t) {
      double sum = 0;
      for (std::size_t j = 0; j < 200; ++j) sum += p(t, j);
      if (sum > most) most = sum, best = t;
    }
    const double psi = phases_in_the_head(one, task)[0] + 2.5e-3 * static_cast<double>(best);
    EXPECT_NEAR(psi - std::floor(psi), 0.25, 0.0025) << ipd;
  }
}

TEST(DecisionByPhase, KnowsWhoSaidWhatWhen) {
  // unit 0 speaks for class 0, unit 1 for class 1. The right one fires in the trough, the wrong one, half as often, in the crest.
  const TwoSounds two;
  StepSpikes hidden(100, 2);
  for (const auto right : {StepSpikes::Unit{0}, StepSpikes::Unit{1}})
    for (std::size_t t = 0; t < 100; ++t) {
      const bool trough = t % 50 >= 25;
      std::vector<StepSpikes::Unit> fired;
      if (trough) fired = {right};
      else if (t % 50 >= 10 && t % 50 < 20) fired = {static_cast<StepSpikes::Unit>(1 - right)};
      hidden.add_step(fired);
    }
  Tensor<double> w2({2, 2});
  w2(0, 0) = w2(1, 1) = 1;
  const std::vector<double> even(100, 0.5);
  const auto found = decision_by_phase(hidden, two.sounds, two.task, even, w2, 10);
  EXPECT_NEAR(found.trough_time, 0.5, 1e-12);
  EXPECT_NEAR(found.trough_spikes, 25. / 35, 1e-12);
  EXPECT_NEAR(found.trough_margin, 25. / 15, 1e-12);  // the crest speaks against it
  // by quarters, which begin at steps 44, 7, 19 and 32 of 50
  const double quarters[] = {6. / 15, -9. / 15, (7. - 1) / 15, 12. / 15};
  for (std::size_t q = 0; q < 4; ++q) EXPECT_NEAR(found.quarters[q], quarters[q], 1e-12) << q;
  EXPECT_EQ(found.accuracy, 1);
  EXPECT_EQ(found.accuracy_of_trough, 1);
  EXPECT_EQ(found.accuracy_of_crest, 0);
  const std::vector<double> margins = {0, 0, -5. / 15, -5. / 15, 0, 5. / 15, 5. / 15, 5. / 15, 5. / 15, 5. / 15};
  for (std::size_t b = 0; b < 10; ++b) {
    EXPECT_NEAR(found.of_margin[b], margins[b], 1e-12) << b;
    EXPECT_NEAR(found.of_time[b], 0.1, 1e-12) << b;
    EXPECT_NEAR(found.phase[b], (static_cast<double>(b) + 0.5) / 10, 1e-12);
  }
  // a spike counts with its step's weight
  std::vector<double> late(100, 0.);
  for (std::size_t t = 25; t < 50; ++t) late[t] = 1;
  EXPECT_NEAR(decision_by_phase(hidden, two.sounds, two.task, late, w2, 10).trough_margin, 1, 1e-12);
}

TEST(DecisionByPhase, SharesAreOfSoundsThatAreToldRight) {
  // the same spikes for both sounds: the second is told wrong, and its margin is not taken from that of the first
  const TwoSounds two;
  StepSpikes hidden(100, 1);
  for (std::size_t t = 0; t < 200; ++t)
    hidden.add_step(t % 100 == 30 || t % 100 == 10 ? std::vector<StepSpikes::Unit>{0}
                                                   : std::vector<StepSpikes::Unit>{});
  Tensor<double> w2({1, 2});
  w2(0, 0) = 1;
  const auto found = decision_by_phase(hidden, two.sounds, two.task, std::vector<double>(100, 1), w2);
  EXPECT_EQ(found.accuracy, 0.5);
  EXPECT_NEAR(found.trough_margin, 0.5, 1e-12);
  EXPECT_NEAR(found.quarters[1], 0.5, 1e-12);
  EXPECT_NEAR(found.quarters[2], 0.5, 1e-12);
}

TEST(DecisionByPhase, OfSilenceIsNoNumber) {
  const TwoSounds two;
  StepSpikes hidden(100, 2);
  for (int t = 0; t < 200; ++t) hidden.add_step({});
  const auto found =
      decision_by_phase(hidden, two.sounds, two.task, std::vector<double>(100, 1), Tensor<double>({2, 2}));
  EXPECT_TRUE(std::isnan(found.trough_margin) && std::isnan(found.trough_spikes));
  EXPECT_EQ(found.accuracy, 0.5);  // the first class, always
}
}  // namespace
}  // namespace neurarium
