// Values and derivatives beside PyTorch's in float64 (validation/backprop/write_activations.py).
#include "neurarium/nn/activation_function.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

Array oracle(const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/backprop/activations.npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}

template <class T>
struct Sheet {
  Tensor<T> y, slope;
};
template <class T>
Sheet<T> sheet_of(ActivationFunction g, View<const double> points) {
  const Tensor<T> a = to_tensor<T>(points);
  Sheet<T> sheet{Tensor<T>(a.shape()), Tensor<T>(a.shape())};
  activate(g, a.view(), sheet.y.view());
  sheet.slope.fill(1);
  multiply_by_derivative(g, needs_input(g) ? a.view() : View<const T>{}, sheet.y.view(), sheet.slope.view());
  return sheet;
}

class Activation : public testing::TestWithParam<std::string> {};

TEST_P(Activation, EqualsPyTorch) {
  const Array points = oracle("x"), expected = oracle(GetParam());
  const Sheet<double> found = sheet_of<double>(activation_function(GetParam()), points.as<double>());
  const auto e = expected.as<double>();
  for (std::size_t i = 0; i < found.y.size(); ++i) {
    const double x = points.as<double>()(i);
    // The derivatives by y = 1 − tiny lose the digits that y has lost: absolute for them.
    EXPECT_NEAR(found.y(i), e(0, i), 4e-16 * std::max(1.0, std::abs(e(0, i)))) << "value at " << x;
    EXPECT_NEAR(found.slope(i), e(1, i), 5e-16) << "derivative at " << x;
  }
}

TEST_P(Activation, FloatFollows) {
  const Array points = oracle("x"), expected = oracle(GetParam());
  const Sheet<float> found = sheet_of<float>(activation_function(GetParam()), points.as<double>());
  const auto e = expected.as<double>();
  for (std::size_t i = 0; i < found.y.size(); ++i) {
    EXPECT_NEAR(found.y(i), e(0, i), 2e-6) << points.as<double>()(i);
    EXPECT_NEAR(found.slope(i), e(1, i), 2e-6) << points.as<double>()(i);
  }
}

TEST_P(Activation, MayOverwriteItsInput) {
  const Array points = oracle("x");
  Tensor<double> y = to_tensor<double>(points.view());
  const auto g = activation_function(GetParam());
  activate(g, y.view(), y.view());
  const Sheet<double> apart = sheet_of<double>(g, points.as<double>());
  for (std::size_t i = 0; i < y.size(); ++i) ASSERT_EQ(y(i), apart.y(i));
}

TEST_P(Activation, KeepsNaNAndStaysFiniteFarOut) {
  Tensor<double> a(Shape{3}), y(Shape{3}), slope(Shape{3});
  a(0) = NAN, a(1) = 1000, a(2) = -1000;
  const auto g = activation_function(GetParam());
  activate(g, a.view(), y.view());
  slope.fill(1);
  multiply_by_derivative(g, a.view(), y.view(), slope.view());
  EXPECT_TRUE(std::isnan(y(0)));
  for (const int i : {1, 2}) {
    EXPECT_TRUE(std::isfinite(y(i))) << a(i);
    EXPECT_TRUE(std::isfinite(slope(i))) << a(i);
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, Activation, testing::ValuesIn(activation_function_names()),
                         [](const auto& one) { return one.param; });

TEST(ActivationFunction, ReluHasNoSlopeAtZero) {
  Tensor<double> a(Shape{1}), delta(Shape{1});
  delta.fill(1);
  multiply_by_derivative(ActivationFunction::relu, {}, a.view(), delta.view());
  EXPECT_EQ(delta(0), 0);
}

TEST(ActivationFunction, UnknownNamesAreListed) {
  try {
    activation_function("sigmoid");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("logistic"), std::string::npos);
  }
}

}  // namespace
}  // namespace neurarium
