// The response to one spike against its plain closed forms, and where these are 0/0.
#include "neurarium/studies/eventprop/synapse.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace neurarium::anatomy {
namespace {

double plain(double tau_m, double tau_s, double u) {
  return tau_s / (tau_m - tau_s) * (std::exp(-u / tau_m) - std::exp(-u / tau_s));
}

TEST(EventpropSynapse, IsTheClosedFormWhicheverTimeConstantIsLarger) {
  for (const auto& [m, s] : {std::pair{20., 5.}, {5., 20.}, {12., 11.}})
    for (const double u : {0., 0.3, 1., 7.5, 40., 300.})
      EXPECT_NEAR(psp({m, s}, u), plain(m, s, u), 4e-15) << m << " " << s << " " << u;
}

TEST(EventpropSynapse, EqualTimeConstantsAreTheLimit) {
  for (const double u : {0.5, 8., 50.}) {
    const double limit = u / 8 * std::exp(-u / 8);
    EXPECT_NEAR(psp({8, 8}, u), limit, 1e-16);
    // First order in the difference: half of u/τ² e^(−u/τ) · (…) times 1e-9.
    EXPECT_NEAR(psp({8 * (1 + 1e-9), 8}, u), limit, 1e-8 * limit);
    EXPECT_NE(psp({8.1, 8}, u), limit);
  }
}

TEST(EventpropSynapse, NothingOverflowsFarFromTheLimit) {
  EXPECT_NEAR(psp({0.01, 20}, 100), plain(0.01, 20, 100), 1e-15);
  EXPECT_EQ(psp({0.01, 0.02}, 1e4), 0);
}

TEST(EventpropSynapse, SlopeAndIntegralBelongToIt) {
  for (const TimeConstants tau : {TimeConstants{20, 5}, {5, 20}, {8, 8}})
    for (const double u : {0.7, 6., 33.}) {
      const double h = 1e-4;
      EXPECT_NEAR(psp_slope(tau, u), (psp(tau, u + h) - psp(tau, u - h)) / (2 * h), 1e-10);
      EXPECT_NEAR(psp(tau, u), (psp_integral(tau, u + h) - psp_integral(tau, u - h)) / (2 * h), 1e-10);
    }
  EXPECT_NEAR(psp_integral({20, 5}, 2000), 5, 1e-13);
  EXPECT_EQ(psp_integral({20, 5}, 0), 0);
}

}  // namespace
}  // namespace neurarium::anatomy
