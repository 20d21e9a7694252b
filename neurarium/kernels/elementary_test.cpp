// exp and tanh against the standard library in double, on every instruction set this processor has.
#include "neurarium/kernels/elementary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class Elementary : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Elementary, Scalars);

TYPED_TEST(Elementary, IsAccurateEverywhere) {
  using T = TypeParam;
  constexpr T eps = std::numeric_limits<T>::epsilon();
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    Tensor<T> x(Shape{2001}), y(Shape{2001}), z(Shape{2001});
    for (std::size_t i = 0; i < x.size(); ++i) x(i) = static_cast<T>((static_cast<double>(i) - 1000) * 0.04);
    exponential<T>(-2, x.view(), y.view());
    hyperbolic_tangent<T>(x.view(), z.view());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double at = static_cast<double>(x(i));
      ASSERT_NEAR(static_cast<double>(y(i)) / std::exp(-2 * at), 1, 4 * static_cast<double>(eps)) << at;
      ASSERT_NEAR(static_cast<double>(z(i)), std::tanh(at), 4 * static_cast<double>(eps) * std::abs(std::tanh(at)))
          << at;
    }
  }
}

TYPED_TEST(Elementary, AtTheEndsAndForNaN) {
  using T = TypeParam;
  constexpr T infinite = std::numeric_limits<T>::infinity(), lost = std::numeric_limits<T>::quiet_NaN();
  Tensor<T> x(Shape{5});
  x(0) = infinite, x(1) = -infinite, x(2) = lost, x(3) = 0, x(4) = std::numeric_limits<T>::max();
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    Tensor<T> y(Shape{5}), z(Shape{5});
    exponential<T>(-1, x.view(), y.view());
    hyperbolic_tangent<T>(x.view(), z.view());
    EXPECT_EQ(y(0), T(0));
    EXPECT_EQ(y(1), infinite);
    EXPECT_TRUE(std::isnan(y(2)));
    EXPECT_EQ(y(3), T(1));
    EXPECT_EQ(y(4), T(0));
    EXPECT_EQ(z(0), T(1));
    EXPECT_EQ(z(1), T(-1));
    EXPECT_TRUE(std::isnan(z(2)));
    EXPECT_EQ(z(3), T(0));
  }
}

TYPED_TEST(Elementary, NearZeroTanhKeepsItsDigits) {
  using T = TypeParam;
  Tensor<T> x(Shape{3}), y(Shape{3}), plain(Shape{3});
  x(0) = T(1e-6), x(1) = T(-3e-4), x(2) = T(1e-20);
  hyperbolic_tangent<T>(x.view(), y.view());
  reference::hyperbolic_tangent<T>(x.view(), plain.view());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(static_cast<double>(y(i) / plain(i)), 1, 1e-6);
}

}  // namespace
}  // namespace neurarium::kernels
