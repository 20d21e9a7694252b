// Silenced synapses have W = 0 under every rule and are afterwards what they were; ablation asks the network in between.
#include "neurarium/train/ablation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/nn/signed_network_test.hpp"
#include "neurarium/train/bare_context.hpp"

namespace neurarium {
namespace {

using namespace signed_networks;

const NamedView parameter(Model& model, const std::string& name) {
  for (const NamedView& found : model.parameters())
    if (found.name == name) return found;
  throw InternalError("no " + name);
}

std::vector<double> weights(Model& model) {
  return numbers_of(effective_weights(parameter(model, "dense1.weight")).view());
}

std::unique_ptr<Trainable> of_rule(const char* rule, const char* scalar = "float64") {
  return network({table({{"type", "dense"},
                         {"units", 3},
                         {"dale", table({{"given", signs_value({-1, 1, 0, -1})}, {"rule", rule}})}})},
                 4, "squared_error", 1, scalar);
}

TEST(Silenced, IsZeroUnderEveryRuleAndEndsAsItBegan) {
  for (const char* rule : {"none", "abs", "relu", "square", "softplus", "clamp", "exponentiated", "learned"})
    for (const char* scalar : {"float32", "float64"}) {
      const auto model = of_rule(rule, scalar);
      const auto stored = numbers_of(parameter(*model, "dense1.weight").values), before = weights(*model);
      {
        // [post, pre]: units 0 (inhibitory) and 2 (free) of 4
        const Silenced quiet(parameter(*model, "dense1.weight"), 1,
                             [](std::size_t unit, double) { return unit == 0 || unit == 2; });
        const auto now = weights(*model);
        for (std::size_t i = 0; i < now.size(); ++i)
          EXPECT_EQ(now[i], i % 4 == 0 || i % 4 == 2 ? 0 : before[i]) << rule << ' ' << i;
        EXPECT_EQ(quiet.synapses(), 6u) << rule;
      }
      EXPECT_EQ(numbers_of(parameter(*model, "dense1.weight").values), stored) << rule;
    }
}

TEST(Silenced, ChoosesByWeight) {
  const auto model = dense({1, -2, 3, -4, 5, -6}, 2, table({}));  // [2, 3]
  const Silenced quiet(parameter(*model, "dense1.weight"), 1,
                       [](std::size_t unit, double w) { return w < 0 && unit > 0; });
  EXPECT_EQ(weights(*model), (std::vector<double>{1, 0, 3, -4, 5, 0}));
  EXPECT_EQ(quiet.synapses(), 2u);
}

/// Two inputs, two classes; the logits are W x.
struct Judge {
  std::unique_ptr<Trainable> model = network(
      {table({{"type", "dense"}, {"units", 2}, {"use_bias", false}, {"weights", array_value({2, -1, -1, 2}, {2, 2})}})},
      2, "cross_entropy");
  Array x{DType::f64, {4, 2}}, y{DType::i64, {4}};
  BareContext context{registry(), 1, 1};
  Judge() {
    const double numbers[] = {1, 0, 0, 1, 3, 1, 1, 3};
    std::ranges::copy(numbers, x.as<double>().data());
    const std::int64_t labels[] = {0, 1, 0, 1};
    std::ranges::copy(labels, y.as<std::int64_t>().data());
  }
  SplitView split() const { return {x, y}; }
};

TEST(Ablation, AsksWithoutEachUnit) {
  Judge judge;
  const Synapses first[] = {{"dense1.weight", 1}};
  const auto found = without_each_unit(*judge.model, first, judge.split(), 1, judge.context);
  ASSERT_EQ(found.size(), 2u);
  // without input 0: logits (−x1, 2 x1): class 1 wherever x1 > 0; (1, 0) is a tie, which the first class wins
  EXPECT_EQ(found[0].result.accuracy, 0.75);
  EXPECT_EQ(found[0].synapses, 2u);
  // without input 1: (2 x0, −x0): class 0 wherever x0 > 0; (0, 1) is a tie and wrong
  EXPECT_EQ(found[1].result.accuracy, 0.5);
  EXPECT_EQ(weights(*judge.model), (std::vector<double>{2, -1, -1, 2}));
}

TEST(Ablation, AsksWithoutInhibition) {
  Judge judge;
  const Synapses all[] = {{"dense1.weight", 1}};
  const auto found = without_inhibition(*judge.model, all, judge.split(), 1, judge.context);
  EXPECT_EQ(found.synapses, 2u);
  EXPECT_EQ(found.result.accuracy, 1);
  // logits 2 x: cross-entropy ln(1 + exp(2 (smaller − larger))), by hand
  EXPECT_NEAR(found.result.loss, (std::log1p(std::exp(-2.)) + std::log1p(std::exp(-4.))) / 2, 1e-12);
  EXPECT_EQ(weights(*judge.model), (std::vector<double>{2, -1, -1, 2}));
}

TEST(Ablation, NamesWhatIsNotThere) {
  Judge judge;
  const Synapses none[] = {{"dense2.weight", 1}};
  try {
    without_inhibition(*judge.model, none, judge.split(), 1, judge.context);
    FAIL() << "not refused";
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("dense1.weight"), std::string::npos) << error.what();
  }
  const Synapses axis[] = {{"dense1.weight", 2}};
  EXPECT_THROW(without_each_unit(*judge.model, axis, judge.split(), 1, judge.context), SpecError);
}

}  // namespace
}  // namespace neurarium
