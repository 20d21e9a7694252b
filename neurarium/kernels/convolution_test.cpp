// The convolution against plain loops over its equation, on every instruction set this processor has.
#include "neurarium/kernels/convolution.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/array.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

struct Case {
  Convolution convolution;
  std::size_t samples;
};

// Every remainder of the tiles, strides that leave a rest, padding wider than the kernel, groups, one-row images.
const Case cases[] = {
    {{1, 9, 8, 20, 5, 5}, 16},         {{3, 7, 6, 13, 3, 3, 1, 1}, 32},      {{4, 9, 9, 6, 3, 3, 2, 1, 1, 2}, 48},
    {{2, 8, 5, 5, 2, 2, 1, 2, 2}, 16}, {{6, 4, 4, 9, 1, 1, 1, 0, 1, 3}, 16}, {{5, 1, 11, 7, 1, 4, 3, 2}, 16},
    {{2, 3, 3, 1, 3, 3, 1, 5}, 16},    {{7, 6, 6, 24, 4, 4, 1, 0}, 32},      {{1, 5, 5, 3, 5, 5, 4, 3, 2}, 16},
};

template <class T>
Tensor<T> random_numbers(const Shape& shape, const char* name) {
  Tensor<double> x(shape);
  fill_uniform(Stream(1, name), {}, -1, 1, x.flat());
  return to_tensor<T>(x.view());
}

template <class T>
class ConvolutionKernel : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
  static void expect_near(const Tensor<T>& found, const Tensor<T>& expected, const std::string& what) {
    T largest = 1;
    for (const T e : expected.flat()) largest = std::max(largest, std::abs(e));
    const T tolerance = largest * (sizeof(T) == 4 ? T(1e-5) : T(1e-13));
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(found.flat()[i], expected.flat()[i], tolerance) << what << '[' << i << ']';
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(ConvolutionKernel, Scalars);

TYPED_TEST(ConvolutionKernel, EqualsPlainLoopsOnEveryInstructionSet) {
  using T = TypeParam;
  for (const auto& [g, line] : cases) {
    const auto with_line = [n = line](const Shape& s) { return Shape{s[0], s[1], s[2], n}; };
    const auto x = random_numbers<T>(with_line(g.in()), "x"), w = random_numbers<T>(g.weights(), "w"),
               b = random_numbers<T>(Shape{g.filters}, "b"), dy = random_numbers<T>(with_line(g.out()), "dy");
    for (const bool relu : {false, true}) {
      Tensor<T> y(dy.shape()), dx(x.shape()), dw(w.shape());
      reference::convolve<T>(g, x.view(), w.view(), b.view(), relu, y.view());
      reference::convolve_to_input<T>(g, dy.view(), w.view(), dx.view());
      reference::convolve_to_weights<T>(g, x.view(), dy.view(), dw.view());
      for (const std::int64_t target : runnable_targets()) {
        force_target(target);
        const std::string where = "filters " + std::to_string(g.filters) + ", target " + std::to_string(target);
        Tensor<T> found_y(y.shape()), found_dx(dx.shape()), found_dw(dw.shape()), scratch;
        convolve<T>(g, x.view(), w.view(), b.view(), relu, scratch, found_y.view());
        convolve_to_input<T>(g, dy.view(), w.view(), scratch, found_dx.view());
        convolve_to_weights<T>(g, x.view(), dy.view(), found_dw.view());
        this->expect_near(found_y, y, "y, " + where);
        this->expect_near(found_dx, dx, "dx, " + where);
        this->expect_near(found_dw, dw, "dw, " + where);
      }
    }
  }
}

TYPED_TEST(ConvolutionKernel, OneSampleAfterTheOtherGivesTheSame) {
  using T = TypeParam;
  for (const auto& [g, samples] : cases) {
    const auto lines = [n = samples](const Shape& s) { return Shape{s[0], s[1], s[2], n}; };
    const auto swapped = [](const Tensor<T>& in, bool samples_first) {  // [a, n] ↔ [n, a]
      const std::size_t rows = samples_first ? in.shape()[0] : in.size() / in.shape()[3], columns = in.size() / rows;
      const Shape& s = in.shape();
      Tensor<T> out(samples_first ? Shape{s[1], s[2], s[3], s[0]} : Shape{s[3], s[0], s[1], s[2]});
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) out.flat()[j * rows + i] = in.flat()[i * columns + j];
      return out;
    };
    const auto x = random_numbers<T>(lines(g.in()), "x"), w = random_numbers<T>(g.weights(), "w"),
               b = random_numbers<T>(Shape{g.filters}, "b"), dy = random_numbers<T>(lines(g.out()), "dy");
    Tensor<T> y(dy.shape()), dx(x.shape()), dw(w.shape());
    reference::convolve<T>(g, x.view(), w.view(), b.view(), true, y.view());
    reference::convolve_to_input<T>(g, dy.view(), w.view(), dx.view());
    reference::convolve_to_weights<T>(g, x.view(), dy.view(), dw.view());
    const Tensor<T> entries = swapped(x, false), slopes = swapped(dy, false);
    Tensor<T> found_y(slopes.shape()), found_dx(entries.shape()), found_dw(w.shape()), scratch;
    convolve_entries<T>(g, entries.view(), w.view(), b.view(), true, scratch, found_y.view());
    convolve_entries_to_input<T>(g, slopes.view(), w.view(), scratch, found_dx.view());
    convolve_entries_to_weights<T>(g, entries.view(), slopes.view(), scratch, found_dw.view());
    this->expect_near(swapped(found_y, true), y, "y");
    this->expect_near(swapped(found_dx, true), dx, "dx");
    this->expect_near(found_dw, dw, "dw");
  }
}

TYPED_TEST(ConvolutionKernel, RefusesShapesThatDoNotFit) {
  using T = TypeParam;
  const Convolution g{2, 4, 4, 3, 3, 3};
  Tensor<T> x(Shape{2, 4, 4, 16}), w(g.weights()), y(Shape{3, 2, 2, 16}), scratch;
  EXPECT_NO_THROW(convolve<T>(g, x.view(), w.view(), {}, false, scratch, y.view()));
  Tensor<T> wrong(Shape{3, 3, 2, 16});
  EXPECT_THROW(convolve<T>(g, x.view(), w.view(), {}, false, scratch, wrong.view()), ShapeError);
  EXPECT_THROW(convolve<T>(g, wrong.view(), w.view(), {}, false, scratch, y.view()), ShapeError);
  EXPECT_THROW(convolve_to_weights<T>(g, x.view(), y.view(), x.view()), ShapeError);
}

}  // namespace
}  // namespace neurarium::kernels
