// The exact adjoint against SciPy's quad and central differences, identities, and the grid for dt → 0.
#include "neurarium/studies/eventprop/exact_adjoint.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "neurarium/studies/eventprop/grid_cell.hpp"
#include "neurarium/studies/eventprop/quadrature.hpp"
#include "neurarium/studies/eventprop/stored_anatomy_test.hpp"

namespace neurarium::anatomy {
namespace {

TEST(EventpropExact, IsWhatSciPySays) {
  const StoredAnatomy stored;
  for (const std::string& name : exact_names) {
    SCOPED_TRACE(name);
    const std::string key = "exact/" + name;
    const ExactCell cell = stored.exact_cell(name);
    const std::vector<double> found = exact_at_spikes(cell), lambda = stored.numbers(key + "/lambda"),
                              difference = stored.numbers(key + "/difference");
    ASSERT_EQ(found.size(), lambda.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_NEAR(found[k], lambda[k], 1e-12);
      EXPECT_NEAR(cell.weight * found[k], difference[k], 1e-8 * std::max(1e-2, std::abs(difference[k])));
    }
    const double loss = stored.numbers(key + "/loss")[0];
    EXPECT_NEAR(exact_loss(cell), loss, 1e-11 * std::max(1., std::abs(loss)));
    const std::vector<double> times = stored.numbers(key + "/times");
    const auto curve = stored.array(key + "/curve").as<double>();
    const std::vector<Lambda> lambdas = exact_lambdas(cell, times);
    for (std::size_t k = 0; k < times.size(); ++k) {
      EXPECT_NEAR(lambdas[k].v, curve(k, 0), 1e-12);
      EXPECT_NEAR(lambdas[k].i, curve(k, 1), 1e-12);
    }
  }
}

TEST(EventpropExact, TheTwoSpikesOfTheNotebook) {
  const std::vector<double> found = exact_at_spikes({{20, 5}, 1, {}, 1400, {100, 150}, false});
  EXPECT_NEAR(found[0], 1.3925e-4, 5e-9);
  EXPECT_NEAR(found[1], -1.3925e-4, 5e-9);
}

TEST(EventpropExact, SumsToWhatLeavesTheTrial) {
  const StoredAnatomy stored;
  for (const std::string& name : exact_names) {
    SCOPED_TRACE(name);
    const ExactCell cell = stored.exact_cell(name);
    double sum = 0;
    for (const double lambda : exact_at_spikes(cell)) sum += cell.weight * lambda;
    EXPECT_NEAR(sum, exact_total(cell), 1e-12 * std::abs(cell.weight));
  }
  ExactCell over{{20, 5}, 5, {20, false}, 1400, {300, 310, 333}, false};
  EXPECT_NEAR(exact_total(over), 0, 1e-15);
  over.total = 340;
  EXPECT_LT(exact_total(over), -0.01);  // a wrong output's loss rises with its V, so the spikes had better come later
}

TEST(EventpropExact, LabelIsHeardOnlyAtTheEnd) {
  ExactCell correct{{20, 5}, 3, {}, 400, {50, 60, 370, 395}, false};
  ExactCell wrong = correct;
  wrong.loss.correct = false;
  const std::vector<double> right = exact_at_spikes(correct), not_right = exact_at_spikes(wrong);
  for (std::size_t k = 0; k < 4; ++k)
    EXPECT_NEAR(right[k] - not_right[k],
                (std::exp(-(400 - correct.spikes[k]) / 20) - std::exp(-(400 - correct.spikes[k]) / 5)) / 3, 1e-13);
}

TEST(EventpropExact, RestingOutputsShareWhatTheCorrectOneGains) {
  ExactCell cell{{20, 5}, 2, {20, true}, 500, {50, 70}, false};
  const std::vector<double> times = {0, 50, 61, 70, 490};
  const std::vector<Lambda> correct = exact_lambdas(cell, times);
  cell.resting = true;
  const std::vector<Lambda> resting = exact_lambdas(cell, times);
  for (std::size_t k = 0; k < times.size(); ++k) {
    EXPECT_NEAR(resting[k].v, -correct[k].v / 19, 1e-14);
    EXPECT_NEAR(resting[k].i, -correct[k].i / 19, 1e-14);
  }
}

TEST(EventpropExact, MovesSpikesApartWhateverTheSigns) {
  for (const double weight : {1., -1., 8., -8.})
    for (const bool is_correct : {true, false})
      for (const double apart : {0.5, 5., 50.}) {
        const std::vector<double> found =
            exact_at_spikes({{20, 5}, weight, {20, is_correct}, 1400, {100, 100 + apart}, false});
        EXPECT_GT(weight * found[0], 0);
        EXPECT_LT(weight * found[1], 0);
      }
}

TEST(EventpropExact, EulerComesToItInProportionToDt) {
  const std::vector<double> exact = exact_at_spikes({{20, 5}, 1, {}, 1400, {100, 150}, false});
  std::vector<double> euler_error, centred_sum;
  for (const double dt : {0.2, 0.1, 0.05}) {
    const GridCell cell{{20, 5}, dt, corrected_jump(1, 5, dt)};
    const std::vector<std::size_t> spikes = {static_cast<std::size_t>(std::llround(100 / dt)),
                                             static_cast<std::size_t>(std::llround(150 / dt))};
    std::vector<double> drive;
    for (const double v : forward(cell, static_cast<std::size_t>(std::llround(1400 / dt)), spikes).v)
      drive.push_back(OutputLoss{}.drive(v));
    euler_error.push_back(at_spikes(euler_adjoint(cell, drive), spikes)[0] - exact[0]);
    const std::vector<double> centred = at_spikes(centred_adjoint(cell, drive), spikes);
    centred_sum.push_back(centred[0] + centred[1]);
  }
  for (std::size_t k = 1; k < 3; ++k) {
    EXPECT_NEAR(euler_error[k - 1] / euler_error[k], 2, 0.02);
    EXPECT_NEAR(centred_sum[k - 1] / centred_sum[k], 4, 0.1);
  }
}

TEST(EventpropExact, NoSpikes) {
  const ExactCell cell{{20, 5}, 1, {}, 100, {}, false};
  EXPECT_TRUE(exact_at_spikes(cell).empty());
  EXPECT_EQ(exact_loss(cell), 0);
  const std::vector<double> start = {0};
  // Drive 19/20 all the time.
  EXPECT_NEAR(exact_lambdas(cell, start)[0].v, 0.95 * (1 - std::exp(-5.)), 1e-13);
}

TEST(EventpropExact, WeightsThatOverflowTheExponential) {
  for (const bool is_correct : {true, false})
    for (const double weight : {5000., -5000.}) {
      const ExactCell cell{{20, 5}, weight, {20, is_correct}, 600, {50, 60}, false};
      double sum = 0;
      for (const double lambda : exact_at_spikes(cell)) {
        EXPECT_TRUE(std::isfinite(lambda));
        sum += weight * lambda;
      }
      EXPECT_NEAR(sum, exact_total(cell), 1e-8);
    }
  EXPECT_NEAR((OutputLoss{20, true}.loss(1000)), 0, 1e-300);
  EXPECT_NEAR((OutputLoss{20, true}.loss(-1000)), 1000 + std::log(19.), 1e-12);
  EXPECT_EQ((OutputLoss{20, false}.drive(1000)), -1);
}

TEST(EventpropQuadrature, IsExactForPolynomialsAndConvergesForTheRest) {
  const auto& rule = gauss_legendre();
  EXPECT_NEAR(std::accumulate(rule.weight.begin(), rule.weight.end(), 0.), 2, 1e-14);
  const auto power = [](double t) { return std::array<double, 2>{std::pow(t, 23), std::pow(t, 22)}; };
  const auto once = on_panel<2>(power, 0, 2);
  EXPECT_NEAR(once[0] / (std::pow(2, 24) / 24), 1, 1e-13);
  EXPECT_NEAR(once[1] / (std::pow(2, 23) / 23), 1, 1e-13);
  const auto steep = [](double t) { return std::array<double, 1>{1 / (1 + 1e4 * t * t)}; };
  EXPECT_NEAR(integrate<1>(steep, -1, 1, 1e-14)[0], 2e-2 * std::atan(100.), 1e-13);
  EXPECT_GT(std::abs(on_panel<1>(steep, -1, 1)[0] - 2e-2 * std::atan(100.)), 1e-4);
}

}  // namespace
}  // namespace neurarium::anatomy
