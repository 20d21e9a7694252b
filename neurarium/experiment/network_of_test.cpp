#include "neurarium/experiment/network_of.hpp"

#include <gtest/gtest.h>

#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

TEST(NetworkOf, IsTheStudysModelWithWhatTheUserSet) {
  const Registry registry = builtin_registry();
  const Value settings = parse_overrides({"model.loss=cross_entropy", "model.layers=[{type='dense', units=7}]"});
  const auto network = network_of(resolve({"train-network", {}, settings}, registry), registry);
  ASSERT_TRUE(network);
  EXPECT_EQ(network->type, "sequential");
  EXPECT_EQ(network->settings.find_path("loss.type")->as_text(), "cross_entropy");
  EXPECT_EQ(network->settings.at("layers").as_list().at(0).at("units").as_integer(), 7);
  EXPECT_FALSE(network_of(resolve({"activations", {}, Value::table()}, registry), registry));
  Experiment unknown;
  unknown.study = "nonesuch";
  EXPECT_THROW(network_of(unknown, registry), SpecError);
}

}  // namespace
}  // namespace neurarium
