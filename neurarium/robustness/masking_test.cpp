// Warnings of masking that take a few more attacks: networks of the test's own that hide something, and the same that do not.
#include "neurarium/robustness/masking.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurarium/nn/described_network_test.hpp"
#include "neurarium/robustness/linear_network_test.hpp"
#include "neurarium/robustness/stored_networks_test.hpp"

namespace neurarium {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<MaskingWarning> probe(const Model& model) {
  Tensor<double> x(Shape{200, 2});
  x.fill(0.5);
  const Tensor<std::int64_t> y(Shape{200});
  contracts::TestContext context(testing_attacks::registry(), 1, 3);
  return warnings_by_probes(model, {x.view(), y.view(), 1, {}}, {}, {}, context);
}

/// Attacks on samples with these first numbers, all of class 0, with ε = 0.2 in [0, 1], and what the probes say after that.
std::vector<MaskingWarning> probe(const Model& model, const std::vector<double>& first_numbers,
                                  const std::vector<std::string>& attacks) {
  Tensor<double> x(Shape{first_numbers.size(), 2});
  x.fill(0.5);
  for (std::size_t i = 0; i < first_numbers.size(); ++i) x(i, 0) = first_numbers[i];
  const Tensor<std::int64_t> y(Shape{first_numbers.size()});
  const AttackSamples samples{x.view(), y.view(), 1, {}};
  LaboratoryPlan plan;
  for (const std::string& attack : attacks) plan.attacks.push_back(testing_attacks::attack_from(attack));
  plan.epsilons_linf = plan.epsilons_l2 = {0.2};
  contracts::TestContext context(testing_attacks::registry(), 1, 3);
  const LaboratoryResult result = attack_network(model, samples, plan, context);
  return warnings_by_probes(model, samples, plan, result, context);
}

std::vector<std::string> kinds_of(const std::vector<MaskingWarning>& warnings) {
  std::vector<std::string> kinds;
  for (const MaskingWarning& warning : warnings) kinds.push_back(warning.kind);
  return kinds;
}

/// The logit of a class is a line over the first number: size · (slope · x + bias).
struct Line {
  double slope, bias;
};
LinearNetwork<double> network_of(const std::vector<Line>& lines, double size = 1) {
  Tensor<double> weights(Shape{lines.size(), 2});
  std::vector<double> biases;
  for (std::size_t c = 0; c < lines.size(); ++c) {
    weights(c, 0) = size * lines[c].slope;
    biases.push_back(size * lines[c].bias);
  }
  return {std::move(weights), std::move(biases)};
}

/// Class 1 begins beyond 1.5, where no sample can be; and, in the second, beyond 0.5.
LinearNetwork<double> out_of_reach() { return network_of({{0, 0}, {1, -1.5}}); }
LinearNetwork<double> within_reach() { return network_of({{0, 0}, {1, -0.5}}); }

TEST(MaskingProbes, TellOfAnswersThatAreDrawn) {
  const ToldNetwork drawing([](std::size_t, std::size_t row, const Context& context) {
    const Stream stream(context.seed, "answers");
    return uniform(stream, {0, 0, 0, static_cast<std::uint32_t>(row)}) < 0.9 ? std::size_t{0} : 1;
  });
  const std::vector<MaskingWarning> warnings = probe(drawing);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].kind, "outputs");
  EXPECT_THAT(warnings[0].text, HasSubstr("drawn at random"));
}

TEST(MaskingProbes, SayNothingOfAnswersThatAreAlwaysTheSame) {
  EXPECT_TRUE(probe(ToldNetwork([](std::size_t, std::size_t row, const Context&) { return row % 2; })).empty());
}

TEST(MaskingProbes, TellOfOutputsThatAreNoLogits) {
  const auto trained_on = [](const std::string& loss) {
    return described_network("[model]\ntype = 'sequential'\ninputs = [2]\nscalar = 'float64'\nloss = '" + loss +
                             "'\n[[model.layers]]\ntype = 'dense'\nunits = 2\n");
  };
  const std::vector<MaskingWarning> warnings = probe(*trained_on("squared_error"));
  ASSERT_THAT(kinds_of(warnings), ElementsAre("outputs"));
  EXPECT_THAT(warnings[0].text, HasSubstr("not trained on logits"));
  EXPECT_THAT(kinds_of(probe(*trained_on("cross_entropy"))), IsEmpty());
}

TEST(MaskingProbes, TellOfWhatIsRightWhereEveryNumberMayBeAnything) {
  const std::vector<std::string> attacks{"type = 'pgd'", "type = 'pgd'\nnorm = 'l2'", "type = 'apgd'"};
  const std::vector<MaskingWarning> warnings = probe(out_of_reach(), {0.25, 0.4}, attacks);
  ASSERT_THAT(kinds_of(warnings), ElementsAre("unbounded", "unbounded"));  // once in each norm
  EXPECT_THAT(warnings[0].text, HasSubstr("pgd leaves 100.0"));
  EXPECT_THAT(warnings[0].text, HasSubstr("ε = 1)"));
  EXPECT_THAT(warnings[1].text, HasSubstr("pgd-2 leaves 100.0"));
  EXPECT_THAT(warnings[1].text, HasSubstr("ε = 1.414)"));  // from corner to corner
  EXPECT_THAT(kinds_of(probe(within_reach(), {0.25, 0.4}, attacks)), IsEmpty());
}

TEST(MaskingProbes, SayHowManyAreStillRight) {
  // From 0.3 class 2 is the nearer one, but its line rises only until 0, and wins nowhere. From 0.45 class 1 is nearer.
  const LinearNetwork<double> dead_end = network_of({{0, 0}, {1, -0.5}, {-0.3, -0.01}});
  const std::vector<std::string> attack{"type = 'pgd'\nloss = 'margin'\nrandom_start = false"};
  const std::vector<MaskingWarning> warnings = probe(dead_end, {0.3, 0.45, 0.45, 0.45}, attack);
  ASSERT_THAT(kinds_of(warnings), ElementsAre("unbounded"));
  EXPECT_THAT(warnings[0].text, HasSubstr("pgd leaves 25.0"));
  EXPECT_THAT(kinds_of(probe(dead_end, {0.45, 0.45}, attack)), IsEmpty());
}

/// Class 1 above 0.5, class 2 below 0.15. From 0.4 class 1 is near, but with logits this small the cross-entropy sees all classes alike and
/// follows the steeper line down to class 2, which is out of reach; on the scale-free loss it goes up. 0.25 goes down to class 2 on both.
const std::vector<Line> torn = {{0, 0}, {1, -0.5}, {-2, 0.3}};
std::vector<double> samples_of(std::size_t n, std::size_t torn_ones) {
  std::vector<double> first_numbers(n, 0.25);
  std::fill_n(first_numbers.begin(), torn_ones, 0.4);
  return first_numbers;
}
constexpr const char* plain_pgd = "type = 'pgd'\nrandom_start = false";

TEST(MaskingProbes, TellOfSmallLogitsThatHideGradientsFromTheCrossEntropy) {
  const std::vector<MaskingWarning> warnings = probe(network_of(torn, 0.01), samples_of(20, 20), {plain_pgd});
  ASSERT_THAT(kinds_of(warnings), ElementsAre("loss"));
  EXPECT_THAT(warnings[0].text, HasSubstr("pgd on the cross-entropy leaves 100.0"));
  EXPECT_THAT(warnings[0].text, HasSubstr("on the scale-free loss 0.0"));
  EXPECT_THAT(kinds_of(probe(network_of(torn, 100), samples_of(20, 20), {plain_pgd})), IsEmpty());
}

TEST(MaskingProbes, ALossMustDoBetterByMoreThan2PointsAnd2StandardErrors) {
  const auto kinds = [](std::size_t n, std::size_t torn_ones) {
    return kinds_of(probe(network_of(torn, 0.01), samples_of(n, torn_ones), {plain_pgd}));
  };
  EXPECT_THAT(kinds(500, 10), IsEmpty());  // 2.0 ± 0.6
  EXPECT_THAT(kinds(500, 11), ElementsAre("loss"));
  EXPECT_THAT(kinds(100, 3), IsEmpty());            // 3.0 ± 1.7
  EXPECT_THAT(kinds(100, 4), ElementsAre("loss"));  // 4.0 ± 1.96
}

TEST(MaskingProbes, TellOfResultsThatChangeWithTheSeed) {
  // At 0.4 classes 1 and 2 are equally strong: which of them a start is nearer to is decided by lot, and only class 1 is within reach.
  const LinearNetwork<double> by_lot = network_of({{0, 0}, {1, -0.5}, {-0.3, 0.02}});
  const std::vector<double> samples(100, 0.4);
  const std::vector<MaskingWarning> warnings = probe(by_lot, samples, {"type = 'pgd'\nloss = 'margin'"});
  ASSERT_THAT(kinds_of(warnings), ElementsAre("seed"));
  EXPECT_THAT(warnings[0].text, HasSubstr("another seed lets pgd fool"));
  EXPECT_THAT(kinds_of(probe(by_lot, samples, {"type = 'pgd'\nloss = 'margin'\nrestarts = 12"})), IsEmpty());
}

TEST(MaskingProbes, RepeatOnlyWhatClimbsALossInManySteps) {
  const std::vector<std::string> others{"type = 'fgsm'", "type = 'fgsm'\nrandom_start = true",
                                        "type = 'square'\nqueries = 5", "type = 'deepfool'"};
  EXPECT_THAT(kinds_of(probe(out_of_reach(), {0.25, 0.4}, others)), IsEmpty());
  EXPECT_THAT(kinds_of(probe(out_of_reach(), {0.25, 0.4}, {others[0], "type = 'pgd'"})), ElementsAre("unbounded"));
}

}  // namespace
}  // namespace neurarium
