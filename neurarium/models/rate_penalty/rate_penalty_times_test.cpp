// What rates of spike times cost, in numbers by hand; central differences of networks are in train/rate_penalty_training_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "neurarium/models/rate_penalty/rate_penalty.hpp"

namespace neurarium {
namespace {

struct Found {
  double penalty;
  std::vector<double> slope;  ///< what the penalty adds to ∂E/∂t of each event
};

// Two samples of 0.1 s, two units. First: unit 0 fires at 20 and 60 ms, unit 1 is silent and answers 10 ms late. Second: both fire once.
Found found(const RatePenaltyParams& params, Mode mode = Mode::train, bool asked = true) {
  RatePenalty<double> layer(params);
  EXPECT_EQ(layer.build({2}, "rate_penalty1", 0), (Shape{2}));
  EXPECT_TRUE(layer.takes_times() && layer.gives_times());
  Activity<double> in, out, above, below;
  SpikeTimes<double>& spikes = in.make_times(2, 2, 0.1);
  spikes.add(0.02, 0), spikes.add(0.06, 0), spikes.add(0.11, 1), spikes.end_sample();
  spikes.add(0.05, 0), spikes.add(0.09, 1), spikes.end_sample();
  Tape tape;
  layer.forward(in, out, {mode, 0, 0, 0, {}}, tape);
  EXPECT_EQ(out.times().all_times(), spikes.all_times());
  EXPECT_EQ(out.times().duration(), 0.1);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(std::ranges::equal(out.times().units_of(i), spikes.units_of(i)));
  const std::span<double> given = above.make_per_event(out.times());
  for (std::size_t k = 0; k < given.size(); ++k) given[k] = static_cast<double>(k);
  const double penalty = asked ? layer.penalty(tape) : 0;
  layer.backward(above, &below, tape, {});
  std::vector<double> slope;
  for (std::size_t k = 0; k < given.size(); ++k) slope.push_back(std::as_const(below).per_event()[k] - given[k]);
  return {penalty, slope};
}

void expect_slopes(const Found& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.slope.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(found.slope[k], expected[k], 1e-11) << k;
}

// Rates: 20 (0.8 + 0.4) = 24 and −2 Hz in the first sample, 10 and 2 Hz in the second; ∂r/∂t = −200 Hz/s, by half in the mean of two units.
TEST(RatePenaltyOfTimes, EachTermIsWhatItsFormulaSays) {
  RatePenaltyParams params;
  EXPECT_EQ(found(params).penalty, 0);
  expect_slopes(found(params), {0, 0, 0, 0, 0});
  params.l1 = 0.1;  // silence costs nothing, and is not rewarded
  EXPECT_NEAR(found(params).penalty, 0.1 * (24 + 0 + 10 + 2) / 4, 1e-12);
  expect_slopes(found(params), {-10, -10, 0, -10, -10});
  params = {}, params.l2 = 0.01;
  EXPECT_NEAR(found(params).penalty, 0.01 * (576 + 0 + 100 + 4) / 4, 1e-12);
  expect_slopes(found(params), {-48, -48, 0, -20, -4});
  params = {}, params.lower = 5, params.lower_strength = 0.02;
  EXPECT_NEAR(found(params).penalty, 0.02 * (49 + 9) / 4, 1e-12);
  expect_slopes(found(params), {0, 0, 28, 0, 12});  // the silent unit's answer shall come earlier: its membrane rise
  params = {}, params.upper = 8, params.upper_strength = 0.02;
  EXPECT_NEAR(found(params).penalty, 0.02 * (256 + 4) / 4, 1e-12);
  expect_slopes(found(params), {-64, -64, 0, -8, 0});
  params.rate_of = "population";  // 11 and 6 Hz
  EXPECT_NEAR(found(params).penalty, 0.02 * 9 / 2, 1e-12);
  expect_slopes(found(params), {-12, -12, -12, 0, 0});
}

TEST(RatePenaltyOfTimes, OnlyALossOfTrainingPays) {
  RatePenaltyParams params;
  params.l1 = 1;
  EXPECT_EQ(found(params, Mode::eval).penalty, 0);
  expect_slopes(found(params, Mode::eval), {0, 0, 0, 0, 0});
  expect_slopes(found(params, Mode::train, false), {0, 0, 0, 0, 0});
}

}  // namespace
}  // namespace neurarium
