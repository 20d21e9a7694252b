// Every pass against its plain loop, on every instruction set this processor has, and what infinite numbers become.
#include "neurarium/kernels/gaussian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

constexpr std::size_t rows = 3, columns = 37, all = rows * columns;

template <class T>
class Gaussian : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
  using Numbers = std::vector<T>;
  static Numbers drawn(const char* name, std::size_t n = all, double low = -1) {
    std::vector<double> numbers(n);
    fill_uniform(Stream(6, name), {}, low, 1, numbers);
    return {numbers.begin(), numbers.end()};
  }
  /// What `work` leaves in its arrays is nearly the same by the vectorised and by the plain passes.
  static void compare(const std::function<std::vector<Numbers>(const GaussianPasses<T>&)>& work) {
    const auto expected = work(reference::gaussian_passes<T>());
    for (const std::int64_t target : runnable_targets()) {
      force_target(target);
      const auto found = work(gaussian_passes<T>());
      for (std::size_t k = 0; k < expected.size(); ++k)
        for (std::size_t i = 0; i < expected[k].size(); ++i)
          ASSERT_NEAR(static_cast<double>(found[k][i]), static_cast<double>(expected[k][i]),
                      40 * static_cast<double>(std::numeric_limits<T>::epsilon()))
              << "array " << k << '[' << i << ']';
    }
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Gaussian, Scalars);

TYPED_TEST(Gaussian, PassesForwardFollowThePlainLoops) {
  using T = TypeParam;
  const auto x = this->drawn("x"), y = this->drawn("y"), z = this->drawn("z"), positive = this->drawn("g", all, 0);
  this->compare([&](const GaussianPasses<T>& passes) {
    std::vector<T> totals(columns), away(all), sums(rows), away2(all), squares(all), a(all), weighted(all),
        products(rows), q = z, line = x, far = y, out(all), g = positive;
    passes.move_rows(x.data(), y.data(), rows, columns, away.data(), sums.data());
    passes.move_and_square(x.data(), y.data(), rows, columns, away2.data(), squares.data());
    passes.sum_columns(x.data(), rows, columns, totals.data());
    passes.weigh(x.data(), y.data(), T(7), rows, columns, a.data(), weighted.data(), products.data());
    const bool finite = passes.finish_exponents(x.data(), y.data(), positive.data(), rows, columns, q.data());
    g[5] = g[all - 1] = 0;
    passes.clear_far(g.data(), all, line.data(), far.data());
    g[40] = g[41] = g[all - 2] = 1;
    const std::size_t best = passes.answer(x.data(), g.data(), T(0.7), all, out.data());
    EXPECT_TRUE(finite);
    EXPECT_EQ(best, 40u);
    EXPECT_EQ(line[5], 0);
    EXPECT_EQ(far[all - 1], 0);
    return std::vector{totals, away, sums, away2, squares, a, weighted, products, q, line, far, out};
  });
}

TYPED_TEST(Gaussian, PassesBackFollowThePlainLoops) {
  using T = TypeParam;
  const auto x = this->drawn("x"), y = this->drawn("y"), z = this->drawn("z"), u = this->drawn("u");
  this->compare([&](const GaussianPasses<T>& passes) {
    std::vector<T> dline(all), dq(all), r(all), sums(rows), scaled(all), added = z, reach = y, dc = y, ds = z,
                                                                         inverse = z;
    const T dgate = passes.slopes(x.data(), y.data(), z.data(), T(0.7), all, dline.data(), dq.data());
    passes.scale_slopes(x.data(), y.data(), rows, columns, r.data(), sums.data());
    passes.scale_rows(x.data(), y.data(), rows, columns, scaled.data());
    passes.add_scaled_rows(x.data(), y.data(), rows, columns, added.data());
    passes.double_product(x.data(), all, reach.data());
    passes.diagonal_slopes(u.data(), x.data(), y.data(), z.data(), u.data(), rows, columns, dc.data(), ds.data());
    const auto above = this->drawn("above", all, 0.5);
    passes.add_inverse(above.data(), T(0.01), all, inverse.data());
    const T total = static_cast<T>(passes.sum_of_inverses(above.data(), all) / 200);
    return std::vector{dline, dq, r, sums, scaled, added, reach, dc, ds, inverse, std::vector<T>{dgate / 10, total}};
  });
}

TYPED_TEST(Gaussian, InfiniteNumbersDoNotCount) {
  using T = TypeParam;
  constexpr T infinite = std::numeric_limits<T>::infinity();
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    const auto& passes = gaussian_passes<T>();
    const std::vector<T> zeros(columns, 0), ones(columns, 1);
    for (std::size_t at : {std::size_t{0}, std::size_t{7}, columns - 1}) {
      std::vector<T> q(columns, 2), x(columns, infinite), reach(columns, 0), line(columns, infinite), g(columns, 1);
      EXPECT_TRUE(passes.finish_exponents(zeros.data(), zeros.data(), ones.data(), 1, columns, q.data()));
      q[at] = std::numeric_limits<T>::quiet_NaN();
      EXPECT_FALSE(passes.finish_exponents(zeros.data(), zeros.data(), ones.data(), 1, columns, q.data()));
      EXPECT_TRUE(std::isnan(q[at]));
      q[at] = infinite;
      EXPECT_FALSE(passes.finish_exponents(zeros.data(), zeros.data(), ones.data(), 1, columns, q.data()));
      EXPECT_EQ(q[at], infinite);
      g[at] = 0;
      passes.clear_far(g.data(), columns, line.data(), q.data());
      EXPECT_EQ(line[at], 0);
      EXPECT_EQ(q[at], 0);
      passes.double_product(x.data(), columns, reach.data());
      EXPECT_EQ(reach, zeros);
      passes.scale_rows(x.data(), zeros.data(), 1, columns, reach.data());
      EXPECT_EQ(reach, zeros);
    }
  }
}

}  // namespace
}  // namespace neurarium::kernels
