// The logistic function against std::exp in double, on every instruction set this processor has.
#include "neurarium/kernels/logistic.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class Logistic : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Logistic, Scalars);

TYPED_TEST(Logistic, IsAccurateEverywhere) {
  using T = TypeParam;
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    Tensor<T> x(Shape{2001}), y(Shape{2001});
    for (std::size_t i = 0; i < x.size(); ++i) x(i) = static_cast<T>((static_cast<double>(i) - 1000) * 0.08);
    logistic<T>(x.view(), y.view());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = 1 / (1 + std::exp(-static_cast<double>(x(i))));
      ASSERT_NEAR(static_cast<double>(y(i)) / exact, 1, sizeof(T) == 4 ? 1e-6 : 1e-14) << x(i);
    }
  }
}

TYPED_TEST(Logistic, AtTheEndsAndForNaN) {
  using T = TypeParam;
  Tensor<T> x(Shape{4});
  x(0) = T(1e30), x(1) = T(-1e30), x(2) = std::numeric_limits<T>::quiet_NaN(), x(3) = 0;
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    Tensor<T> y(Shape{4});
    logistic<T>(x.view(), y.view());
    EXPECT_EQ(y(0), T(1));
    EXPECT_LT(y(1), T(1e-30));
    EXPECT_TRUE(std::isnan(y(2)));
    EXPECT_EQ(y(3), T(0.5));
  }
}

}  // namespace
}  // namespace neurarium::kernels
