// Pooling against loops over its definition, on every instruction set this processor has.
#include "neurarium/kernels/pooling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
class PoolingOf : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(PoolingOf, Scalars);

/// One sample by the definition: the value, and where it was found first.
struct Largest {
  double value;
  std::size_t at;
};
template <class T>
Largest largest_of(const Pooling& g, const View<const T>& x, std::size_t c, std::size_t i, std::size_t j,
                   std::size_t n) {
  Largest found{-INFINITY, 0};
  for (std::size_t u = 0; u < g.size; ++u)
    for (std::size_t v = 0; v < g.size; ++v) {
      const std::size_t a = i * g.stride + u, b = j * g.stride + v;
      if (a < g.padding || b < g.padding || a - g.padding >= g.height || b - g.padding >= g.width) continue;
      const double value = static_cast<double>(x(c, a - g.padding, b - g.padding, n));
      if (value > found.value) found = {value, (a - g.padding) * g.width + b - g.padding};
    }
  return found;
}

TYPED_TEST(PoolingOf, FollowsItsDefinitionAndSendsTheGradientToTheFirstOfTheLargest) {
  using T = TypeParam;
  for (const Pooling& g : {Pooling{3, 6, 8, 2, 2, 0}, Pooling{2, 7, 5, 2, 2, 0}, Pooling{2, 7, 6, 3, 2, 1},
                           Pooling{1, 5, 5, 3, 1, 1}, Pooling{2, 9, 9, 2, 3, 0}})
    for (const std::size_t line : {std::size_t{32}, std::size_t{3}, std::size_t{1}}) {
      Tensor<T> x(Shape{g.channels, g.height, g.width, line});
      const Stream stream(2, "x");
      for (std::size_t i = 0; i < x.size(); ++i)  // few values: ties in every window
        x.flat()[i] = static_cast<T>(std::floor(4 * uniform(stream, {0, 0, 0, static_cast<std::uint32_t>(i)})) - 2);
      const Shape out{g.out()[0], g.out()[1], g.out()[2], line};
      Tensor<T> dy(out), expected(x.shape());
      for (std::size_t i = 0; i < dy.size(); ++i) dy.flat()[i] = static_cast<T>(static_cast<double>(i % 13) - 6);
      for (const std::int64_t target : runnable_targets()) {
        force_target(target);
        Tensor<T> y(out), dx(x.shape());
        dx.fill(7);  // whatever was there
        max_pool<T>(g, x.view(), y.view());
        max_pool_to_input<T>(g, x.view(), y.view(), dy.view(), dx.view());
        expected.fill(0);
        for (std::size_t c = 0; c < out[0]; ++c)
          for (std::size_t i = 0; i < out[1]; ++i)
            for (std::size_t j = 0; j < out[2]; ++j)
              for (std::size_t n = 0; n < line; ++n) {
                const Largest found = largest_of<T>(g, x.view(), c, i, j, n);
                ASSERT_EQ(static_cast<double>(y(c, i, j, n)), found.value) << c << ' ' << i << ' ' << j << ' ' << n;
                expected(c, found.at / g.width, found.at % g.width, n) += dy(c, i, j, n);
              }
        for (std::size_t i = 0; i < dx.size(); ++i) ASSERT_EQ(dx.flat()[i], expected.flat()[i]) << i;
      }
    }
}

TYPED_TEST(PoolingOf, MeansFollowTheirDefinitionAndTheWayBackIsTheirTranspose) {
  using T = TypeParam;
  for (const Pooling& g : {Pooling{3, 6, 8, 2, 2, 0}, Pooling{2, 7, 5, 2, 2, 0}, Pooling{2, 7, 6, 3, 2, 1},
                           Pooling{1, 5, 5, 3, 1, 1}, Pooling{2, 9, 9, 2, 3, 0}, Pooling{2, 4, 4, 4, 4, 2}})
    for (const std::size_t line : {std::size_t{32}, std::size_t{3}, std::size_t{1}}) {
      const auto with_line = [&](const Shape& s) { return Shape{s[0], s[1], s[2], line}; };
      Tensor<T> x(with_line(g.in())), dy(with_line(g.out()));
      for (std::size_t i = 0; i < x.size(); ++i)  // whole numbers: sums are exact in any order
        x.flat()[i] = static_cast<T>(static_cast<double>(i * 7 % 23) - 11);
      for (std::size_t i = 0; i < dy.size(); ++i) dy.flat()[i] = static_cast<T>(static_cast<double>(i * 5 % 13) - 6);
      Tensor<double> expected(dy.shape()), back(x.shape());
      const Shape out = g.out();
      const double window = static_cast<double>(g.size * g.size);
      for (std::size_t c = 0; c < out[0]; ++c)
        for (std::size_t i = 0; i < out[1]; ++i)
          for (std::size_t j = 0; j < out[2]; ++j)
            for (std::size_t a = 0; a < g.height; ++a)
              for (std::size_t b = 0; b < g.width; ++b) {
                const std::size_t u = a + g.padding - i * g.stride, v = b + g.padding - j * g.stride;  // wraps below 0
                if (u >= g.size || v >= g.size) continue;
                for (std::size_t n = 0; n < line; ++n) {
                  expected(c, i, j, n) += static_cast<double>(x(c, a, b, n)) / window;
                  back(c, a, b, n) += static_cast<double>(dy(c, i, j, n)) / window;
                }
              }
      for (const std::int64_t target : runnable_targets()) {
        force_target(target);
        Tensor<T> y(dy.shape()), dx(x.shape());
        dx.fill(7);  // whatever was there
        average_pool<T>(g, x.view(), y.view());
        average_pool_to_input<T>(g, dy.view(), dx.view());
        for (std::size_t i = 0; i < y.size(); ++i)
          ASSERT_NEAR(static_cast<double>(y.flat()[i]), expected.flat()[i], 20 * std::numeric_limits<T>::epsilon())
              << i;
        for (std::size_t i = 0; i < dx.size(); ++i)
          ASSERT_NEAR(static_cast<double>(dx.flat()[i]), back.flat()[i], 20 * std::numeric_limits<T>::epsilon()) << i;
      }
    }
}

TYPED_TEST(PoolingOf, NaNStays) {
  using T = TypeParam;
  for (std::size_t where = 0; where < 4; ++where) {
    Tensor<T> x(Shape{1, 2, 2, 16}), y(Shape{1, 1, 1, 16});
    x.flat()[where * 16 + 3] = std::numeric_limits<T>::quiet_NaN();
    max_pool<T>({1, 2, 2, 2, 2, 0}, x.view(), y.view());
    EXPECT_TRUE(std::isnan(y.flat()[3]));
    EXPECT_EQ(y.flat()[2], T(0));
  }
}

}  // namespace
}  // namespace neurarium::kernels
