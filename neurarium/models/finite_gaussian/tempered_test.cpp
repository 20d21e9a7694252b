// Temperatures inside a network, and what layers reach, in closed form.
#include "neurarium/models/finite_gaussian/tempered.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "neurarium/interchange/json.hpp"
#include "neurarium/models/finite_gaussian/convert_network.hpp"
#include "neurarium/models/finite_gaussian/reach.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

using ::testing::HasSubstr;

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Two inputs, two tanh units, two logits, in double.
NetworkState small(const std::string& last_activation = "identity") {
  const Value settings = parse_json(R"({"inputs": [2], "scalar": "float64", "loss": "cross_entropy", "layers": [
      {"type": "dense", "units": 2, "activation": "tanh"},
      {"type": "dense", "units": 2, "activation": ")" +
                                        last_activation + R"("}]})",
                                    "settings");
  const auto array = [](const Shape& shape, std::vector<double> numbers) {
    Array made(DType::f64, shape);
    std::ranges::copy(numbers, made.as<double>().data());
    return made;
  };
  return {{"sequential", settings},
          {{"dense1.weight", array({2, 2}, {1, 0, 0, 2})},
           {"dense1.bias", array({2}, {-1, 1})},
           {"dense2.weight", array({2, 2}, {1, 3, -2, 0.5})},
           {"dense2.bias", array({2}, {0.25, -0.75})}}};
}

Array samples() {
  Array x(DType::f64, {3, 2});
  const double numbers[] = {1, -0.5, 0.3, 2, -1, 0};
  std::ranges::copy(numbers, x.as<double>().data());
  return x;
}

std::vector<double> logits_of(const NetworkState& network) {
  const Array out = network_with(network, house())->outputs(samples(), {}).front().second;
  const auto flat = out.as<double>().flat();
  return {flat.begin(), flat.end()};
}

TEST(Tempered, DividesLogitsOfBothKindsOfNetworks) {
  WidthRule rule;
  rule.rule = "scaled";
  const NetworkState classical = small();
  for (const NetworkState& network : {classical, to_gaussian(classical, rule, house(), samples(), 1)}) {
    const std::vector<double> before = logits_of(network), after = logits_of(tempered(network, 0.2, house()));
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], before[i] / 0.2, 1e-12);
  }
}

TEST(Tempered, IsKeptOnTheWayBack) {
  WidthRule rule;
  rule.rule = "scaled";
  const NetworkState finite = tempered(to_gaussian(small(), rule, house(), samples(), 1), 4, house());
  const std::vector<double> before = logits_of(small()), after = logits_of(to_classical(finite, house()));
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], before[i] / 4, 1e-12);
}

TEST(Tempered, WantsALinearLastLayer) {
  try {
    (void)tempered(small("tanh"), 2, house());
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), HasSubstr("dense2 is not linear"));
  }
}

TEST(Reach, IsTheGaussianOfTheDistanceInWidths) {
  WidthRule rule;
  rule.rule = "scaled";
  rule.scale = 0.7;
  const NetworkState finite = to_gaussian(small(), rule, house(), samples(), 1);
  const std::vector<LayerReach> reach = reach_of(finite, house(), samples(), 1);
  ASSERT_EQ(reach.size(), 2u);
  EXPECT_EQ(reach[0].layer, "dense1");
  EXPECT_EQ(reach[0].inputs, 2u);
  // Zero lines x₁ = 1 and x₂ = −½: centres (1, 0) and (0, −½); σ² = 0.49 · 2.
  std::vector<double> g;
  const double x[3][2] = {{1, -0.5}, {0.3, 2}, {-1, 0}}, centres[2][2] = {{1, 0}, {0, -0.5}};
  for (const auto& sample : x)
    for (const auto& c : centres)
      g.push_back(std::exp(-(std::pow(sample[0] - c[0], 2) + std::pow(sample[1] - c[1], 2)) / 0.98));
  std::ranges::sort(g);
  EXPECT_NEAR(reach[0].quantiles.front(), g.front(), 1e-12);
  EXPECT_NEAR(reach[0].quantiles.back(), g.back(), 1e-12);
  EXPECT_NEAR(reach[0].median(), (g[2] + g[3]) / 2, 1e-12);
  EXPECT_FALSE(reach[0].lost());
  EXPECT_EQ(reach[0].lost_units, 1u);  // the first: its median is exp(−4/0.98)
}

TEST(Reach, SaysWhereTheDataAreLost) {
  WidthRule rule;
  rule.rule = "scaled";
  rule.scale = 0.05;
  const std::vector<LayerReach> reach =
      reach_of(to_gaussian(small(), rule, house(), samples(), 1), house(), samples(), 1);
  EXPECT_TRUE(reach[0].lost());
  EXPECT_EQ(reach[0].lost_units, 2u);
  EXPECT_TRUE(reach_of(small(), house(), samples(), 1).empty());
}

}  // namespace
}  // namespace neurarium
