// Refractory times and adaptation: crossings against SciPy's brentq (validation/eventprop/write_spike_times.py), and what follows by hand.
#include "neurarium/kernels/recovery.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"

namespace neurarium {
namespace {

TEST(Recovery, AdaptingUnitsCrossWhereSciPyFindsIt) {
  const NamedArrays file = read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/spike_times.npz");
  const auto found = std::ranges::find(file, "adapting", &NamedArrays::value_type::first);
  ASSERT_NE(found, file.end());
  const View<const double> rows = found->second.as<double>();
  std::size_t crossed = 0, onto_falling = 0;
  const auto check = [&]<class T>(double tolerance) {
    for (std::size_t k = 0; k < rows.shape()[0]; ++k) {
      const auto number = [&](std::size_t i) { return static_cast<T>(rows(k, i)); };
      const kernels::TimeConstants<T> tau(number(4), number(5));
      const auto s = kernels::find_crossing(number(0), number(1), number(2), number(3), tau, number(6), T{1});
      if (rows(k, 7) < 0) {
        EXPECT_FALSE(s) << k;
        continue;
      }
      EXPECT_NEAR(s.seconds, rows(k, 7), tolerance * rows(k, 4)) << k;
      const kernels::Flow<T> f = kernels::flow(s.seconds, tau);
      EXPECT_EQ(s.synapse, f.synapse) << k;
      crossed += 1;
      onto_falling += number(1) * f.synapse < number(0) * f.membrane + number(1) * f.kernel;
      EXPECT_FALSE(kernels::find_crossing(number(0), number(1), number(2), number(3), tau, number(6), s.seconds)) << k;
    }
  };
  check.operator()<double>(1e-12);
  EXPECT_GT(crossed, 150u);
  EXPECT_GT(onto_falling, 10u);  // a threshold that falls onto a membrane that falls
  check.operator()<float>(2e-4);
}

// Of time constants over three decades: at the crossing V is θ + b, and nowhere before it above that.
TEST(Recovery, NoCrossingIsMissed) {
  constexpr std::size_t draws = 4000, places = 200;
  std::vector<double> lots(8 * draws);
  fill_uniform(Stream(1, "crossings"), {}, 0, 1, std::span(lots));
  std::size_t crossed = 0;
  for (std::size_t k = 0; k < draws; ++k) {
    const double* x = lots.data() + 8 * k;
    const auto between = [](double a, double b, double at) { return a + (b - a) * at; };
    const kernels::TimeConstants<double> tau(std::pow(10, between(-3.5, -0.5, x[0])),
                                             std::pow(10, between(-3.5, -0.5, x[1])));
    const double tau_adaptation = std::pow(10, between(-3.5, 0, x[2])), b = std::pow(10, between(-4, 1.5, x[3]));
    const double threshold = between(0.3, 2, x[4]), v = (threshold + b) * between(-2, 1, x[5]);
    const double i = between(-30, 60, x[6]), longest = tau.membrane * std::pow(10, between(-2, 1.3, x[7]));
    const auto found = kernels::find_crossing(v, i, b, threshold, tau, tau_adaptation, longest);
    const auto above = [&](double s) {
      const kernels::Flow<double> f = kernels::flow(s, tau);
      return v * f.membrane + i * f.kernel - threshold - b * std::exp(-s / tau_adaptation);
    };
    const double end = found ? found.seconds : longest, rounding = 1e-14 * (threshold + b + std::abs(v) + std::abs(i));
    crossed += found ? 1 : 0;
    if (found) {
      EXPECT_NEAR(above(end), 0, rounding) << k;
    }
    double highest = -1;
    for (std::size_t n = 1; n < places; ++n) highest = std::max(highest, above(end * static_cast<double>(n) / places));
    EXPECT_LE(highest, rounding) << k;
  }
  EXPECT_GT(crossed, draws / 5);
}

/// A layer of one unit of τm = 20 ms, τs = 5 ms, θ = 1, and what it makes of inputs of weight w.
struct OneUnit {
  double w = 8, tau_membrane = 0.02, tau_synapse = 5e-3, threshold = 1, growth = 0, tau = 0.05, refractory = 0;
  std::vector<double> run(std::initializer_list<double> inputs) const {
    eventprop::Numbers<double> n;
    n.inputs = n.units = 1, n.most_spikes = 1000;
    n.weights = View<const double>(&w, Shape{1, 1});
    n.tau_membrane = {&tau_membrane, 1}, n.tau_synapse = {&tau_synapse, 1}, n.threshold = {&threshold, 1};
    n.adaptation = {&growth, 1}, n.tau_adaptation = {&tau, 1}, n.refractory = refractory;
    SpikeTimes<double> in(1, 0.1), out(1, 0.1);
    for (const double t : inputs) in.add(t, 0);
    in.end_sample();
    const auto engine = eventprop::make_event_engine<double>();
    const auto pass = engine->make_pass();
    engine->forward(n, in, out, *pass);
    return {out.all_times().begin(), out.all_times().end()};
  }
};

// What arrives in a refractory time reaches the current: the second spike is that of a unit at rest with what is left of both inputs.
TEST(Recovery, TheMembraneWaitsAndTheCurrentGoesOn) {
  OneUnit unit;
  unit.refractory = 10e-3, unit.w = 30;
  const auto spikes = unit.run({0.01, 0.014});
  ASSERT_EQ(spikes.size(), 2u);
  const double free = spikes[0] + 10e-3;
  const double current = 30 * (std::exp(-(free - 0.01) / 5e-3) + std::exp(-(free - 0.014) / 5e-3));
  const kernels::TimeConstants<double> tau(0.02, 5e-3);
  EXPECT_NEAR(spikes[1], free + kernels::crossing(0.0, current, 1.0, tau, 1.0), 1e-15);
}

TEST(Recovery, NothingToRecoverFromIsNothing) {
  OneUnit at_once, slow;
  at_once.growth = 0, slow.growth = 1e-14, slow.refractory = 1e-15;
  const auto expected = at_once.run({0.01, 0.012, 0.03}), found = slow.run({0.01, 0.012, 0.03});
  ASSERT_GT(expected.size(), 2u);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], expected[k], 1e-13);
}

TEST(Recovery, AdaptingUnitsFireLessAndLess) {
  OneUnit unit;
  unit.w = 60;
  const auto lively = unit.run({0.01});
  unit.growth = 0.5;
  const auto adapting = unit.run({0.01});
  ASSERT_GT(adapting.size(), 2u);
  EXPECT_LT(adapting.size(), lively.size());
  EXPECT_EQ(adapting[0], lively[0]);
  EXPECT_GT(adapting[1], lively[1]);
}

}  // namespace
}  // namespace neurarium
