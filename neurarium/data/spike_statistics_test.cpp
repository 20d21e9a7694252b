// Spike statistics beside NumPy's and SciPy's (validation/spiking/write_spike_statistics.py), and where one knows what must come out.
#include "neurarium/data/spike_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

/// Samples [n][T] of lists of units.
StepSpikes spikes_of(std::size_t steps, std::size_t units,
                     const std::vector<std::vector<std::vector<StepSpikes::Unit>>>& samples) {
  StepSpikes made(steps, units);
  for (const auto& sample : samples)
    for (const auto& step : sample) made.add_step(step);
  return made;
}

/// One sample in which unit u fires where fires(t, u) says so.
template <class Fires>
StepSpikes one_train(std::size_t steps, std::size_t units, Fires fires) {
  StepSpikes made(steps, units);
  for (std::size_t t = 0; t < steps; ++t) {
    std::vector<StepSpikes::Unit> fired;
    for (std::size_t u = 0; u < units; ++u)
      if (fires(t, u)) fired.push_back(static_cast<StepSpikes::Unit>(u));
    made.add_step(fired);
  }
  return made;
}

/// Independent draws with probability p in each step.
StepSpikes bernoulli(std::size_t steps, std::size_t units, double p) {
  return one_train(steps, units, [&](std::size_t t, std::size_t u) {
    return uniform(Stream(11, "spike_statistics_test"),
                   {0, 0, static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(u)}) < p;
  });
}

std::map<std::string, Array> stored() {
  std::map<std::string, Array> arrays;
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/spiking/statistics.npz"))
    arrays.emplace(key, std::move(array));
  return arrays;
}

void expect_alike(double found, double expected, double tolerance, const std::string& what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << what << ": " << found;
  } else {
    EXPECT_NEAR(found, expected, tolerance * std::max(1., std::abs(expected))) << what;
  }
}

TEST(SpikeStatistics, AreThoseOfNumPyAndSciPy) {
  const auto arrays = stored();
  const Array& dense = arrays.at("trains");
  const std::size_t n = dense.shape()[0], steps = dense.shape()[1], units = dense.shape()[2];
  StepSpikes spikes(steps, units);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t t = 0; t < steps; ++t) {
      std::vector<StepSpikes::Unit> fired;
      for (std::size_t u = 0; u < units; ++u)
        if (dense.as<std::uint8_t>()(i, t, u)) fired.push_back(static_cast<StepSpikes::Unit>(u));
      spikes.add_step(fired);
    }
  const auto number = [&](const char* key, auto... at) { return arrays.at(key).as<double>()(at...); };
  const double dt = number("dt", 0);
  const auto rates = firing_rates(spikes, dt);
  const auto intervals = interspike_intervals(spikes, dt);
  const auto locking = phase_locking(spikes, arrays.at("phases").as<double>().flat(), 1 / number("period", 0));
  const auto together = synchrony(spikes, static_cast<std::size_t>(number("window", 0)));
  const std::size_t labels = arrays.at("tuning").shape()[1];
  const auto tuning = tuning_curves(spikes, arrays.at("labels").as<std::int64_t>().flat(), labels, dt);
  for (std::size_t u = 0; u < units; ++u) {
    const std::string unit = " of unit " + std::to_string(u);
    expect_alike(rates[u], number("rates", u), 1e-13, "rate" + unit);
    for (std::size_t k = 0; k < steps; ++k)
      EXPECT_EQ(static_cast<double>(intervals[u].histogram[k]), number("histogram", u, k)) << unit << " " << k;
    expect_alike(intervals[u].mean, number("mean", u), 1e-13, "mean" + unit);
    expect_alike(intervals[u].cv, number("cv", u), 1e-13, "cv" + unit);
    expect_alike(intervals[u].cv2, number("cv2", u), 1e-13, "cv2" + unit);
    expect_alike(locking[u].vector_strength, number("vector_strength", u), 1e-12, "vector strength" + unit);
    expect_alike(locking[u].phase, number("phase", u), 1e-10, "phase" + unit);
    for (std::size_t v = 0; v < units; ++v)
      expect_alike(together(u, v), number("synchrony", u, v), 1e-12, "synchrony" + unit);
    for (std::size_t k = 0; k < labels; ++k) expect_alike(tuning(u, k), number("tuning", u, k), 1e-13, "tuning" + unit);
  }
}

TEST(SpikeStatistics, RayleighsPIsTheShareOfEvenDraws) {
  const auto arrays = stored();
  const auto cases = arrays.at("rayleigh").as<double>();
  for (std::size_t k = 0; k < cases.shape()[0]; ++k) {
    const double share = cases(k, 2), error = cases(k, 3);
    EXPECT_NEAR(rayleigh_p(cases(k, 1), static_cast<std::uint64_t>(cases(k, 0))), share, 4 * error + 0.01 * share);
  }
  EXPECT_EQ(rayleigh_p(0, 50), 1);
  EXPECT_EQ(rayleigh_p(0.3, 0), 1);
  EXPECT_NEAR(rayleigh_p(1, 8), std::exp(std::sqrt(33.) - 17), 1e-15);  // all at one phase
  EXPECT_LT(rayleigh_p(0.5, 100000), 1e-300);
}

TEST(SpikeStatistics, AClockIsRegularAndLocked) {
  const StepSpikes clock = one_train(1000, 1, [](std::size_t t, std::size_t) { return t % 8 == 3; });
  EXPECT_NEAR(firing_rates(clock, 1e-3)[0], 125, 1e-12);
  const auto intervals = interspike_intervals(clock, 1e-3)[0];
  EXPECT_EQ(intervals.count, 124u);
  EXPECT_EQ(intervals.histogram[8], 124u);
  EXPECT_NEAR(intervals.mean, 8e-3, 1e-15);
  EXPECT_EQ(intervals.cv, 0);
  EXPECT_EQ(intervals.cv2, 0);
  const double phases[] = {0.25};
  const auto locked = phase_locking(clock, phases, 1. / 8)[0];
  EXPECT_NEAR(locked.vector_strength, 1, 1e-12);
  EXPECT_NEAR(locked.phase, 0.25 + 3. / 8, 1e-12);
  EXPECT_LT(locked.rayleigh_p, 1e-50);
  // at twice the frequency of the stimulus, half of its spikes cancel the other half
  EXPECT_NEAR(phase_locking(clock, phases, 1. / 16)[0].vector_strength, 0, 0.01);
}

TEST(SpikeStatistics, PoissonTrainsHaveACvOfOne) {
  for (const double p : {0.02, 0.3}) {
    const StepSpikes random = bernoulli(200'000, 1, p);
    const auto intervals = interspike_intervals(random, 1e-3)[0];
    const double error = 1 / std::sqrt(static_cast<double>(intervals.count));
    EXPECT_NEAR(intervals.mean, 1e-3 / p, 4 * error * 1e-3 / p);
    EXPECT_NEAR(intervals.cv, std::sqrt(1 - p), 5 * error);
    if (p < 0.1) {
      EXPECT_NEAR(intervals.cv2, 1, 0.03);
    }
    const double phases[] = {0};
    const auto locking = phase_locking(random, phases, 0.0131)[0];
    EXPECT_LT(locking.vector_strength, 4 * error);
    EXPECT_GT(locking.rayleigh_p, 1e-4);
  }
}

TEST(SpikeStatistics, DoubletsAreIrregularStepByStep) {
  // intervals 2, 8, 2, 8 …: sd 3, mean 5; 2 · 6 / 10
  const StepSpikes doublets = one_train(1003, 1, [](std::size_t t, std::size_t) { return t % 10 == 0 || t % 10 == 2; });
  const auto intervals = interspike_intervals(doublets, 1)[0];
  EXPECT_EQ(intervals.histogram[2], 101u);
  EXPECT_EQ(intervals.histogram[8], 100u);
  EXPECT_NEAR(intervals.cv, 0.6, 0.01);
  EXPECT_NEAR(intervals.cv2, 1.2, 1e-12);
}

TEST(SpikeStatistics, IntervalsEndWithTheirSample) {
  const StepSpikes two = spikes_of(4, 2, {{{0}, {1}, {}, {0}}, {{0}, {}, {0, 1}, {}}});
  const auto intervals = interspike_intervals(two, 1);
  EXPECT_EQ(intervals[0].histogram, (std::vector<std::uint64_t>{0, 0, 1, 1}));
  EXPECT_TRUE(std::isnan(intervals[0].cv2));  // no train of three
  EXPECT_EQ(intervals[1].count, 0u);
  EXPECT_TRUE(std::isnan(intervals[1].mean) && std::isnan(intervals[1].cv));
  // two spikes in a step are an interval of nothing
  EXPECT_EQ(interspike_intervals(spikes_of(1, 1, {{{0, 0}}}), 1)[0].histogram[0], 1u);
}

TEST(SpikeStatistics, SynchronyIsACorrelationOfCounts) {
  // unit 1 does what unit 0 does, unit 2 fires where unit 0 does not, 3 on its own account, 4 never
  const StepSpikes draws = bernoulli(60'000, 4, 0.3);
  StepSpikes spikes(60'000, 5);
  for (std::size_t t = 0; t < draws.steps(); ++t) {
    bool fires = false, own = false;
    for (const auto unit : draws.at(0, t)) fires |= unit == 0, own |= unit == 3;
    std::vector<StepSpikes::Unit> fired;
    if (fires) fired = {0, 1};
    else fired = {2};
    if (own) fired.push_back(3);
    spikes.add_step(fired);
  }
  for (const std::size_t window : {1u, 6u}) {
    const auto r = synchrony(spikes, window);
    EXPECT_EQ(r(0, 0), 1);
    EXPECT_NEAR(r(0, 1), 1, 1e-12);
    EXPECT_NEAR(r(0, 2), -1, 1e-12);
    EXPECT_NEAR(r(0, 3), 0, 4 * std::sqrt(static_cast<double>(window) / 60'000));
    EXPECT_TRUE(std::isnan(r(0, 4)) && std::isnan(r(4, 4)));
  }
  // two units that never fire in one step, but always in one window of 2
  const StepSpikes turns = one_train(60, 2, [](std::size_t t, std::size_t u) { return t % 6 == u; });
  EXPECT_LT(synchrony(turns, 1)(0, 1), 0);
  EXPECT_NEAR(synchrony(turns, 2)(0, 1), 1, 1e-12);
}

TEST(SpikeStatistics, TuningIsTheRateOfALabel) {
  const StepSpikes three = spikes_of(2, 2, {{{0}, {0}}, {{1}, {}}, {{0}, {1}}});
  const std::int64_t labels[] = {2, 0, 2};
  const auto curves = tuning_curves(three, labels, 3, 0.1);
  EXPECT_NEAR(curves(0, 2), 3 / 0.4, 1e-12);
  EXPECT_NEAR(curves(1, 0), 1 / 0.2, 1e-12);
  EXPECT_EQ(curves(0, 0), 0);
  EXPECT_TRUE(std::isnan(curves(0, 1)));
}

TEST(SpikeStatistics, RefuseWhatDoesNotFit) {
  const StepSpikes two = spikes_of(2, 1, {{{0}, {}}, {{0}, {}}});
  const double phase[] = {0};
  const std::int64_t labels[] = {0, 3};
  EXPECT_THROW(phase_locking(two, phase, 0.1), ShapeError);
  EXPECT_THROW(tuning_curves(two, std::span(labels, 1), 2, 1), ShapeError);
  EXPECT_THROW(tuning_curves(two, labels, 3, 1), SpecError);
  EXPECT_THROW(synchrony(two, 0), SpecError);
  EXPECT_THROW(synchrony(two, 3), SpecError);
}

TEST(SpikeStatistics, OfAPartOfTheSamples) {
  const StepSpikes two = spikes_of(2, 1, {{{0}, {0}}, {{}, {}}});
  EXPECT_NEAR(firing_rates(SpikesView(two, 1, 1), 1)[0], 0, 0);
  EXPECT_NEAR(firing_rates(SpikesView(two, 0, 1), 1)[0], 1, 1e-15);
}

}  // namespace
}  // namespace neurarium
