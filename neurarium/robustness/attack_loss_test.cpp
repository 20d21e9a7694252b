// Losses of attacks: slopes against central differences, values by hand, and what they cannot do.
#include "neurarium/robustness/attack_loss.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"

namespace neurarium {
namespace {

struct Evaluated {
  double value;
  std::vector<double> slope;
};

Evaluated evaluate(const std::string& loss, std::vector<double> z, std::int64_t label,
                   std::vector<std::size_t> target) {
  Tensor<double> slope(Shape{1, z.size()});
  double value = 0;
  const std::int64_t labels[] = {label};
  evaluate_attack_loss<double>(attack_loss_of(loss), View<const double>(z.data(), {1, z.size()}), labels, target,
                               {&value, 1}, slope.view());
  return {value, {slope.flat().begin(), slope.flat().end()}};
}

TEST(AttackLoss, SlopesAreCentralDifferences) {
  const double h = 1e-6;
  for (const std::string& loss : attack_loss_names())
    for (const std::vector<std::size_t>& target : {std::vector<std::size_t>{}, {4}})
      for (std::uint32_t draw = 0; draw < 20; ++draw) {
        std::vector<double> z(6);
        fill_uniform(Stream(1, "logits"), {draw, 0, 0, 0}, -2, 2, z);
        const Evaluated at = evaluate(loss, z, 2, target);
        for (std::size_t i = 0; i < z.size(); ++i) {
          // The scale of scale-free is held fixed: not where the largest |z| itself is moved.
          const auto largest = std::ranges::max_element(z, {}, [](double v) { return std::abs(v); }) - z.begin();
          if (loss == "scale-free" && static_cast<std::size_t>(largest) == i) continue;
          std::vector<double> up = z, down = z;
          up[i] += h, down[i] -= h;
          const double difference =
              (evaluate(loss, up, 2, target).value - evaluate(loss, down, 2, target).value) / (2 * h);
          EXPECT_NEAR(at.slope[i], difference, 1e-7) << loss << (target.empty() ? "" : " towards 4") << ' ' << i;
        }
      }
}

TEST(AttackLoss, ValuesByHand) {
  const std::vector<double> z{1, 4, 3, 2};
  EXPECT_DOUBLE_EQ(evaluate("margin", z, 1, {}).value, -1);
  EXPECT_DOUBLE_EQ(evaluate("margin", z, 0, {}).value, 3);
  EXPECT_DOUBLE_EQ(evaluate("margin", z, 1, {3}).value, -2);
  EXPECT_NEAR(evaluate("dlr", z, 1, {}).value, -1.0 / 2, 1e-11);
  EXPECT_NEAR(evaluate("dlr", z, 1, {0}).value, -3.0 / (4 - 1.5), 1e-11);
  const double sum = std::exp(1) + std::exp(4) + std::exp(3) + std::exp(2);
  EXPECT_NEAR(evaluate("cross-entropy", z, 0, {}).value, std::log(sum) - 1, 1e-12);
  EXPECT_NEAR(evaluate("cross-entropy", z, 0, {2}).value, 3 - std::log(sum), 1e-12);
  EXPECT_NEAR(evaluate("confidence", z, 1, {}).value, 3 - std::log(sum), 1e-12);
  EXPECT_NEAR(evaluate("confidence", z, 1, {3}).value, 2 - std::log(sum), 1e-12);
}

TEST(AttackLoss, SmallLogitsHideTheSlopeOfCrossEntropyButNotOfTheOthers) {
  std::vector<double> z{3, 1, -2, 0.5, -1}, small = z;
  for (double& v : small) v *= 1e-9;
  for (const char* loss : {"scale-free", "dlr"}) {
    EXPECT_NEAR(evaluate(loss, z, 0, {}).value, evaluate(loss, small, 0, {}).value, 1e-2) << loss;
    EXPECT_GT(std::abs(evaluate(loss, small, 0, {}).slope[0]), 1e6) << loss;
  }
  EXPECT_LT(std::abs(evaluate("cross-entropy", small, 0, {}).slope[0]), 1);
}

TEST(AttackLoss, StaysFinite) {
  for (const std::string& loss : attack_loss_names())
    for (const std::vector<double>& z : {std::vector<double>{0, 0, 0, 0}, {1e300, -1e300, 0, 1}, {5, 5, 5, 4}}) {
      const Evaluated at = evaluate(loss, z, 0, {});
      EXPECT_TRUE(std::isfinite(at.value)) << loss;
      for (const double s : at.slope) EXPECT_TRUE(std::isfinite(s)) << loss;
    }
}

TEST(AttackLoss, SaysHowManyClassesItCompares) {
  EXPECT_NO_THROW(evaluate("margin", {1, 2}, 0, {}));
  EXPECT_NO_THROW(evaluate("dlr", {1, 2, 3}, 0, {}));
  EXPECT_NO_THROW(evaluate("dlr", {1, 2, 3, 4}, 0, {1}));
  EXPECT_THROW(evaluate("dlr", {1, 2}, 0, {}), SpecError);
  try {
    evaluate("dlr", {1, 2, 3}, 0, {1});
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("towards a class compares at least 4 classes, and the network has 3"));
  }
}

}  // namespace
}  // namespace neurarium
