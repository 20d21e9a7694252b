// The row kernels against their plain references and by hand, on every instruction set this processor has.
#include "neurarium/kernels/rows.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
Tensor<T> draw(const Shape& shape, const char* name, double low, double high) {
  Tensor<T> x(shape);
  fill_uniform(Stream(1, name), {}, low, high, x.flat());
  return x;
}

template <class T>
void expect_near(const Tensor<T>& a, const Tensor<T>& b, double tolerance) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(static_cast<double>(a.flat()[i]), static_cast<double>(b.flat()[i]),
                tolerance * std::max(1.0, std::abs(static_cast<double>(b.flat()[i]))))
        << i;
}

template <class T>
class Rows : public testing::Test {
 protected:
  static constexpr double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-13;
  void TearDown() override { force_target(0); }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Rows, Scalars);

TYPED_TEST(Rows, UpdateAndProjectEqualsTheReference) {
  using T = TypeParam;
  for (const std::int64_t target : runnable_targets())
    for (const std::size_t n : {1, 3, 4, 7, 20})
      for (const std::size_t d : {1, 5, 16, 300})
        for (const bool clip : {false, true}) {
          force_target(target);
          Tensor<T> w = draw<T>({n, d}, "w", 0, 1), plain = w;
          const Tensor<T> gain = draw<T>({n}, "gain", 0, 0.02), q = draw<T>({d}, "q", -1, 80),
                          v = draw<T>({d}, "v", 0, 1);
          Tensor<T> a(Shape{n}), b(Shape{n});
          const RowUpdate<T> update{gain.view(), q.view(), T(0.9), clip, T(0.05)};
          update_rows_and_project<T>(w.view(), update, v.view(), a.view());
          reference::update_rows_and_project<T>(plain.view(), update, v.view(), b.view());
          expect_near(w, plain, this->tolerance);
          expect_near(a, b, this->tolerance * static_cast<double>(d));
        }
}

TYPED_TEST(Rows, ByHand) {
  using T = TypeParam;
  Tensor<T> w(Shape{2, 2}), gain(Shape{2}), q(Shape{2}), v(Shape{2}), a(Shape{2});
  w(0, 0) = 1, w(0, 1) = 2, w(1, 0) = 4, w(1, 1) = T(0.25);
  gain(0) = T(0.5), gain(1) = 1;
  q(0) = 3, q(1) = T(-0.5);
  v(0) = 1, v(1) = 10;
  // Growth is bounded by 1: 0.5·3 → 1, 1·3 → 1. Then weights not above 0.2 become 0: 0.25·(1 − 0.5) = 0.125 → 0.
  update_rows_and_project<T>(w.view(), {gain.view(), q.view(), T(1), true, T(0.2)}, v.view(), a.view());
  EXPECT_EQ(w(0, 0), T(2));
  EXPECT_EQ(w(0, 1), T(1.5));
  EXPECT_EQ(w(1, 0), T(8));
  EXPECT_EQ(w(1, 1), T(0));
  EXPECT_EQ(a(0), T(17));
  EXPECT_EQ(a(1), T(8));
}

TYPED_TEST(Rows, ZeroGainKeepsEveryBit) {
  using T = TypeParam;
  Tensor<T> w = draw<T>({6, 37}, "w", 0, 1), gain(Shape{6}), a(Shape{6});
  const Tensor<T> before = w, q = draw<T>({37}, "q", -1, 1e9), v = draw<T>({37}, "v", 0, 1);
  update_rows_and_project<T>(w.view(), {gain.view(), q.view()}, v.view(), a.view());
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_EQ(w.flat()[i], before.flat()[i]);
}

TYPED_TEST(Rows, WeightedSumEqualsTheReference) {
  using T = TypeParam;
  for (const std::int64_t target : runnable_targets())
    for (const std::size_t n : {1, 2, 4, 9})
      for (const std::size_t d : {1, 7, 64, 301}) {
        force_target(target);
        const Tensor<T> w = draw<T>({n, d}, "w", 0, 1), o = draw<T>({n}, "o", 0, 1);
        Tensor<T> r(Shape{d}), plain(Shape{d});
        weighted_sum_of_rows<T>(w.view(), o.view(), r.view());
        reference::weighted_sum_of_rows<T>(w.view(), o.view(), plain.view());
        expect_near(r, plain, this->tolerance);
      }
}

TYPED_TEST(Rows, LogisticIsAccurateEverywhere) {
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

TYPED_TEST(Rows, LogisticAtTheEndsAndForNaN) {
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
