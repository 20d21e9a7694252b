// Crossings against SciPy's brentq on the closed form (validation/eventprop/write_spike_times.py).
#include "neurarium/kernels/crossing.hpp"

#include <gtest/gtest.h>

#include "neurarium/interchange/npz.hpp"

namespace neurarium::kernels {
namespace {

View<const double> stored_crossings() {
  static const NamedArrays file = read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/spike_times.npz");
  for (const auto& [name, array] : file)
    if (name == "crossings") return array.as<double>();
  throw InternalError("no crossings");
}

TEST(Crossing, IsWhereSciPyFindsIt) {
  const View<const double> rows = stored_crossings();
  std::size_t crossed = 0;
  for (std::size_t k = 0; k < rows.shape()[0]; ++k) {
    const TimeConstants<double> tau(rows(k, 3), rows(k, 4));
    const double s = crossing(rows(k, 0), rows(k, 1), rows(k, 2), tau, 1.0), expected = rows(k, 5);
    crossed += expected >= 0;
    if (expected < 0) EXPECT_EQ(s, no_crossing) << k;
    else EXPECT_NEAR(s, expected, 1e-12 * tau.membrane) << k;
  }
  EXPECT_GT(crossed, 100u);
}

TEST(Crossing, InFloatIsTheSameToItsPrecision) {
  const View<const double> rows = stored_crossings();
  for (std::size_t k = 0; k < rows.shape()[0]; ++k) {
    const auto number = [&](std::size_t i) { return static_cast<float>(rows(k, i)); };
    const TimeConstants<float> tau(number(3), number(4));
    const float s = crossing(number(0), number(1), number(2), tau, 1.0F);
    if (rows(k, 5) < 0) EXPECT_EQ(s, static_cast<float>(no_crossing)) << k;
    else EXPECT_NEAR(s, number(5), 5e-5F * tau.membrane) << k;
  }
}

// The three formulas meet: time constants a little off the special ratios are solved by Newton's method.
TEST(Crossing, ClosedFormsMeetNewtonsMethod) {
  for (const double ratio : {1.0, 2.0, 3.0, 4.0, 8.0})
    for (const double i : {1.3, 2.0, 7.0, 100.0})
      for (const double v : {-3.0, 0.0, 0.9}) {
        const TimeConstants<double> exactly(ratio * 0.01, 0.01), beside(ratio * 0.01 * (1 + 1e-13), 0.01);
        ASSERT_EQ(exactly.power, static_cast<int>(ratio));
        ASSERT_EQ(beside.power, 0);
        const double a = crossing(v, i, 0.3, exactly, 1.0), b = crossing(v, i, 0.3, beside, 1.0);
        EXPECT_NEAR(a, b, 1e-13);
      }
}

TEST(Crossing, OnlyBeforeTheEndAndOnlyUpwards) {
  const TimeConstants<double> tau(0.02, 0.005);
  const double s = crossing(0.0, 10.0, 1.0, tau, 1.0);
  EXPECT_GT(s, 0);
  EXPECT_EQ(crossing(0.0, 10.0, 1.0, tau, s), no_crossing);
  EXPECT_NEAR(crossing(0.0, 10.0, 1.0, tau, s * 1.0001), s, 1e-15);
  EXPECT_EQ(crossing(1.0, 2.0, 1.0, tau, 1.0), 0);            // there, and rising
  EXPECT_EQ(crossing(1.0, 0.9, 1.0, tau, 1.0), no_crossing);  // there, and falling
  EXPECT_EQ(crossing(0.0, double{NAN}, 1.0, tau, 1.0), no_crossing);
  EXPECT_EQ(crossing(-1e300, 2.0, 1.0, tau, 1.0), no_crossing);
}

TEST(Flow, IsTheClosedFormAndDoesNotCancel) {
  for (const double tau_synapse : {0.005, 0.0199, 0.02, 0.0201, 0.1}) {
    const TimeConstants<double> tau(0.02, tau_synapse);
    for (const double s : {1e-9, 1e-4, 0.003, 0.05, 1.0}) {
      const Flow<double> f = flow(s, tau);
      EXPECT_DOUBLE_EQ(f.membrane, std::exp(-s / 0.02));
      EXPECT_NEAR(f.synapse, std::exp(-s / tau_synapse), 1e-14 * f.synapse);
      // κ(s) = ∫ e^(−(s − u)/τm) e^(−u/τs) du / τm, by Simpson's rule
      double sum = 0;
      constexpr int pieces = 2000;
      for (int k = 0; k <= pieces; ++k) {
        const double u = s * k / pieces, weight = k == 0 || k == pieces ? 1 : k % 2 == 1 ? 4 : 2;
        sum += weight * std::exp(-(s - u) / 0.02 - u / tau_synapse);
      }
      EXPECT_NEAR(f.kernel, sum * s / (3 * pieces) / 0.02, 2e-9 * std::max(f.kernel, 1e-6)) << s << ' ' << tau_synapse;
    }
  }
}

TEST(Flow, MaximaLieWhereTheSlopeIsZero) {
  for (const double tau_synapse : {0.005, 0.01, 0.0199999, 0.02, 0.05}) {
    const TimeConstants<double> tau(0.02, tau_synapse);
    for (const double v : {-0.5, 0.0, 0.7}) {
      const double s = time_of_maximum(v, 3.0, tau, 10.0);
      const Flow<double> f = flow(s, tau);
      EXPECT_NEAR(3 * f.synapse, v * f.membrane + 3 * f.kernel, 1e-12) << tau_synapse;
      EXPECT_EQ(time_of_maximum(v, 3.0, tau, s / 2), s / 2);
    }
    EXPECT_EQ(time_of_maximum(2.0, 1.0, tau, 10.0), 0);
  }
}

}  // namespace
}  // namespace neurarium::kernels
