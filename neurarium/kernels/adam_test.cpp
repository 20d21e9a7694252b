// The vectorised step against the plain loop, bit by bit, on every instruction set this processor has.
#include "neurarium/kernels/adam.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class Adam : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
  static std::vector<T> drawn(const char* name, double low) {
    std::vector<double> numbers(101);
    fill_uniform(Stream(5, name), {}, low, 1, numbers);
    return {numbers.begin(), numbers.end()};
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Adam, Scalars);

TYPED_TEST(Adam, GivesTheBitsOfThePlainLoop) {
  using T = TypeParam;
  const AdamStep<T> step{T(0.9), T(0.1), T(0.999), T(0.001), T(1e-8), T(0.01), T(0.3), T(0.02), T(0.99)};
  const std::vector<T> g = this->drawn("g", -1);
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    std::vector<T> m = this->drawn("m", -1), s = this->drawn("s", 0), w = this->drawn("w", -1);
    std::vector<T> plain_m = m, plain_s = s, plain_w = w;
    adam<T>(step, g, m, s, w);
    reference::adam<T>(step, g, plain_m, plain_s, plain_w);
    EXPECT_EQ(m, plain_m);
    EXPECT_EQ(s, plain_s);
    EXPECT_EQ(w, plain_w);
    EXPECT_NE(w, this->drawn("w", -1));
  }
}

}  // namespace
}  // namespace neurarium::kernels
