// ∫ of a smooth function: 12-point Gauss–Legendre, exact for polynomials up to degree 23, on panels that are halved until both
// halves together agree with the whole to `tolerance` (at most 24 times).
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace neurarium::anatomy {

struct GaussLegendre {
  static constexpr std::size_t points = 12;
  std::array<double, points> node{}, weight{};  ///< on [−1, 1]
  GaussLegendre();                              ///< roots of P₁₂ by Newton's rule
};
const GaussLegendre& gauss_legendre();

/// `f(t)` gives N numbers, all integrated over [a, b] at once.
template <std::size_t N, class F>
std::array<double, N> on_panel(const F& f, double a, double b) {
  const GaussLegendre& rule = gauss_legendre();
  std::array<double, N> sum{};
  for (std::size_t k = 0; k < GaussLegendre::points; ++k) {
    const std::array<double, N> value = f(a + (b - a) * (0.5 + 0.5 * rule.node[k]));
    for (std::size_t j = 0; j < N; ++j) sum[j] += rule.weight[k] * value[j];
  }
  for (double& x : sum) x *= 0.5 * (b - a);
  return sum;
}

template <std::size_t N, class F>
std::array<double, N> integrate(const F& f, double a, double b, const std::array<double, N>& whole, double tolerance,
                                int halvings = 24) {
  const double middle = 0.5 * (a + b);
  const auto left = on_panel<N>(f, a, middle), right = on_panel<N>(f, middle, b);
  bool agree = true;
  std::array<double, N> sum;
  for (std::size_t j = 0; j < N; ++j) {
    sum[j] = left[j] + right[j];
    agree = agree && std::abs(sum[j] - whole[j]) <= tolerance;
  }
  if (agree || halvings == 0) return sum;
  const auto finer_left = integrate<N>(f, a, middle, left, tolerance, halvings - 1),
             finer_right = integrate<N>(f, middle, b, right, tolerance, halvings - 1);
  for (std::size_t j = 0; j < N; ++j) sum[j] = finer_left[j] + finer_right[j];
  return sum;
}

template <std::size_t N, class F>
std::array<double, N> integrate(const F& f, double a, double b, double tolerance) {
  return integrate<N>(f, a, b, on_panel<N>(f, a, b), tolerance);
}

}  // namespace neurarium::anatomy
