#include "neurarium/models/standardise/standardise.hpp"

#include <gtest/gtest.h>

namespace neurarium {
void register_standardise(Registry& registry);
namespace {

TEST(Standardise, DataOfThatMeanAndSpreadBecomeStandard) {
  Standardise<double> layer({"", 3, 2});
  EXPECT_EQ(layer.build({2}, "standardise1", 0), Shape({2}));
  Activity<double> in, out;
  const View<double> x = in.make_dense({2, 2});
  x(0, 0) = 3, x(0, 1) = 5, x(1, 0) = 1, x(1, 1) = 4;
  Tape tape;
  layer.forward(in, out, {}, tape);
  const View<const double> y = std::as_const(out).dense();
  EXPECT_EQ(y(0, 0), 0);
  EXPECT_EQ(y(0, 1), 1);
  EXPECT_EQ(y(1, 0), -1);
  EXPECT_EQ(y(1, 1), 0.5);
}

TEST(Standardise, NoSpreadIsNoUnit) {
  Value settings = Value::table();
  settings.set("sd", 0.0);
  Registry registry;
  register_standardise(registry);
  EXPECT_THROW((void)registry.make<Layer<double>>("layer", {"standardise", settings}), SpecError);
}

}  // namespace
}  // namespace neurarium
