// Initialisers by what they promise: moments, orthogonality, and the same numbers for the same stream.
#include "neurarium/nn/initialiser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/normal.hpp"

namespace neurarium {
namespace {

std::vector<double> drawn(const char* type, std::size_t fan_in, std::size_t fan_out, std::uint64_t seed = 1,
                          const Value& settings = Value::table()) {
  Registry registry;
  register_initialisers(registry);
  std::vector<double> weights(fan_in * fan_out);
  registry.make<Initialiser>("initialiser", {type, settings})
      ->fill(weights, fan_in, fan_out, Stream(seed, "test.weight"));
  return weights;
}

struct Moments {
  double mean = 0, sd = 0, kurtosis = 0;
};
Moments moments_of(const std::vector<double>& x) {
  Moments m;
  const double n = static_cast<double>(x.size());
  for (const double v : x) m.mean += v / n;
  double fourth = 0;
  for (const double v : x) m.sd += (v - m.mean) * (v - m.mean) / n, fourth += std::pow(v - m.mean, 4) / n;
  m.kurtosis = fourth / (m.sd * m.sd);
  m.sd = std::sqrt(m.sd);
  return m;
}

TEST(Initialiser, NormalHasItsMoments) {
  const std::vector<double> weights = drawn("normal", 400, 250);
  const Moments m = moments_of(weights);  // the mean's own spread: 0.05 / √10⁵ = 1.6e-4
  EXPECT_NEAR(m.mean, 0, 6e-4);
  EXPECT_NEAR(m.sd, 0.05, 5e-4);
  EXPECT_NEAR(m.kurtosis, 3, 0.08);
  const auto within = std::ranges::count_if(weights, [](double w) { return std::abs(w) < 0.05; });
  EXPECT_NEAR(static_cast<double>(within) / 1e5, std::erf(1 / std::sqrt(2)), 0.006);
}

TEST(Initialiser, HeTakesItsSpreadFromTheInputs) {
  const Moments m = moments_of(drawn("he", 200, 500));
  EXPECT_NEAR(m.mean, 0, 1.5e-3);
  EXPECT_NEAR(m.sd, 0.1, 1e-3);
  EXPECT_NEAR(m.kurtosis, 3, 0.08);
}

TEST(Initialiser, GlorotFillsItsInterval) {
  const std::vector<double> weights = drawn("glorot", 300, 300);
  const auto [low, high] = std::ranges::minmax(weights);
  EXPECT_NEAR(high, 0.1, 1e-4);
  EXPECT_NEAR(low, -0.1, 1e-4);
  EXPECT_NEAR(moments_of(weights).sd, 0.1 / std::sqrt(3), 5e-4);
}

Value settings_of(const std::vector<std::pair<const char*, Value>>& all) {
  Value settings = Value::table();
  for (const auto& [key, value] : all) settings.set(key, value);
  return settings;
}

TEST(Initialiser, NormalMayHaveAMean) {
  const Moments m = moments_of(drawn("normal", 400, 250, 1, settings_of({{"mean", 1.5}, {"sd", 0.8}})));
  EXPECT_NEAR(m.mean, 1.5, 0.01);
  EXPECT_NEAR(m.sd, 0.8, 0.008);
}

TEST(Initialiser, UniformFanIsBoundedByEitherFan) {
  for (const auto& [fan, bound] : {std::pair{"in", 1 / std::sqrt(200.0)}, {"out", 1 / std::sqrt(30.0)}}) {
    const auto weights = drawn("uniform_fan", 200, 30, 1, settings_of({{"fan", fan}}));
    const auto [low, high] = std::ranges::minmax(weights);
    EXPECT_NEAR(high, bound, 2e-3 * bound) << fan;  // 6000 draws: the gap's mean is bound / 3000
    EXPECT_NEAR(low, -bound, 2e-3 * bound) << fan;
    EXPECT_LE(high, bound);
    EXPECT_GE(low, -bound);
    const auto doubled = drawn("uniform_fan", 200, 30, 1, settings_of({{"fan", fan}, {"gain", 2.0}}));
    EXPECT_DOUBLE_EQ(doubled[7], 2 * weights[7]);
  }
}

TEST(Initialiser, ExponentialHasItsMoments) {
  const auto weights = drawn("exponential", 400, 250, 1, settings_of({{"sd", 0.2}}));
  const Moments m = moments_of(weights);
  EXPECT_NEAR(m.mean, 0.2, 4 * 0.2 / std::sqrt(1e5));
  EXPECT_NEAR(m.sd, 0.2, 4 * 0.2 * std::sqrt(2 / 1e5));  // the variance of s² is 8 σ⁴ / n
  EXPECT_NEAR(m.kurtosis, 9, 1);
  EXPECT_GE(*std::ranges::min_element(weights), 0);
}

// A membrane without threshold, under Poisson input, has the mean and spread that were asked for.
TEST(Initialiser, FluctuationDrivenMovesTheMembraneAsAsked) {
  constexpr std::size_t inputs = 100, units = 400, steps = 2000, settled = 60;
  const double rate = 50, tau = 0.01, dt = 0.001, mean = 0.4, sd = 0.8;
  const auto weights = drawn("fluctuation_driven", inputs, units, 1,
                             settings_of({{"rate", rate}, {"tau", tau}, {"dt", dt}, {"mean", mean}, {"sd", sd}}));
  const double alpha = std::exp(-dt / tau);
  const Stream stream(9, "spikes");
  std::vector<double> u(units, 0), sum(units, 0), squares(units, 0);
  for (std::uint32_t t = 0; t < steps; ++t) {
    for (double& v : u) v *= alpha;
    for (std::uint32_t i = 0; i < inputs; ++i)
      if (uniform(stream, {0, 0, t, i}) < rate * dt)
        for (std::size_t j = 0; j < units; ++j) u[j] += weights[j * inputs + i];
    if (t >= settled)
      for (std::size_t j = 0; j < units; ++j) sum[j] += u[j], squares[j] += u[j] * u[j];
  }
  double mean_seen = 0, variance_in_time = 0;
  const double n = steps - settled;
  for (std::size_t j = 0; j < units; ++j) {
    mean_seen += sum[j] / n / units;
    variance_in_time += (squares[j] / n - sum[j] * sum[j] / n / n) / units;
  }
  // Units differ: the means of 100 inputs' weights give their means a spread of √100 s ν dt / (1 − α) = 0.8.
  EXPECT_NEAR(mean_seen, mean, 4 * 0.8 / std::sqrt(units));
  // At most one spike in a step, as here, has 1 − ν dt of the variance of a Poisson process.
  EXPECT_NEAR(std::sqrt(variance_in_time), sd * std::sqrt(1 - rate * dt), 0.04);
}

TEST(Initialiser, FluctuationDrivenRefusesAMeanThatFluctuatesTooMuch) {
  EXPECT_THROW(drawn("fluctuation_driven", 2, 3, 1, settings_of({{"rate", 1.0}, {"mean", 5.0}, {"sd", 0.01}})),
               SpecError);
}

TEST(Initialiser, OrthogonalIsOrthogonal) {
  Value settings = Value::table();
  settings.set("gain", 1.5);
  for (const auto& [inputs, units] : {std::pair<std::size_t, std::size_t>{7, 7}, {20, 6}, {6, 20}, {1, 5}}) {
    const auto w = drawn("orthogonal", inputs, units, 3, settings);
    const bool rows = units <= inputs;
    const std::size_t count = std::min(inputs, units), length = std::max(inputs, units);
    const auto at = [&](std::size_t vector, std::size_t i) {
      return rows ? w[vector * inputs + i] : w[i * inputs + vector];
    };
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = 0; b < count; ++b) {
        double dot = 0;
        for (std::size_t i = 0; i < length; ++i) dot += at(a, i) * at(b, i);
        ASSERT_NEAR(dot, a == b ? 2.25 : 0, 1e-13) << inputs << " inputs, " << units << " units";
      }
  }
}

TEST(Initialiser, OrthogonalPrefersNoDirection) {
  // Without the sign fix, Householder's QR gives a first column with entries of one sign on the diagonal.
  int positive = 0;
  double trace = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto w = drawn("orthogonal", 3, 3, seed);
    positive += w[0] > 0;
    trace += w[0] + w[4] + w[8];
  }
  EXPECT_NEAR(positive, 200, 40);  // 4 standard deviations
  EXPECT_NEAR(trace / 400, 0,
              4 * 1.0 / std::sqrt(400));  // the trace of a uniform orthogonal matrix: mean 0, variance 1
}

TEST(Initialiser, TheSameStreamGivesTheSameNumbers) {
  for (const char* type :
       {"uniform", "uniform_fan", "exponential", "normal", "fluctuation_driven", "glorot", "he", "orthogonal"}) {
    EXPECT_EQ(drawn(type, 5, 4), drawn(type, 5, 4)) << type;
    EXPECT_NE(drawn(type, 5, 4), drawn(type, 5, 4, 2)) << type;
  }
}

TEST(Normal, ElementsAreNumberedByTheCounter) {
  const Stream stream(4, "normal");
  std::vector<double> all(6), late(4);
  fill_normal(stream, {}, 2, 3, all);
  fill_normal(stream, {0, 0, 0, 2}, 2, 3, late);
  EXPECT_TRUE(std::ranges::equal(late, std::span(all).subspan(2)));
  EXPECT_EQ(all[1], 2 + 3 * normal(stream, {0, 0, 0, 1}));
}

}  // namespace
}  // namespace neurarium
