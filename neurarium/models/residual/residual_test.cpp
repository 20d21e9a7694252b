// What the block adds up, how its parameters are called, and what it says of shapes that do not fit.
#include "neurarium/models/residual/residual.hpp"

#include <gtest/gtest.h>

#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {
namespace {

std::unique_ptr<Model> network(const std::string& toml) {
  static const Registry registry = builtin_registry();
  return registry.make<Model>("model", component_from(parse_toml(toml, "test")), "model");
}

std::string words(const std::string& toml) {
  try {
    network(toml);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const char* const two_deep = R"(
type = "sequential"
scalar = "float64"
inputs = [2, 3, 3]
[[layers]]
type = "residual"
[[layers.layers]]
type = "conv2d"
filters = 2
padding = 1
[[layers.layers]]
type = "residual"
name = "inner"
[[layers.layers.layers]]
type = "batch_norm"
[[layers.shortcut]]
type = "conv2d"
filters = 2
kernel_size = 1
)";

TEST(Residual, NamesParametersByTheLayersTheyAreIn) {
  const auto model = network(two_deep);
  std::vector<std::string> names;
  for (const NamedView& item : model->parameters()) names.push_back(item.name);
  for (const NamedView& item : model->buffers()) names.push_back(item.name);
  EXPECT_EQ(names, (std::vector<std::string>{"residual1.conv2d1.weight", "residual1.conv2d1.bias",
                                             "residual1.inner.batch_norm1.weight", "residual1.inner.batch_norm1.bias",
                                             "residual1.shortcut.conv2d1.weight", "residual1.shortcut.conv2d1.bias",
                                             "residual1.inner.batch_norm1.running_mean",
                                             "residual1.inner.batch_norm1.running_var"}));
}

TEST(Residual, AddsWhatItsLayersSayToWhatWentAround) {
  const auto model = network(R"(
type = "sequential"
scalar = "float64"
inputs = [2]
[[layers]]
type = "residual"
[[layers.layers]]
type = "dense"
units = 2
weights = [[1, 2], [3, 4]]
bias = [10, 20]
)");
  Array x(DType::f64, {1, 2});
  x.as<double>()(0, 0) = 5, x.as<double>()(0, 1) = 7;
  const NamedArrays said = model->outputs(x, {});
  EXPECT_EQ(said[0].second.as<double>()(0, 0), 5 + 5 + 14 + 10);
  EXPECT_EQ(said[0].second.as<double>()(0, 1), 7 + 15 + 28 + 20);
}

TEST(Residual, NamesBothShapesThatDoNotFit) {
  const std::string start = "type = \"sequential\"\ninputs = [2, 5, 5]\n[[layers]]\ntype = \"residual\"\n";
  const std::string said = words(start + "[[layers.layers]]\ntype = \"conv2d\"\nfilters = 3\n");
  for (const char* part : {"residual1", "[2, 5, 5]", "[3, 3, 3]", "padding", "residual1.shortcut"})
    EXPECT_NE(said.find(part), std::string::npos) << part << " is not in: " << said;
  EXPECT_NE(words(start).find("residual1.layers: there are no layers"), std::string::npos) << words(start);
  EXPECT_NE(words(start + "[[layers.layers]]\ntype = \"conv2d\"\nkernel_size = 7\n").find("residual1.conv2d1"),
            std::string::npos);
  EXPECT_NE(words(start + "[[layers.layers]]\ntype = \"conv2d\"\nkernel_sice = 7\n").find("kernel_size"),
            std::string::npos);
}

}  // namespace
}  // namespace neurarium
