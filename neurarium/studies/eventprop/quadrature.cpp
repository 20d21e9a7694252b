#include "neurarium/studies/eventprop/quadrature.hpp"

#include <numbers>

namespace neurarium::anatomy {

GaussLegendre::GaussLegendre() {
  constexpr double n = points;
  for (std::size_t k = 0; k < points; ++k) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(k) + 0.75) / (n + 0.5)), slope = 1;
    for (int round = 0; round < 20; ++round) {
      double before = 1, p = x;  // P₀, P₁, then upwards by the recurrence of three terms
      for (double j = 2; j <= n; ++j) {
        const double next = ((2 * j - 1) * x * p - (j - 1) * before) / j;
        before = p, p = next;
      }
      slope = n * (x * p - before) / (x * x - 1);
      const double step = p / slope;
      x -= step;
      if (std::abs(step) < 1e-16) break;
    }
    node[k] = x, weight[k] = 2 / ((1 - x * x) * slope * slope);
  }
}

const GaussLegendre& gauss_legendre() {
  static const GaussLegendre rule;
  return rule;
}

}  // namespace neurarium::anatomy
