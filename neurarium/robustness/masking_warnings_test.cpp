// What results say by themselves, just above the limit of each warning and just below; and all warnings of a network that is masked on
// purpose, beside the classical one that it was made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "neurarium/robustness/masking.hpp"
#include "neurarium/robustness/stored_networks_test.hpp"

namespace neurarium {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double radius = 0.1;

std::vector<std::string> kinds_of(const std::vector<MaskingWarning>& warnings) {
  std::vector<std::string> kinds;
  for (const MaskingWarning& warning : warnings) kinds.push_back(warning.kind);
  return kinds;
}

// ── By hand ──

/// An attack that fools the samples first … first + count − 1 of n, with a change of `radius`.
AttackOutcome outcome(const std::string& name, Access access, std::size_t n, std::size_t first, std::size_t count) {
  AttackOutcome made;
  made.name = name, made.access = access, made.epsilons = {radius};
  made.smallest.assign(n, never);
  std::fill_n(made.smallest.begin() + static_cast<std::ptrdiff_t>(first), count, radius);
  return made;
}

LaboratoryResult result_of(std::vector<AttackOutcome> outcomes) {
  LaboratoryResult result;
  result.samples = outcomes.front().smallest.size();
  result.outcomes = std::move(outcomes);
  return result;
}

/// Of n samples so many are fooled only by an attack with gradients, the next by that and by one without, the next only by the latter.
LaboratoryResult duel(std::size_t n, std::size_t only_white, std::size_t both, std::size_t only_black) {
  return result_of({outcome("pgd", Access::gradients, n, 0, only_white + both),
                    outcome("square", Access::scores, n, only_white, both + only_black)});
}

std::vector<std::string> kinds_in_duel(std::size_t n, std::size_t only_white, std::size_t both,
                                       std::size_t only_black) {
  return kinds_of(warnings_in(duel(n, only_white, both, only_black), {}));
}

/// Samples made on another network, the first `fooled` of which fool this one.
TransferOutcome transfer(std::size_t n, std::size_t fooled, double epsilon = radius) {
  TransferOutcome made{"other", Norm::linf, epsilon, std::vector<bool>(n, true)};
  std::fill_n(made.right.begin(), fooled, false);
  return made;
}

TEST(PairedGain, HasTheStandardErrorOfPairs) {
  // 9 and 2 of 100, 40 wrong in both: √(9 + 2 − 7²/100) / 100.
  std::vector<bool> first(100, true), second(100, true);
  std::fill_n(first.begin(), 42, false);
  std::fill_n(second.begin(), 40, false), std::fill_n(second.begin() + 50, 9, false);
  const PairedGain gain = paired_gain(first, second);
  EXPECT_NEAR(gain.points, 0.07, 1e-15);
  EXPECT_NEAR(gain.error, std::sqrt(10.51) / 100, 1e-15);
  EXPECT_TRUE(gain.exceeds(0.06));
  EXPECT_FALSE(gain.exceeds(0.08));
  EXPECT_NEAR(paired_gain(second, first).points, -0.07, 1e-15);
}

TEST(PairedGain, OneSampleOfTwentyIsNoGain) {
  std::vector<bool> first(20, true), second(20, true);
  second[3] = false;
  const PairedGain gain = paired_gain(first, second);
  EXPECT_EQ(gain.points, 0.05);
  EXPECT_GT(2 * gain.error, 0.05);
  EXPECT_FALSE(gain.exceeds(0.01));
}

TEST(MaskingWarnings, TellOfGradientsThatHide) {
  const auto warnings = [](std::size_t zero, std::size_t vanishing, std::size_t not_finite) {
    AttackOutcome pgd = outcome("pgd", Access::gradients, 10, 0, 10);
    pgd.tally = {1000, zero, vanishing, not_finite};
    return warnings_in(result_of({pgd}), {});
  };
  EXPECT_THAT(kinds_of(warnings(10, 10, 0)), IsEmpty());  // 1 % of each
  ASSERT_THAT(kinds_of(warnings(11, 0, 0)), ElementsAre("gradients"));
  EXPECT_THAT(warnings(11, 0, 0)[0].text, HasSubstr("exactly zero"));
  ASSERT_THAT(kinds_of(warnings(0, 11, 0)), ElementsAre("gradients"));
  EXPECT_THAT(warnings(0, 11, 0)[0].text, HasSubstr("all but zero"));
  ASSERT_THAT(kinds_of(warnings(0, 0, 1)), ElementsAre("gradients"));
  EXPECT_THAT(warnings(0, 0, 1)[0].text, HasSubstr("not finite"));
}

TEST(MaskingWarnings, AnAttackWithoutGradientsMustDoBetterByMoreThan1Point) {
  EXPECT_THAT(kinds_in_duel(1000, 0, 0, 10), IsEmpty());  // 1.0 ± 0.3
  EXPECT_THAT(kinds_in_duel(1000, 0, 0, 11), ElementsAre("black-box"));
  EXPECT_THAT(kinds_in_duel(1000, 11, 0, 0), IsEmpty());
  const std::vector<MaskingWarning> warnings = warnings_in(duel(1000, 0, 500, 100), {});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0].text, HasSubstr("square, which sees no gradients, leaves 40.0"));
  EXPECT_THAT(warnings[0].text, HasSubstr("ε = 0.1, but pgd, the strongest that sees them, 50.0"));
}

TEST(MaskingWarnings, AndByMoreThan2StandardErrorsOfPairs) {
  EXPECT_THAT(kinds_in_duel(100, 0, 0, 3), IsEmpty());                  // 3.0 ± 1.7
  EXPECT_THAT(kinds_in_duel(100, 0, 0, 4), ElementsAre("black-box"));   // 4.0 ± 1.96
  EXPECT_THAT(kinds_in_duel(100, 2, 0, 8), IsEmpty());                  // 6.0 ± 3.1
  EXPECT_THAT(kinds_in_duel(100, 2, 0, 9), ElementsAre("black-box"));   // 7.0 ± 3.2
  EXPECT_THAT(kinds_in_duel(100, 2, 40, 9), ElementsAre("black-box"));  // what fools both says nothing
}

TEST(MaskingWarnings, TheStrongestWithGradientsIsThatOfTheSameNormAtTheSameRadius) {
  AttackOutcome weak = outcome("fgsm", Access::gradients, 100, 0, 10),
                strong = outcome("pgd", Access::gradients, 100, 0, 60);
  AttackOutcome square = outcome("square", Access::scores, 100, 0, 50);
  EXPECT_THAT(kinds_of(warnings_in(result_of({weak, strong, square}), {})), IsEmpty());
  EXPECT_THAT(kinds_of(warnings_in(result_of({weak, square}), {})), ElementsAre("black-box"));
  strong.norm = Norm::l2;
  EXPECT_THAT(kinds_of(warnings_in(result_of({weak, strong, square}), {})), ElementsAre("black-box"));
  square.norm = Norm::l2;
  EXPECT_THAT(kinds_of(warnings_in(result_of({weak, square}), {})), IsEmpty());  // nothing to be compared with

  // At 0.1 pgd is better; at 0.02 and 0.05 it fools nobody, square half of the samples: said once, for the smaller of these.
  strong.norm = square.norm = Norm::linf;
  std::fill_n(square.smallest.begin(), 50, 0.02);
  square.epsilons = {0.02, 0.05, 0.1};
  const std::vector<MaskingWarning> warnings = warnings_in(result_of({strong, square}), {});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0].text, HasSubstr("ε = 0.02,"));
}

TEST(MaskingWarnings, TellOfSamplesOfAnotherNetworkThatDoBetter) {
  const LaboratoryResult nobody = result_of({outcome("pgd", Access::gradients, 1000, 0, 0)});
  const LaboratoryResult as_many = result_of({outcome("pgd", Access::gradients, 1000, 0, 11)});
  EXPECT_THAT(kinds_of(warnings_in(nobody, {transfer(1000, 10)})), IsEmpty());
  const std::vector<MaskingWarning> warnings = warnings_in(nobody, {transfer(1000, 11)});
  ASSERT_THAT(kinds_of(warnings), ElementsAre("black-box"));
  EXPECT_THAT(warnings[0].text, HasSubstr("changed samples made on other leave 98.9"));
  EXPECT_THAT(kinds_of(warnings_in(as_many, {transfer(1000, 11)})), IsEmpty());
  EXPECT_THAT(kinds_of(warnings_in(as_many, {transfer(1000, 11, radius / 2)})), ElementsAre("black-box"));
  const LaboratoryResult few = result_of({outcome("pgd", Access::gradients, 100, 0, 0)});
  EXPECT_THAT(kinds_of(warnings_in(few, {transfer(100, 3)})), IsEmpty());  // 3.0 ± 1.7
  EXPECT_THAT(kinds_of(warnings_in(few, {transfer(100, 4), transfer(100, 4)})), ElementsAre("black-box", "black-box"));
  TransferOutcome in_l2 = transfer(100, 50);
  in_l2.norm = Norm::l2;
  EXPECT_THAT(kinds_of(warnings_in(few, {in_l2})), IsEmpty());
}

// ── A network that is masked on purpose ──

/// The stored network as a value.
NetworkState classical() {
  Value settings = testing_attacks::toml_of(testing_attacks::stored().at("tanh/layers"));
  settings.set("inputs", Value::List{196});
  settings.set("loss", "cross_entropy");
  settings.set("scalar", "float64");
  return state_of_network({"sequential", settings}, *testing_attacks::network("tanh", DType::f64));
}

/// Hands the classical network and the stored images to the study convert-network, and keeps what that makes.
class ConversionDesk : public contracts::TestContext {
 public:
  ConversionDesk() : TestContext(testing_attacks::registry(), 1, 0) {}
  TrainedNetwork network(const std::string&) override { return {classical(), "images", "", 0}; }
  Dataset dataset(const std::string& name) override {
    const AttackSamples images = testing_attacks::images();
    Dataset data;
    data.name = name, data.divisor = images.divisor;
    data.train.x = data.test.x = Array(images.x);
    data.train.y = data.test.y = Array(images.y);
    return data;
  }
  void keep(const std::string&, const TrainedNetwork& network) override { made = network.state; }
  NetworkState made;
};

NetworkState converted_with_narrow_widths() {
  Value settings = Value::table();
  settings.set("run", "tanh");
  settings.set("rule", "scaled");
  settings.set("scale", 0.5);
  ConversionDesk desk;
  desk.registry().make<Study>("study", {"convert-network", settings}, "convert-network")->run(desk);
  return desk.made;
}

/// A network under pgd and square, and beside it what pgd makes to fool another.
struct Attacked {
  std::unique_ptr<Model> model;
  LaboratoryPlan plan;
  LaboratoryResult result;
  Array made;  ///< at the first radius, going on when fooled

  explicit Attacked(const NetworkState& state) : model(network_with(state, testing_attacks::registry())) {
    plan.attacks = {testing_attacks::attack_from("type = 'pgd'"),
                    testing_attacks::attack_from("type = 'square'\nqueries = 200")};
    plan.epsilons_linf = {0.05, 0.1};
    contracts::TestContext context(testing_attacks::registry(), 1, 0);
    result = attack_network(*model, testing_attacks::images(), plan, context);
    made = testing_attacks::attack(*model, testing_attacks::images(),
                                   {testing_attacks::attack_from("type = 'pgd'\nearly_stop = false")}, {0.05})
               .outcomes.front()
               .changed;
  }
  std::vector<std::string> warnings(const std::string& other_name, const Attacked& other) const {
    contracts::TestContext context(testing_attacks::registry(), 1, 0);
    TransferOutcome shown{other_name, Norm::linf, 0.05, {}};
    const std::vector<std::size_t> answers = decisions(*model, other.made, context);
    for (std::size_t i = 0; i < answers.size(); ++i)
      shown.right.push_back(static_cast<std::int64_t>(answers[i]) == result.labels[i]);
    std::vector<std::string> kinds = kinds_of(warnings_in(result, {shown}));
    for (const std::string& kind :
         kinds_of(warnings_by_probes(*model, testing_attacks::images(), plan, result, context)))
      kinds.push_back(kind);
    return kinds;
  }
};

TEST(MaskedNetwork, IsWarnedOfAndTheClassicalOneIsNot) {
  const Attacked tanh(classical()), masked(converted_with_narrow_widths());
  // It seems to withstand more, though it is the same network but for its hidden gradients.
  EXPECT_GT(masked.result.clean_accuracy, 0.8);
  const auto left = [](const Attacked& one) { return accuracy_at(one.result.outcomes.front().smallest, 0.05); };
  EXPECT_GT(left(masked), left(tanh) + 0.05);

  const std::vector<std::string> warnings = masked.warnings("tanh", tanh);
  EXPECT_THAT(warnings, Contains("loss"));       // its logits are small
  EXPECT_THAT(warnings, Contains("black-box"));  // samples made on the classical network do better
  EXPECT_THAT(tanh.warnings("masked", masked), IsEmpty());
}

}  // namespace
}  // namespace neurarium
