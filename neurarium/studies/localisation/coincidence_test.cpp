// Which units detect coincidences, and how weights lie in the notebook's order: closed forms and plain counts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/studies/localisation/localisation_analyses.hpp"
#include "neurarium/studies/localisation/tiny_study_test.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;

/// W1 of one hidden unit: weights of fibres of the left and the right ear.
Tensor<double> one_unit(const std::vector<double>& left, const std::vector<double>& right) {
  Tensor<double> w1({left.size() + right.size(), 1});
  for (std::size_t j = 0; j < left.size(); ++j) w1(j, 0) = left[j], w1(left.size() + j, 0) = right[j];
  return w1;
}

TEST(Coincidence, OfSingleFibresIsTheDifferenceOfTheirDelays) {
  // fibres at 0, 30, 60, 90 degrees
  const auto of = [](const std::vector<double>& left, const std::vector<double>& right) {
    return coincidence_of_units(one_unit(left, right), pi / 2)[0];
  };
  const auto detector = of({0, 0, 1, 0}, {1, 0, 0, 0});
  EXPECT_NEAR(detector.left.delay, pi / 3, 1e-12);
  EXPECT_NEAR(detector.difference, pi / 3, 1e-12);
  EXPECT_NEAR(detector.index, 1, 1e-12);
  EXPECT_NEAR(of({1, 0, 0, 0}, {0, 0, 0, 2}).difference, -pi / 2, 1e-12);
  EXPECT_NEAR(of({1, 0, 0, 0}, {0, 0, 0, 2}).index, 4. / 5, 1e-12);  // 2 · 1 · 2 / (1 + 4), at the edge of the angles
  // one ear excites, the other inhibits: they cancel at 60 degrees and meet at -120
  const auto opposite = of({0, 0, 1, 0}, {-1, 0, 0, 0});
  EXPECT_NEAR(opposite.difference, -2 * pi / 3, 1e-12);
  EXPECT_NEAR(opposite.index, -1, 1e-12);
  EXPECT_NEAR(opposite.drive_at(pi / 3), 0, 1e-12);
  EXPECT_EQ(of({0, 1, 0, 0}, {0, 0, 0, 0}).index, 0);
  EXPECT_EQ(of({0, 0, 0, 0}, {0, 0, 0, 0}).index, 0);
}

TEST(Coincidence, DriveIsTheAmplitudeOfWhatFibresDo) {
  // any weights, and probabilities as the sounds have them: Σ w p over a cycle, half the range from least to most
  std::vector<double> left, right;
  for (int j = 0; j < 9; ++j) left.push_back(std::sin(3. * j)), right.push_back(std::cos(5. * j + 1));
  const Tensor<double> w1 = one_unit(left, right);
  InterauralPhaseParams task;
  task.fibres = 9, task.sharpness = 1, task.steps = 2000, task.frequency = 0.5;
  const UnitCoincidence unit = coincidence_of_units(w1, task.phase_span)[0];
  double best = -1, best_angle = 0;
  for (const double ipd : {-1.5, -0.8, -0.1, 0.4, 1.1, 1.57}) {
    const Tensor<double> p = InterauralProbabilities(task).of(ipd, 0.1);
    double least = INFINITY, most = -INFINITY;
    for (std::size_t t = 0; t < 2000; ++t) {
      double sum = 0;
      for (std::size_t i = 0; i < 18; ++i) sum += w1(i, 0) * p(t, i);
      least = std::min(least, sum), most = std::max(most, sum);
    }
    EXPECT_NEAR((most - least) / (task.rate_max * task.dt), unit.drive_at(ipd), 1e-5) << ipd;
  }
  for (double ipd = -pi; ipd <= pi; ipd += 1e-4)
    if (unit.drive_at(ipd) > best) best = unit.drive_at(ipd), best_angle = ipd;
  EXPECT_NEAR(best_angle, unit.difference, 1e-3);
}

TEST(Coincidence, AxonalDelaysAreDelaysLikeAnyOther) {
  // One fibre of each ear is heard, both at phase 0. The right ear's spikes come 60 degrees late: the ears meet where its sound is early.
  const Tensor<double> w1 = one_unit({1, 0}, {0, 2});
  const std::vector<double> lags = {0, 9, 9, pi / 3}, lost = {0, 9, 9, NAN};
  const UnitCoincidence unit = coincidence_of_units(w1, 0, lags)[0];
  EXPECT_NEAR(unit.difference, pi / 3, 1e-12);
  EXPECT_NEAR(unit.index, 4. / 5, 1e-12);
  EXPECT_NEAR(unit.drive_at(pi / 3), 3, 1e-12);
  EXPECT_EQ(coincidence_of_units(w1, 0)[0].difference, 0);
  EXPECT_EQ(coincidence_of_units(w1, 0, lost)[0].right.strength, 0);  // what never arrives drives nothing
}

TEST(Coincidence, LagsAreThoseOfTheNetwork) {
  InterauralPhaseParams task;
  task.fibres = 2, task.steps = 100, task.frequency = 50, task.phase_span = 0;
  LocalisationNetworkParams settings;
  EXPECT_TRUE(axonal_lags(*house().make<Model>("model", localisation_network(settings, task), "model"), task).empty());
  settings.delay_maximum = 0.2;
  for (const bool learns : {true, false}) {
    settings.learn_delays = learns;
    const auto model = house().make<Model>("model", localisation_network(settings, task), "model");
    const float delays[] = {0, 3.4F, -5, 150};  // in steps of 1 ms, a twentieth of the tone's cycle each
    for (const auto& all : {model->parameters(), model->buffers()})
      for (const NamedView& numbers : all)
        if (numbers.name == "delay.delay") std::ranges::copy(delays, numbers.values.as<float>().data());
    const std::vector<double> lags = axonal_lags(*model, task);
    ASSERT_EQ(lags.size(), 4u);
    EXPECT_EQ(lags[0], 0);
    EXPECT_NEAR(lags[1], 3 * pi / 10, 1e-12);
    EXPECT_NEAR(lags[2], 5 * pi / 10, 1e-12);
    EXPECT_TRUE(std::isnan(lags[3]));  // beyond the end of the sound
  }
}

TEST(TuningForetold, IsACorrelation) {
  const auto unit = coincidence_of_units(one_unit({0, 1}, {1, 0}), pi / 2)[0];
  const std::vector<double> angles = {-1, -0.5, 0, 0.5, 1};
  std::vector<double> rates;
  for (const double angle : angles) rates.push_back(7 + 3 * unit.drive_at(angle));
  EXPECT_NEAR(tuning_foretold(unit, angles, rates), 1, 1e-12);
  rates[2] = NAN;
  EXPECT_NEAR(tuning_foretold(unit, angles, rates), 1, 1e-12);
  for (double& rate : rates) rate = -rate;
  EXPECT_NEAR(tuning_foretold(unit, angles, rates), -1, 1e-12);
  EXPECT_TRUE(std::isnan(tuning_foretold(unit, angles, std::vector<double>(5, 2.5))));
}

TEST(UnitRole, NeedsWeightsAndFiring) {
  EXPECT_EQ(role_of(0.9, 0.8), UnitRole::detector);
  EXPECT_EQ(role_of(0.9, -0.8), UnitRole::dip);
  EXPECT_EQ(role_of(0.9, NAN), UnitRole::other);
  EXPECT_EQ(role_of(-0.9, 0.8), UnitRole::comparator);
  EXPECT_EQ(role_of(-0.9, -0.8), UnitRole::comparator);
  EXPECT_EQ(role_of(-0.9, 0.2), UnitRole::other);
  EXPECT_EQ(role_of(0.3, 0.9), UnitRole::other);
}

TEST(Bumps, AreCountedInAnOrder) {
  Tensor<double> w2({5, 3});
  const double columns[3][5] = {{0, 1, 0.9, 0.1, 0}, {1, 0.5, 0.8, -2, 0.6}, {-1, -1, 0, 0, 0}};
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t u = 0; u < 5; ++u) w2(u, k) = columns[k][u];
  const std::size_t as_it_is[] = {0, 1, 2, 3, 4}, other[] = {1, 0, 2, 4, 3};
  EXPECT_EQ(bumps(w2, as_it_is).of_column, (std::vector<std::size_t>{1, 3, 0}));
  EXPECT_EQ(bumps(w2, other).of_column, (std::vector<std::size_t>{2, 1, 0}));
  EXPECT_NEAR(bumps(w2, as_it_is).mean, 4. / 3, 1e-12);
  // by chance: the mean over all orders
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  double sum = 0;
  int orders = 0;
  do sum += bumps(w2, order).mean, ++orders;
  while (std::next_permutation(order.begin(), order.end()));
  EXPECT_NEAR(bumps(w2, as_it_is).by_chance, sum / orders, 1e-12);
}

TEST(NotebookOrder, IsByDelayAndWeakOnesLast) {
  // NumPy: A = hstack([arange(3), -arange(3)]); mean(A * w1, 0); inf where max < .5; argsort
  Tensor<double> w1({6, 4});
  const double columns[4][6] = {
      {0, 0, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 1}, {0.4, 0.4, 0.4, -9, 0.4, 0.4}, {0, 0.6, 0, 0, 0, 0}};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t i = 0; i < 6; ++i) w1(i, k) = columns[k][i];
  EXPECT_EQ(notebook_order(w1), (std::vector<std::size_t>{1, 3, 0, 2}));
}
}  // namespace
}  // namespace neurarium
