// What every registered attack promises, with its default settings, in each of its norms: found by walking the registry.
#include <gtest/gtest.h>

#include "neurarium/neurarium.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/laboratory.hpp"
#include "neurarium/robustness/linear_network_test.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Every attack in every norm it knows: "pgd.linf" …
std::vector<std::string> all_attacks() {
  std::vector<std::string> all;
  for (const std::string& name : house().names("attack")) {
    const FieldInfo* norm = house().find("attack", name)->schema.find("norm");
    if (!norm) all.push_back(name);
    else
      for (const std::string& choice : norm->choices) all.push_back(name + "." + choice);
  }
  return all;
}

Component component_of(const std::string& attack) {
  const std::size_t dot = attack.find('.');
  Component component{attack.substr(0, dot), Value::table()};
  if (dot != std::string::npos) component.settings.set("norm", attack.substr(dot + 1));
  return component;
}

constexpr std::size_t samples = 8;
const Bounds bounds{-1, 2};
const std::vector<double> epsilons{0, 0.1, 0.3};

/// The attack on images [2, 2, 3]; labels are the network's own answers, but for the first one.
template <class T>
LaboratoryResult attack(const LinearNetwork<T>& network, const std::string& name, int threads = 1,
                        std::size_t shard = 100) {
  Tensor<T> x(Shape{samples, 2, 2, 3});
  fill_uniform(Stream(2, "samples"), {}, -1, 2, x.flat());
  Tensor<std::int64_t> y(Shape{samples});
  for (std::size_t i = 0; i < samples; ++i) y(i) = network.answer(std::as_const(x).view()[i].flat());
  y(0) = y(0) == 0 ? 1 : 0;
  contracts::TestContext context(house(), threads, 5);
  LaboratoryPlan plan;
  plan.attacks = {component_of(name)}, plan.epsilons_linf = plan.epsilons_l2 = epsilons, plan.shard_size = shard;
  return attack_network(network, {x.view(), y.view(), 1, bounds}, plan, context);
}

template <class T>
View<const T> changed(const LaboratoryResult& result) {
  return result.outcomes[0].changed.as<T>();
}

class EveryAttack : public testing::TestWithParam<std::string> {};

TEST_P(EveryAttack, GivesTheSameBitsForAnyShardsAndThreads) {
  const LinearNetwork<float> network(5, 12, 1, 3);
  const LaboratoryResult one = attack(network, GetParam()), other = attack(network, GetParam(), 3, 3);
  EXPECT_TRUE(std::ranges::equal(changed<float>(one).flat(), changed<float>(other).flat()));
  EXPECT_EQ(one.outcomes[0].smallest, other.outcomes[0].smallest);
}

template <class T>
void keeps_to_ball_and_bounds(const std::string& name, std::size_t classes) {
  const LinearNetwork<T> network(classes, 12, 1, 3);
  const LaboratoryResult result = attack(network, name);
  const AttackOutcome& outcome = result.outcomes[0];
  EXPECT_EQ(outcome.unconfirmed, 0u) << classes << " classes";
  EXPECT_EQ(accuracy_at(outcome.smallest, 0), result.clean_accuracy);
  EXPECT_EQ(result.wrong_already, 1u);
  Tensor<T> x(Shape{samples, 12});
  fill_uniform(Stream(2, "samples"), {}, -1, 2, x.flat());
  for (std::size_t i = 0; i < samples; ++i) {
    const auto now = changed<T>(result)[i].flat(), before = std::as_const(x).view()[i].flat();
    for (const T v : now) EXPECT_TRUE(v >= T(bounds.low) && v <= T(bounds.high));
    const double far = distance<T>(outcome.norm, now, before);
    if (i == 0) {
      EXPECT_EQ(far, 0) << "what is wrong already was attacked";
      continue;
    }
    EXPECT_TRUE(outcome.seeks_smallest || far <= epsilons.back() * (1 + 1e-6)) << far;
    EXPECT_TRUE(!std::isfinite(outcome.smallest[i]) || network.answer(now) != network.answer(before));
    // No attack finds what there is not.
    EXPECT_GE(outcome.smallest[i], network.radius(before, outcome.norm) * (1 - 1e-5));
  }
}
TEST_P(EveryAttack, KeepsToBallAndBoundsAndWhatThereIs) {
  keeps_to_ball_and_bounds<float>(GetParam(), 5);
  keeps_to_ball_and_bounds<double>(GetParam(), 5);
}

TEST_P(EveryAttack, DealsWithTwoClassesOrSaysWhyNot) {
  try {
    keeps_to_ball_and_bounds<double>(GetParam(), 2);
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("classes"), std::string::npos) << error.what();
  }
}

TEST_P(EveryAttack, FindsNothingWhereThereIsNoGradientAndNoOtherAnswer) {
  const LinearNetwork<float> flat(Tensor<double>(Shape{5, 12}), {1, 0, 0, 0, 0});
  const LaboratoryResult result = attack(flat, GetParam());
  EXPECT_EQ(accuracy_at(result.outcomes[0].smallest, epsilons.back()), result.clean_accuracy);
  for (const float v : changed<float>(result).flat()) EXPECT_TRUE(std::isfinite(v));
  const GradientTally& tally = result.outcomes[0].tally;
  EXPECT_EQ(tally.zero, tally.all);
}

TEST_P(EveryAttack, TakesGradientsThatAreNoNumbers) {
  Tensor<double> weights(Shape{5, 12});
  weights.fill(std::numeric_limits<double>::quiet_NaN());
  class Broken : public LinearNetwork<float> {  // right answers, broken gradients
   public:
    explicit Broken(Tensor<double> weights)
        : LinearNetwork(5, 12, 1, 3), broken_(std::move(weights), {0, 0, 0, 0, 0}) {}
    ArrayView pull_back(ArrayView cotangent, const Tape& tape) const override {
      return broken_.pull_back(cotangent, tape);
    }

   private:
    LinearNetwork<float> broken_;
  } const network(std::move(weights));
  const LaboratoryResult result = attack<float>(network, GetParam());
  EXPECT_EQ(result.outcomes[0].unconfirmed, 0u);
  for (const float v : changed<float>(result).flat()) EXPECT_TRUE(std::isfinite(v));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryAttack, testing::ValuesIn(all_attacks()), [](const auto& attack) {
  std::string name;
  for (const char c : attack.param) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace neurarium
