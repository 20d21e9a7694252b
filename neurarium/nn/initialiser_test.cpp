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
  for (const char* type : {"uniform", "normal", "glorot", "he", "orthogonal"}) {
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
