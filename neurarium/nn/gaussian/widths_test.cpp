// The expanded squares against the plain sums over inputs, which are their reference: exponents, gradients, mean widths.
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/gaussian/widths_kinds.hpp"

namespace neurarium {
namespace {

constexpr std::size_t n = 9, units = 5, d = 21;

Tensor<double> drawn(const char* name, const Shape& shape, double low = -1) {
  Tensor<double> numbers(shape);
  fill_uniform(Stream(8, name), {}, low, 1, numbers.flat());
  return numbers;
}

struct Answers {
  Tensor<double> q{Shape{n, units}}, dcentres{Shape{units, d}}, dwidths, dx{Shape{n, d}};
  double mean_square;
};

/// `offset`: where data and centres lie.
Answers answers_of(Widths<double>& widths, double offset, bool with_parameters = true) {
  Tensor<double>& log_width = widths.parameter().value;
  log_width = drawn("widths", log_width.shape(), -0.5);
  Tensor<double> x = drawn("x", {n, d}), centres = drawn("centres", {units, d});
  const Tensor<double> dq = drawn("dq", {n, units});
  for (Tensor<double>* part : {&x, &centres})
    for (double& v : part->flat()) v += offset;
  Answers answers;
  answers.dwidths = Tensor<double>(log_width.shape());
  WidthsMemory<double> memory;
  const auto in = [](const Tensor<double>& tensor) { return tensor.view(); };
  widths.exponents(in(x), in(centres), memory, answers.q.view());
  const View<double> nothing(nullptr, Shape{0});
  widths.backward(in(x), in(centres), in(answers.q), in(dq), memory,
                  with_parameters ? answers.dcentres.view() : nothing,
                  with_parameters ? answers.dwidths.view() : nothing, answers.dx.view());
  if (with_parameters) widths.add_mean_square_gradient(0.3, memory, answers.dwidths.view());
  answers.mean_square = widths.mean_square(memory);
  return answers;
}

void expect_near(const Tensor<double>& found, const Tensor<double>& expected, const char* what) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found.flat()[i], expected.flat()[i], 1e-12 * std::max(1.0, std::abs(expected.flat()[i])))
        << what << '[' << i << ']';
}

TEST(Widths, ExpandedSquaresFollowThePlainSums) {
  for (const bool diagonal : {false, true})
    for (const double offset : {0.0, 50.0}) {
      const auto quick = make_widths<double>(diagonal ? "diagonal" : "spherical", 2, units, d, 1);
      OrderedWidths<double> plain(diagonal, 2, units, d, 1);
      const Answers found = answers_of(*quick, offset), expected = answers_of(plain, offset);
      expect_near(found.q, expected.q, "q");
      expect_near(found.dcentres, expected.dcentres, "centres");
      expect_near(found.dwidths, expected.dwidths, "widths");
      expect_near(found.dx, expected.dx, "x");
      EXPECT_NEAR(found.mean_square, expected.mean_square, 1e-13);
      const Answers input_only = answers_of(*quick, offset, false);
      EXPECT_TRUE(std::ranges::equal(input_only.dx.flat(), found.dx.flat()));
    }
}

}  // namespace
}  // namespace neurarium
