// Conversion of convolutions: the same as of dense layers where a kernel covers the whole image, and back again.
#include "neurarium/models/finite_gaussian/convert_network.hpp"

#include <gmock/gmock.h>

#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/models/finite_gaussian/network_layers.hpp"
#include "neurarium/models/finite_gaussian/patches.hpp"
#include "neurarium/models/finite_gaussian/reach.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

using ::testing::HasSubstr;

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

Array drawn(const Shape& shape, const char* name) {
  Array array(DType::f64, shape);
  fill_uniform(Stream(3, name), {}, -1, 1, array.as<double>().flat());
  return array;
}

NetworkState network(const std::string& layers, NamedArrays arrays) {
  return {
      {"sequential",
       parse_json(R"({"inputs": [2, 4, 3], "scalar": "float64", "loss": "cross_entropy", "layers": [)" + layers + "]}",
                  "settings")},
      std::move(arrays)};
}

/// Two layers: a convolution of this geometry with five filters, then three logits.
NetworkState convolutional(const std::string& geometry, std::size_t kernel, std::size_t features) {
  return network(
      R"({"type": "conv2d", "filters": 5, "activation": "tanh", )" + geometry + R"(}, {"type": "dense", "units": 3})",
      {{"conv2d1.weight", drawn({5, 2, kernel, kernel}, "w")},
       {"conv2d1.bias", drawn({5}, "b")},
       {"dense1.weight", drawn({3, features}, "v")},
       {"dense1.bias", drawn({3}, "c")}});
}

std::vector<double> outputs(const NetworkState& state, const Array& x) {
  const Array out = network_with(state, house())->outputs(x, {}).front().second;
  return {out.as<double>().flat().begin(), out.as<double>().flat().end()};
}

WidthRule rule(const std::string& name, double scale = 2) {
  WidthRule made;
  made.rule = name, made.scale = scale;
  return made;
}

TEST(ConvertConvolutions, WideUnitsAreTheClassicalNetworkAndComeBackToTheLastBit) {
  const Array x = drawn({6, 2, 4, 3}, "x");
  const NetworkState classical = convolutional(R"("kernel_size": 2, "stride": 1, "padding": 1)", 2, 5 * 5 * 4);
  const NetworkState finite = to_gaussian(classical, rule("scaled", 1e6), house(), x, 1);
  const std::vector<double> before = outputs(classical, x), wide = outputs(finite, x);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(wide[i], before[i], 1e-9);
  EXPECT_EQ(outputs(to_classical(finite, house()), x), before);
}

TEST(ConvertConvolutions, SignsAreKeptWhereTheyOnlyLimitTheStepsAndRefusedElsewhere) {
  const Array x = drawn({6, 2, 4, 3}, "x");
  const auto with_rule = [](const std::string& keeping) {
    NetworkState state = convolutional(
        R"("kernel_size": 2, "stride": 1, "padding": 1, "dale": {"signs": "random", "rule": ")" + keeping + "\"}", 2,
        5 * 5 * 4);
    Array signs(DType::f64, {2});
    signs.as<double>()(0) = 1, signs.as<double>()(1) = -1;
    state.arrays.emplace_back("conv2d1.weight_sign", signs);
    return state;
  };
  const NetworkState clamped = with_rule("clamp");
  const NetworkState finite = to_gaussian(clamped, rule("scaled", 1e6), house(), x, 1);
  const std::vector<double> before = outputs(clamped, x), wide = outputs(finite, x);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(wide[i], before[i], 1e-9);
  for (const NetworkState& some : {finite, to_classical(finite, house())}) {
    EXPECT_EQ(some.description.settings.at("layers").as_list().front().at("dale").at("rule").as_text(), "clamp");
    EXPECT_TRUE(find_array(some.arrays, "conv2d1.weight_sign"));
  }
  try {
    to_gaussian(with_rule("square"), rule("scaled", 1e6), house(), x, 1);
    ADD_FAILURE() << "stored numbers were taken for weights";
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), HasSubstr("square"));
  }
}

TEST(ConvertConvolutions, AKernelOverAllOfTheImageIsADenseLayer) {
  // A dense layer sees [2, 4, 3] as one row; a 1 × 1 image of 24 channels is that row, and so are its patches.
  const Array x = drawn({300, 24, 1, 1}, "x");
  const auto of = [&](const std::string& first, const Shape& weights, const std::string& name) {
    NetworkState state = network(first + R"(, {"type": "dense", "units": 3})",
                                 {{name + ".weight", drawn(weights, "w")},
                                  {name + ".bias", drawn({5}, "b")},
                                  {name == "dense1" ? "dense2.weight" : "dense1.weight", drawn({3, 5}, "v")},
                                  {name == "dense1" ? "dense2.bias" : "dense1.bias", drawn({3}, "c")}});
    state.description.settings.set("inputs", Value::List{24, 1, 1});
    return state;
  };
  const NetworkState dense = of(R"({"type": "dense", "units": 5, "activation": "tanh"})", {5, 24}, "dense1");
  const NetworkState conv =
      of(R"({"type": "conv2d", "filters": 5, "kernel_size": 1, "activation": "tanh"})", {5, 24, 1, 1}, "conv2d1");
  for (const char* name : {"notebook", "author", "scaled", "calibrated", "calibrated-diagonal"}) {
    const NetworkState a = to_gaussian(dense, rule(name), house(), x, 1),
                       b = to_gaussian(conv, rule(name), house(), x, 1);
    const std::vector<double> one = outputs(a, x), other = outputs(b, x);
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-12) << name;
    const auto reach_a = reach_of(a, house(), x, 1), reach_b = reach_of(b, house(), x, 1);
    ASSERT_EQ(reach_b.size(), 2u);
    EXPECT_EQ(reach_b[0].inputs, 24u);
    EXPECT_NEAR(reach_a[0].quantiles[50], reach_b[0].quantiles[50], 1e-12) << name;
  }
}

TEST(ConvertConvolutions, PatchesAreWhatTheKernelSees) {
  Array h(DType::f64, {1, 1, 3, 3});
  for (std::size_t i = 0; i < 9; ++i) h.as<double>().data()[i] = static_cast<double>(i + 1);
  const Tensor<double> rows =
      patches_of(h, parse_json(R"({"type": "conv2d", "kernel_size": 2, "padding": 1, "stride": 2})", "layer"));
  ASSERT_EQ(rows.shape(), Shape({4, 4}));
  EXPECT_THAT(std::vector<double>(rows.flat().begin(), rows.flat().end()),
              ::testing::ElementsAre(0, 0, 0, 1, 0, 0, 2, 3, 0, 4, 0, 7, 5, 6, 8, 9));
}

/// conv2d → a residual that holds a convolution and another residual, around them a 1 × 1 convolution → dense.
NetworkState with_residual() {
  return network(
      R"({"type": "conv2d", "filters": 3, "kernel_size": 1, "activation": "tanh"},
         {"type": "residual", "layers": [{"type": "conv2d", "filters": 4, "kernel_size": 3, "padding": 1, "activation": "tanh"},
                                         {"type": "residual", "layers": [{"type": "conv2d", "filters": 4, "kernel_size": 1}]}],
          "shortcut": [{"type": "conv2d", "filters": 4, "kernel_size": 1}]},
         {"type": "dense", "units": 3})",
      {{"conv2d1.weight", drawn({3, 2, 1, 1}, "w")},
       {"conv2d1.bias", drawn({3}, "b")},
       {"residual1.conv2d1.weight", drawn({4, 3, 3, 3}, "v")},
       {"residual1.conv2d1.bias", drawn({4}, "c")},
       {"residual1.residual1.conv2d1.weight", drawn({4, 4, 1, 1}, "i")},
       {"residual1.residual1.conv2d1.bias", drawn({4}, "j")},
       {"residual1.shortcut.conv2d1.weight", drawn({4, 3, 1, 1}, "s")},
       {"residual1.shortcut.conv2d1.bias", drawn({4}, "t")},
       {"dense1.weight", drawn({3, 48}, "o")},
       {"dense1.bias", drawn({3}, "p")}});
}

TEST(ConvertResiduals, ComeBackToTheLastBitFromEveryRule) {
  const Array x = drawn({40, 2, 4, 3}, "x");
  const NetworkState classical = with_residual();
  const std::vector<double> before = outputs(classical, x);
  for (const char* name : {"notebook", "author", "scaled", "calibrated", "calibrated-diagonal"}) {
    const NetworkState finite = to_gaussian(classical, rule(name), house(), x, 1);
    EXPECT_NE(outputs(finite, x), before) << name;
    const NetworkState back = to_classical(finite, house());
    EXPECT_EQ(outputs(back, x), before) << name;
    EXPECT_EQ(content_lines(back.arrays), content_lines(classical.arrays)) << name;
  }
  const std::vector<double> wide = outputs(to_gaussian(classical, rule("scaled", 1e6), house(), x, 1), x);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(wide[i], before[i], 1e-9);
}

TEST(ConvertResiduals, EveryLayerButThoseOnTheWayAroundIsConvertedAndAllButTheFirstGated) {
  const Array x = drawn({40, 2, 4, 3}, "x");
  const NetworkState finite = to_gaussian(with_residual(), rule("calibrated"), house(), x, 1);
  const auto& layers = finite.description.settings.at("layers").as_list();
  EXPECT_FALSE(layers[0].at("gate").as_bool());
  const auto& inner = layers[1].at("layers").as_list();
  EXPECT_EQ(inner[0].at("type").as_text(), "finite_gaussian_conv2d");
  EXPECT_TRUE(inner[0].at("gate").as_bool());
  EXPECT_EQ(inner[1].at("layers").as_list()[0].at("type").as_text(), "finite_gaussian_conv2d");
  EXPECT_EQ(layers[1].at("shortcut").as_list()[0].at("type").as_text(), "conv2d");
  EXPECT_EQ(layers[2].at("type").as_text(), "finite_gaussian");
  std::vector<std::string> reached;
  for (const LayerReach& layer : reach_of(finite, house(), x, 1)) {
    reached.push_back(layer.layer);
    EXPECT_GT(layer.median(), 0.5);  // the rule asks for 0.5 at the 99th percentile of each unit's distances
  }
  EXPECT_THAT(reached, ::testing::ElementsAre("conv2d1", "residual1.conv2d1", "residual1.residual1.conv2d1", "dense1"));
}

TEST(ConvertResiduals, LayersInsideAreCalibratedToWhatReachesThem) {
  // Two layers in a row are the same as the same two with the second in a residual, if their widths are.
  const Array x = drawn({200, 2, 4, 3}, "x");
  const NamedArrays first = {{"dense1.weight", drawn({5, 24}, "w")}, {"dense1.bias", drawn({5}, "b")}};
  const auto with = [&](const std::string& second, const std::string& name) {
    NamedArrays arrays = first;
    arrays.emplace_back(name + ".weight", drawn({5, 5}, "v"));
    arrays.emplace_back(name + ".bias", drawn({5}, "c"));
    return to_gaussian(network(R"({"type": "dense", "units": 5, "activation": "tanh"}, )" + second, std::move(arrays)),
                       rule("calibrated-diagonal"), house(), x, 1);
  };
  const auto widths = [](const NetworkState& state, const std::string& name) {
    for (const auto& [key, array] : state.arrays)
      if (key == name + ".log_width")
        return std::vector<double>(array.as<double>().flat().begin(), array.as<double>().flat().end());
    return std::vector<double>{};
  };
  const std::vector<double> plain = widths(with(R"({"type": "dense", "units": 5})", "dense2"), "dense2"),
                            inner = widths(with(R"({"type": "residual", "layers": [{"type": "dense", "units": 5}]})",
                                                "residual1.dense1"),
                                           "residual1.dense1");
  ASSERT_EQ(plain.size(), 25u);
  EXPECT_EQ(inner, plain);
}

TEST(ConvertConvolutions, GroupsAreRefused) {
  const NetworkState grouped =
      network(R"({"type": "conv2d", "filters": 4, "kernel_size": 2, "groups": 2}, {"type": "dense", "units": 3})",
              {{"conv2d1.weight", drawn({4, 1, 2, 2}, "w")},
               {"conv2d1.bias", drawn({4}, "b")},
               {"dense1.weight", drawn({3, 24}, "v")},
               {"dense1.bias", drawn({3}, "c")}});
  try {
    (void)to_gaussian(grouped, rule("scaled"), house(), {}, 1);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), HasSubstr("2 groups"));
  }
}

}  // namespace
}  // namespace neurarium
