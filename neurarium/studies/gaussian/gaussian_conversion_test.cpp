// gaussian-conversion against what the founding notebook computes, by NumPy (validation/gaussian/write_conversion.py).
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/neurarium.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

const Value& figure(const contracts::TestContext& context, const std::string& name) {
  for (const Figure& f : context.figures)
    if (f.name == name) return f.value;
  throw InternalError("no figure " + name);
}

void run_on(contracts::TestContext& context, const Value& settings) {
  const Experiment experiment = resolve({"gaussian-conversion", {}, settings}, house());
  house().make<Study>("study", {experiment.study, experiment.settings}, experiment.study)->run(context);
}

Value neuron(std::span<const double> weights, double bias) {
  Value model = Value::table(), settings = Value::table();
  model.set("weights", Value::List(weights.begin(), weights.end()));
  model.set("bias", bias);
  settings.set("model", model);
  return settings;
}

TEST(GaussianConversion, EqualsNumPyForEveryNeuron) {
  const NamedArrays stored = read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/gaussian/conversion.npz");
  const auto answer = [&](std::size_t i, const std::string& name) -> std::span<const double> {
    for (const auto& [key, array] : stored)
      if (key == std::to_string(i) + "/" + name) return array.as<double>().flat();
    throw InternalError(name);
  };
  for (std::size_t i = 0; i < 6; ++i) {
    SCOPED_TRACE(i);
    contracts::TestContext context(house(), 1, 0);
    run_on(context, neuron(answer(i, "weights"), answer(i, "bias")[0]));
    const auto near = [&](const std::string& name, double expected) {
      EXPECT_NEAR(figure(context, name).as_number(), expected, 1e-9 * std::max(1.0, std::abs(expected))) << name;
    };
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_NEAR(figure(context, "centre").as_list()[k].as_number(), answer(i, "centre")[k], 1e-9);
    near("bias_back", answer(i, "bias_back")[0]);
    near("linear_min", answer(i, "linear")[0]);
    near("linear_max", answer(i, "linear")[1]);
    near("activity_min", answer(i, "activity")[0]);
    near("activity_max", answer(i, "activity")[1]);
    near("activity_sum", answer(i, "activity")[2]);
    near("gauss_max", answer(i, "gauss")[1]);
    near("gauss_sum", answer(i, "gauss")[2]);
    EXPECT_EQ(figure(context, "grid_points").as_integer(), 25921);
    EXPECT_LE(figure(context, "activity_max").as_number(), figure(context, "analytic_bound").as_number());
    EXPECT_EQ(context.exhibits.size(), 4u);
  }
}

TEST(GaussianConversion, TheNotebooksPrintedNumbers) {
  contracts::TestContext context(house(), 1, 0);
  run_on(context, neuron(std::vector<double>{51, 98}, 861.2337694));
  EXPECT_NEAR(figure(context, "centre").as_list()[0].as_number(), -3.59876462, 5e-9);
  EXPECT_NEAR(figure(context, "centre").as_list()[1].as_number(), -6.9152732, 5e-8);
  EXPECT_NEAR(figure(context, "bias_back").as_number(), 861.2337694007904,
              1e-7);  // its b had more digits than it printed
  EXPECT_NEAR(figure(context, "analytic_bound").as_number(), 94.762530353, 1e-9);
}

TEST(GaussianConversion, DrawsANeuronAsTheNotebookDoes) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    contracts::TestContext context(house(), 1, seed);
    run_on(context, Value::table());
    for (const Value& w : figure(context, "weights").as_list()) {
      EXPECT_EQ(w.as_number(), std::floor(w.as_number()));
      EXPECT_GE(w.as_number(), -100);
      EXPECT_LE(w.as_number(), 99);
    }
    EXPECT_LE(std::abs(figure(context, "bias").as_number()), 1000);
    EXPECT_NEAR(figure(context, "bias_back").as_number(), figure(context, "bias").as_number(), 1e-9);
  }
}

TEST(GaussianConversion, NoWeightsNoLine) {
  contracts::TestContext context(house(), 1, 0);
  EXPECT_THROW(run_on(context, neuron(std::vector<double>{0, 0}, 3)), SpecError);
  EXPECT_THROW(run_on(context, neuron(std::vector<double>{1, 2, 3}, 3)), SpecError);
  EXPECT_THROW(run_on(context, neuron(std::vector<double>{}, 3)), SpecError);  // and a bias is not drawn as well
  run_on(context, neuron(std::vector<double>{3, -4}, 0));
  for (const Value& c : figure(context, "centre").as_list()) {
    EXPECT_EQ(c.as_number(), 0);
    EXPECT_FALSE(std::signbit(c.as_number()));
  }
}

}  // namespace
}  // namespace neurarium
