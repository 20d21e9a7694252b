#include "neurarium/kernels/finite.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class Finite : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Finite, Scalars);

TYPED_TEST(Finite, FindsEveryKindAtEveryPlaceOnEveryInstructionSet) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    for (const std::size_t count : {0, 1, 7, 64, 131}) {
      Tensor<T> x(Shape{count});
      for (T& value : x.flat()) value = Limits::max();  // whose sum would be infinite
      EXPECT_TRUE(all_finite<T>(std::as_const(x).view())) << count;
      for (std::size_t i = 0; i < count; ++i)
        for (const T bad : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
          const T before = std::exchange(x(i), bad);
          EXPECT_FALSE(all_finite<T>(std::as_const(x).view())) << count << ' ' << i;
          x(i) = before;
        }
    }
  }
}

}  // namespace
}  // namespace neurarium::kernels
