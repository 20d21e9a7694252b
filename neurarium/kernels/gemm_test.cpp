#include "neurarium/kernels/gemm.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
Tensor<T> draw(const Shape& shape, const char* name) {
  Tensor<T> x(shape);
  fill_uniform(Stream(2, name), {}, -1, 1, x.flat());
  return x;
}

template <class T>
class Gemm : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Scalars);

TYPED_TEST(Gemm, EqualsTheThreeLoopsOnEveryInstructionSet) {
  using T = TypeParam;
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    const std::size_t shapes[][3] = {{1, 1, 1}, {1, 10, 300}, {32, 128, 784}, {3, 5, 7}, {17, 1, 9}};
    for (const auto& [m, n, k] : shapes)
      for (const Op op_a : {Op::none, Op::transpose})
        for (const Op op_b : {Op::none, Op::transpose})
          for (const T beta : {T(0), T(1), T(-0.5)}) {
            const Tensor<T> a = draw<T>(op_a == Op::none ? Shape{m, k} : Shape{k, m}, "a");
            const Tensor<T> b = draw<T>(op_b == Op::none ? Shape{k, n} : Shape{n, k}, "b");
            Tensor<T> c = draw<T>({m, n}, "c"), plain = c;
            gemm<T>(T(1.5), a.view(), op_a, b.view(), op_b, beta, c.view());
            reference::gemm<T>(T(1.5), a.view(), op_a, b.view(), op_b, beta, plain.view());
            for (std::size_t i = 0; i < c.size(); ++i)
              ASSERT_NEAR(static_cast<double>(c.flat()[i]), static_cast<double>(plain.flat()[i]),
                          (sizeof(T) == 4 ? 1e-6 : 1e-14) * static_cast<double>(k + 10));
          }
  }
  force_target(0);
}

TYPED_TEST(Gemm, BetaZeroForgetsWhatWasThere) {
  using T = TypeParam;
  Tensor<T> a(Shape{1, 1}), b(Shape{1, 1}), c(Shape{1, 1});
  a(0, 0) = 2, b(0, 0) = 3, c(0, 0) = std::numeric_limits<T>::quiet_NaN();
  gemm<T>(1, a.view(), Op::none, b.view(), Op::none, 0, c.view());
  EXPECT_EQ(c(0, 0), T(6));
}

TYPED_TEST(Gemm, RefusesShapesThatDoNotFit) {
  using T = TypeParam;
  Tensor<T> a(Shape{2, 3}), b(Shape{2, 4}), c(Shape{2, 4});
  EXPECT_THROW(gemm<T>(1, a.view(), Op::none, b.view(), Op::none, 0, c.view()), ShapeError);
}

}  // namespace
}  // namespace neurarium::kernels
