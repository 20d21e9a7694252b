// Steps in a box against the plain loops and against numbers by hand, on every instruction set this processor has.
#include "neurarium/kernels/steps.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class Steps : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
  static std::vector<T> draw(const char* what, std::size_t n, double low, double high) {
    std::vector<T> numbers(n);
    fill_uniform(Stream(1, what), {}, low, high, std::span<T>(numbers));
    return numbers;
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Steps, Scalars);

TYPED_TEST(Steps, HaveTheBitsOfThePlainLoops) {
  using T = TypeParam;
  for (const std::int64_t target : runnable_targets())
    for (const std::size_t n : {1u, 7u, 16u, 37u, 200u}) {
      force_target(target);
      const std::vector<T> centre = this->draw("centre", n, 0, 1), first = this->draw("x", n, 0, 1);
      std::vector<T> direction = this->draw("direction", n, -1, 1);
      direction[n / 2] = 0;
      direction[n - 1] = std::numeric_limits<T>::quiet_NaN();
      const Box<T> box{centre, T(0.3), T(0.1), T(0.9)};
      std::vector<T> x = first, plain = first;
      sign_step<T>(box, direction, T(0.2), x);
      reference::sign_step<T>(box, direction, T(0.2), plain);
      EXPECT_EQ(x, plain);
      std::vector<T> before = this->draw("before", n, 0, 1), plain_before = before;
      x = plain = first;
      momentum_step<T>(box, direction, T(0.2), T(0.75), before, x);
      reference::momentum_step<T>(box, direction, T(0.2), T(0.75), plain_before, plain);
      EXPECT_EQ(x, plain);
      EXPECT_EQ(before, first);
      EXPECT_EQ(plain_before, first);
      for (std::size_t i = 0; i < n; ++i) EXPECT_TRUE(x[i] >= T(0.1) && x[i] <= T(0.9));
    }
}

TYPED_TEST(Steps, ByHand) {
  using T = TypeParam;
  const std::vector<T> centre{0.5, 0.5, 0.5, 0.5, 0}, direction{2, -2, 0, 1, -1};
  const Box<T> box{centre, T(0.25), T(0), T(0.625)};
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    std::vector<T> x{0.5, 0.5, 0.5, 0.625, 0.125}, before{0.5, 0.5, 0.25, 0.5, 0.125};
    sign_step<T>(box, direction, T(0.125), x);
    EXPECT_EQ(x, (std::vector<T>{0.625, 0.375, 0.5, 0.625, 0}));
    x = {0.5, 0.5, 0.5, 0.5, 0.125};
    momentum_step<T>(box, direction, T(0.125), T(0.75), before, x);
    EXPECT_EQ(x, (std::vector<T>{0.59375, 0.40625, 0.5625, 0.59375, T(0.03125)}));
  }
}

TYPED_TEST(Steps, TheLargestMagnitude) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    for (const std::size_t n : {1u, 5u, 16u, 39u}) {
      std::vector<T> x = this->draw("numbers", n, -1, 1);
      EXPECT_EQ(largest_magnitude<T>(x), reference::largest_magnitude<T>(x));
      for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
        std::vector<T> other = x;
        other[at] = -3;
        EXPECT_EQ(largest_magnitude<T>(other), 3);
        for (const T odd : {nan, infinity, -infinity}) {
          other[at] = odd;
          EXPECT_EQ(largest_magnitude<T>(other), infinity);
          EXPECT_EQ(reference::largest_magnitude<T>(other), infinity);
        }
      }
    }
    EXPECT_EQ(largest_magnitude<T>(std::span<const T>{}), 0);
  }
}

}  // namespace
}  // namespace neurarium::kernels
