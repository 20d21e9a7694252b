// Columns against plain loops, on every instruction set this processor has: the same bits, whatever the vector's width.
#include "neurarium/kernels/columns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class Columns : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
  static Tensor<T> numbers(const Shape& shape, const char* path) {
    Tensor<T> tensor(shape);
    fill_uniform(Stream(1, path), {}, -2, 3, tensor.flat());
    return tensor;
  }
  static std::vector<double> wide(const Tensor<T>& tensor) { return {tensor.flat().begin(), tensor.flat().end()}; }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Columns, Scalars);

TYPED_TEST(Columns, FollowPlainLoopsBitByBit) {
  using T = TypeParam;
  for (const Shape& shape : {Shape{7, 64}, Shape{5, 3}, Shape{1, 21}, Shape{9, 47}}) {
    const std::size_t rows = shape[0], width = shape[1];
    const Tensor<T> x = this->numbers(shape, "x"), d = this->numbers(shape, "d");
    const Tensor<T> a = this->numbers({width}, "a"), b = this->numbers({width}, "b"), c = this->numbers({width}, "c"),
                    e = this->numbers({width}, "e");
    const std::vector<double> shift = this->wide(a);
    std::vector<double> sums(width), squares(width), delta_sums(width), products(width);
    Tensor<T> scaled(shape), removed(shape);
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t i = 0; i < rows; ++i) {
        const double centred = static_cast<double>(x(i, j)) - shift[j];
        sums[j] += centred, squares[j] += centred * centred;
        delta_sums[j] += static_cast<double>(d(i, j)), products[j] += static_cast<double>(d(i, j)) * centred;
        scaled(i, j) = (x(i, j) - a(j)) * b(j) + c(j);
        removed(i, j) = (d(i, j) - c(j) - (x(i, j) - a(j)) * e(j)) * b(j);
      }
    for (const std::int64_t target : runnable_targets()) {
      force_target(target);
      std::vector<double> first(width), second(width);
      column_moments<T>(x.view(), shift, first, second);
      EXPECT_EQ(first, sums);
      EXPECT_EQ(second, squares);
      column_products<T>(d.view(), x.view(), shift, first, second);
      EXPECT_EQ(first, delta_sums);
      EXPECT_EQ(second, products);
      Tensor<T> y(shape);
      scale_columns<T>(x.view(), a.flat(), b.flat(), c.flat(), y.view());
      EXPECT_TRUE(std::ranges::equal(y.flat(), scaled.flat()));
      remove_from_columns<T>(d.view(), x.view(), c.flat(), a.flat(), e.flat(), b.flat(), y.view());
      EXPECT_TRUE(std::ranges::equal(y.flat(), removed.flat()));
    }
  }
}

TYPED_TEST(Columns, RefuseListsOfAnotherLength) {
  using T = TypeParam;
  const Tensor<T> x(Shape{2, 3});
  std::vector<double> three(3), two(2);
  EXPECT_THROW(column_moments<T>(x.view(), two, three, three), ShapeError);
}

}  // namespace
}  // namespace neurarium::kernels
