// The names of the nine weights, the surface and descent against NumPy (validation/backprop/write_xor_surface.py).
#include "neurarium/studies/backprop/weight_pair.hpp"

#include <gtest/gtest.h>

#include "neurarium/data/generators.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

Array oracle(const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/backprop/xor_surface.npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}

/// The study's own default network.
std::unique_ptr<Trainable> notebook_network() {
  const Experiment experiment = resolve({"xor-surface", {}, Value::table()}, registry());
  Component component;
  detail::FieldTraits<Component>::set(component, experiment.settings.at("model"));
  return build_model<Trainable>(fitted(component, registry(), {2}, 0), registry(), "a test");
}

double error_of(const Trainable& model, const Dataset& data) {
  Tape tape;
  return 2 * model.evaluate({data.train.x, data.train.y, data.divisor}, {}, tape).loss;
}

TEST(XorSurface, EqualsNumPyAtEveryPointOfTheGrid) {
  const Dataset data = xor_dataset();
  const auto model = notebook_network();
  const WeightPair pair(*model, "w5", "w6");
  const Array grid = oracle("grid"), surface = oracle("surface");
  const auto axis = grid.as<double>();
  const auto expected = surface.as<double>();
  ASSERT_EQ(expected.shape(), (Shape{80, 80}));
  for (std::size_t i = 0; i < 80; ++i)
    for (std::size_t j = 0; j < 80; ++j) {
      pair.set(axis(j), axis(i));
      ASSERT_NEAR(error_of(*model, data), expected(i, j), 1e-12);
    }
}

TEST(XorSurface, KnowsAllNineWeightsByName) {
  const Dataset data = xor_dataset();
  const char* names[] = {"w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2", "b3"};
  const Array points = oracle("points"), all = oracle("all_pairs");
  std::size_t row = 0;
  for (int a = 0; a < 9; ++a)
    for (int b = a + 1; b < 9; ++b, ++row)
      for (std::size_t k = 0; k < 3; ++k) {
        const auto model = notebook_network();
        WeightPair(*model, names[a], names[b]).set(points.as<double>()(k, 0), points.as<double>()(k, 1));
        ASSERT_NEAR(error_of(*model, data), all.as<double>()(row, k), 1e-12) << names[a] << ' ' << names[b];
      }
}

TEST(XorSurface, DescentEqualsNumPyWithComplexSteps) {
  const Dataset data = xor_dataset();
  const auto model = notebook_network();
  TrainParams params;
  params.epochs = 10;
  params.batch_size = 4;
  params.shuffle = false;
  params.reduction = "sum";
  params.optimiser.settings.set("learning_rate", 2.0);
  contracts::TestContext context(registry(), 1, 0);
  const Array path = oracle("descent");
  const char* names[] = {"w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2", "b3"};
  TrainCallbacks callbacks;
  std::size_t steps = 0;
  callbacks.after_step = [&](std::uint64_t step) {
    for (std::size_t k = 0; k + 1 < 9; ++k) {
      const WeightPair pair(*model, names[k], names[k + 1]);
      ASSERT_NEAR(pair.first(), path.as<double>()(step - 1, k), 1e-13);
      ASSERT_NEAR(pair.second(), path.as<double>()(step - 1, k + 1), 1e-13);
    }
    ++steps;
  };
  train(*model, data.train, data.divisor, params, context, callbacks);
  EXPECT_EQ(steps, 10u);
}

TEST(WeightPair, NamesEntriesOfAnyNetwork) {
  const auto model = notebook_network();
  const WeightPair pair(*model, "dense1.weight[1,0]", "dense2.bias[0]");
  EXPECT_EQ(pair.first(), -0.3);
  EXPECT_EQ(pair.second(), 0.1);
}

TEST(WeightPair, SaysWhichNamesThereAre) {
  const auto model = notebook_network();
  EXPECT_THROW(WeightPair(*model, "w5", "w5"), SpecError);
  EXPECT_THROW(WeightPair(*model, "w5", "dense1.weight[2,0]"), SpecError);
  EXPECT_THROW(WeightPair(*model, "w5", "dense1.weight[0,]"), SpecError);
  EXPECT_THROW(WeightPair(*model, "w5", "dense1.weight"), SpecError);
  try {
    WeightPair(*model, "w5", "w7");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("dense1.weight"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace neurarium
