// Sign reports of small matrices whose numbers are known by hand.
#include "neurarium/nn/sign_report.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {
namespace {

Array matrix(const Shape& shape, const std::vector<double>& numbers) {
  Array array(DType::f64, shape);
  for (std::size_t i = 0; i < numbers.size(); ++i) array.as<double>().flat()[i] = numbers[i];
  return array;
}

TEST(SignReport, CountsWhatViolatesAndBalances) {
  const Array w = matrix({2, 3}, {1, -2, 0, -0.5, 3, 4});
  const std::vector<signed char> signs = {1, 1, 1, 0, 1, -1};
  const SignReport report = sign_report(w, signs);
  EXPECT_EQ(report.constrained, 5u);
  EXPECT_EQ(report.violations, 2u);
  EXPECT_EQ(report.largest_violation, 4);
  ASSERT_EQ(report.balance.size(), 2u);
  EXPECT_EQ(report.balance[0].excitatory, 1u);
  EXPECT_EQ(report.balance[0].inhibitory, 1u);
  EXPECT_EQ(report.balance[0].excitatory_sum, 1);
  EXPECT_EQ(report.balance[0].inhibitory_sum, -2);
  EXPECT_DOUBLE_EQ(report.balance[0].balance(), -1.0 / 3);
  EXPECT_DOUBLE_EQ(report.balance[1].balance(), 6.5 / 7.5);
  EXPECT_EQ(SynapticBalance{}.balance(), 0);
}

TEST(SignReport, KnowsWhichAxisIsPostsynaptic) {
  const SignReport report = sign_report(matrix({2, 3}, {1, -2, 0, -0.5, 3, 4}), std::vector<signed char>(6, 0), 1);
  ASSERT_EQ(report.balance.size(), 3u);
  EXPECT_EQ(report.balance[0].inhibitory_sum, -0.5);
  EXPECT_EQ(report.balance[1].excitatory_sum, 3);
  EXPECT_EQ(report.constrained, 0u);
}

TEST(SignReport, TheSpectrumIsThatOfTheMatrix) {
  const auto spectrum = [](const Shape& shape, const std::vector<double>& numbers) {
    return sign_report(matrix(shape, numbers), std::vector<signed char>(numbers.size(), 0));
  };
  const SignReport equal = spectrum({2, 2}, {0, 2, -2, 0});
  EXPECT_NEAR(equal.singular_values.at(0), 2, 1e-14);
  EXPECT_NEAR(equal.spectral_entropy, 1, 1e-14);
  const SignReport one = spectrum({2, 3}, {1, 2, 3, 2, 4, 6});  // rank 1, √(14 + 56)
  EXPECT_NEAR(one.singular_values.at(0), std::sqrt(70), 1e-13);
  EXPECT_NEAR(one.spectral_entropy, 0, 1e-13);
  const SignReport diagonal = spectrum({2, 2, 1, 1}, {3, 0, 0, 1});
  EXPECT_NEAR(diagonal.spectral_entropy, -(0.75 * std::log(0.75) + 0.25 * std::log(0.25)) / std::log(2), 1e-14);
  EXPECT_EQ(spectrum({2, 2}, {0, 0, 0, 0}).spectral_entropy, 0);
}

TEST(SignReport, LooksAtTheWeightsThatAct) {
  Parameter<float> weight{"weight", Tensor<float>(Shape{2, 3})};
  weight.value.fill(0.5F);
  SignedWeight<float> signed_weight;
  DaleParams params;
  params.rule = "square";
  params.signs = "first";
  params.inhibitory_fraction = 0.5;  // one of two
  signed_weight.build(params, weight, 0, "lif1", 1);
  const SignReport report = sign_report(NamedView{"lif1.weight", MutableArrayView(weight.value.view()), weight.signs});
  ASSERT_EQ(report.balance.size(), 3u);  // axis 0 is presynaptic
  EXPECT_EQ(report.constrained, 6u);
  EXPECT_EQ(report.violations, 0u);
  for (const SynapticBalance& balance : report.balance) {
    EXPECT_NEAR(balance.excitatory_sum, 0.5, 1e-6);
    EXPECT_NEAR(balance.inhibitory_sum, -0.5, 1e-6);
  }
}

TEST(SignReport, RefusesWhatDoesNotFit) {
  EXPECT_THROW(sign_report(matrix({2, 2}, {1, 2, 3, 4}), std::vector<signed char>(3, 1)), ShapeError);
  EXPECT_THROW(sign_report(matrix({2, 2}, {1, NAN, 3, 4}), std::vector<signed char>(4, 1)), NumericError);
}

}  // namespace
}  // namespace neurarium
