// The laboratory judges attacks on a network of one line, whom it believes nothing.
#include "neurarium/robustness/laboratory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>

#include "neurarium/robustness/linear_network_test.hpp"
#include "neurarium/robustness/stored_networks_test.hpp"

namespace neurarium {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
using testing::ElementsAre;
using testing::HasSubstr;

/// z = (0, x − 0.5): 1 above 0.5, else 0, whatever the other number says.
template <class T = double>
LinearNetwork<T> line() {
  Tensor<double> weights(Shape{2, 2});
  weights(1, 0) = 1;
  return {std::move(weights), {0, -0.5}};
}

struct Samples {
  Tensor<double> x;
  Tensor<std::int64_t> y;
  AttackSamples given(Bounds bounds = {0, 1}) const { return {x.view(), y.view(), 1, bounds}; }
};
/// First numbers and labels; the second number is 0.25.
Samples samples(const std::vector<double>& first, const std::vector<std::int64_t>& labels) {
  Samples made{Tensor<double>(Shape{first.size(), 2}), Tensor<std::int64_t>(Shape{labels.size()})};
  for (std::size_t i = 0; i < first.size(); ++i) made.x(i, 0) = first[i], made.x(i, 1) = 0.25;
  std::ranges::copy(labels, made.y.flat().begin());
  return made;
}

/// What an attack of a test's own does with one sample.
struct Trick {
  std::function<void(double epsilon, std::span<const double> x, std::span<double> changed)> change;
  bool seeks_smallest = false, goes_on = false;
  Norm norm = Norm::linf;
  std::shared_ptr<std::atomic<int>> shown = std::make_shared<std::atomic<int>>(0);
};

class TrickAttack : public Attack<double> {
 public:
  explicit TrickAttack(Trick trick) : trick_(std::move(trick)) {}
  Norm norm() const override { return trick_.norm; }
  Access access() const override { return Access::nothing; }
  bool seeks_smallest() const override { return trick_.seeks_smallest; }
  bool goes_on_when_fooled() const override { return trick_.goes_on; }
  void run(Target<double>&, const AttackTask<double>& task, View<double> changed) const override {
    for (std::size_t i = 0; i < task.samples(); ++i) {
      std::ranges::copy(task.x[i].flat(), changed[i].flat().begin());
      trick_.change(task.epsilon, task.x[i].flat(), changed[i].flat());
      ++*trick_.shown;
    }
  }

 private:
  Trick trick_;
};

struct NoParams {
  static Schema fields() { return Schema::of<NoParams>({}); }
};

class LaboratoryTest : public testing::Test {
 protected:
  Registry registry_ = builtin_registry();
  LaboratoryPlan plan_{{{"trick", Value::table()}}, {0.1, 0.2, 0.4}, {0.1, 0.2, 0.4}, 1, 100, 1, {}};

  void add(const std::string& name, const Trick& trick) {
    registry_.add<NoParams>("attack", name, "A test's own.").makes<Attack<double>>([trick](const NoParams&) {
      return std::make_unique<TrickAttack>(trick);
    });
  }
  LaboratoryResult run(const Model& model, const AttackSamples& given, int threads = 1) {
    contracts::TestContext context(registry_, threads, 0);
    return attack_network(model, given, plan_, context);
  }
  AttackOutcome outcome_of(const Trick& trick, const Samples& given) {
    add("trick", trick);
    return run(line(), given.given()).outcomes.at(0);
  }
  std::string complaint(const Model& model, const AttackSamples& given) {
    try {
      run(model, given);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
};

TEST_F(LaboratoryTest, FindsTheLeastRadiusOfEachSample) {
  // 0.45 needs 0.05, 0.35 needs 0.15, 0.6 needs 0.1 (0.5 itself is a tie, which class 0 wins), 0.05 needs 0.45; 0.9 is wrong.
  plan_.attacks = {{"pgd", Value::table()}};
  plan_.epsilons_linf = {0, 0.1, 0.2, 0.4};
  const Samples given = samples({0.45, 0.35, 0.6, 0.05, 0.9}, {0, 0, 1, 0, 0});
  const LaboratoryResult result = run(line(), given.given());
  const AttackOutcome& outcome = result.outcomes.at(0);
  EXPECT_EQ(outcome.name, "pgd");
  ASSERT_EQ(outcome.smallest.size(), 5u);
  EXPECT_LE(outcome.smallest[0], 0.1);
  EXPECT_GT(outcome.smallest[0], 0.05);
  EXPECT_GT(outcome.smallest[1], 0.15);
  EXPECT_LE(outcome.smallest[1], 0.2);
  EXPECT_GE(outcome.smallest[2], 0.1 * (1 - 1e-12));
  EXPECT_EQ(outcome.smallest[3], never);
  EXPECT_EQ(outcome.smallest[4], 0);
  EXPECT_EQ(result.samples, 5u);
  EXPECT_EQ(result.wrong_already, 1u);
  EXPECT_EQ(result.clean_accuracy, 0.8);
  EXPECT_EQ(accuracy_at(outcome.smallest, 0), result.clean_accuracy);
  EXPECT_EQ(accuracy_at(outcome.smallest, 0.2), 0.2);
  EXPECT_EQ(outcome.unconfirmed, 0u);
  EXPECT_EQ(outcome.changed.shape(), (Shape{5, 2}));
  EXPECT_EQ(outcome.changed.as<double>()(4, 0), 0.9);  // nobody attacks what is wrong already
  EXPECT_GT(outcome.changed.as<double>()(0, 0), 0.5);
}

TEST_F(LaboratoryTest, ASuccessCountsAtEveryLargerRadius) {
  const Trick once{[](double epsilon, auto, auto changed) {
    if (epsilon == 0.2) changed[0] += epsilon;
  }};
  const AttackOutcome outcome = outcome_of(once, samples({0.35, 0.36}, {0, 0}));
  EXPECT_NEAR(outcome.smallest[0], 0.2, 1e-15);
  EXPECT_EQ(accuracy_at(outcome.smallest, 0.1), 1);
  EXPECT_EQ(accuracy_at(outcome.smallest, 0.2), 0);
  EXPECT_EQ(accuracy_at(outcome.smallest, 0.4), 0);
  EXPECT_EQ(*once.shown, 4);  // at 0.1 and 0.2, not at 0.4
}

TEST_F(LaboratoryTest, DoesNotBelieveWhatLeavesTheBall) {
  const AttackOutcome outcome = outcome_of({[](double epsilon, auto, auto changed) { changed[0] += 1.01 * epsilon; }},
                                           samples({0.3, 0.45}, {0, 0}));
  EXPECT_THAT(outcome.smallest, ElementsAre(never, never));
  EXPECT_EQ(outcome.unconfirmed, 2u + 3u);  // from 0.2 on for the first, always for the second
  EXPECT_NEAR(outcome.changed.as<double>()(0, 0), 0.3 + 0.101, 1e-12);  // what was not fooled may be looked at
}

TEST_F(LaboratoryTest, DoesNotBelieveWhatLeavesTheBounds) {
  const AttackOutcome outcome =
      outcome_of({[](double epsilon, auto, auto changed) { changed[0] += 0.9 * epsilon, changed[1] -= 0.9 * epsilon; }},
                 samples({0.45, 0.2}, {0, 0}));
  EXPECT_NEAR(outcome.smallest[0], 0.09, 1e-15);  // 0.25 − 0.09 is within
  EXPECT_EQ(outcome.smallest[1], never);          // fooled at 0.4 only, with 0.25 − 0.36
  EXPECT_EQ(outcome.unconfirmed, 1u);
}

TEST_F(LaboratoryTest, DoesNotBelieveNumbersThatAreNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const AttackOutcome outcome =
      outcome_of({[nan](double, auto, auto changed) { changed[0] = 0.55, changed[1] = nan; }}, samples({0.45}, {0}));
  EXPECT_EQ(outcome.smallest[0], never);
}

TEST_F(LaboratoryTest, DoesNotCountWhatTheNetworkStillAnswersRightly) {
  const AttackOutcome outcome =
      outcome_of({[](double epsilon, auto, auto changed) { changed[0] -= epsilon; }}, samples({0.45}, {0}));
  EXPECT_EQ(outcome.smallest[0], never);
  EXPECT_EQ(outcome.unconfirmed, 0u);
}

TEST_F(LaboratoryTest, MeasuresTheChangeOfAttacksThatSeekTheSmallest) {
  Trick seeker{[](double, auto, auto changed) { changed[0] = 0.6, changed[1] = 0.5; }, true, false, Norm::l2};
  const AttackOutcome outcome = outcome_of(seeker, samples({0.35, 0.5}, {0, 0}));
  EXPECT_NEAR(outcome.smallest[0], std::hypot(0.25, 0.25), 1e-15);
  EXPECT_NEAR(outcome.smallest[1], std::hypot(0.1, 0.25), 1e-15);
  EXPECT_EQ(*seeker.shown, 2);
  EXPECT_TRUE(outcome.seeks_smallest);
}

TEST_F(LaboratoryTest, AttacksOnlyWhatIsRight) {
  Trick idle{[](double, auto, auto) {}};
  const AttackOutcome outcome = outcome_of(idle, samples({0.9, 0.1, 0.8}, {0, 0, 0}));
  EXPECT_EQ(*idle.shown, 3);
  EXPECT_THAT(outcome.smallest, ElementsAre(0, never, 0));
}

TEST_F(LaboratoryTest, GoesOnUntilAWrongAnswerIsSureEnough) {
  // Confidence is 1/(1 + exp(−|x − 0.5|)); of the clean ones |x − 0.5| = 0.1, 0.3, 0.3, 0.3, and three of four are to be answered.
  plan_.clean_coverage = 0.75;
  Trick push{[](double epsilon, auto, auto changed) { changed[0] += epsilon; }, false, true};
  Samples given = samples({0.4, 0.2, 0.8, 0.8}, {0, 0, 1, 1});
  plan_.epsilons_linf = {0.1, 0.2, 0.5, 0.7};
  add("trick", push);
  const LaboratoryResult result = run(line(), given.given({0, 2}));
  const AttackOutcome& outcome = result.outcomes[0];
  EXPECT_NEAR(result.refusal_threshold, 1 / (1 + std::exp(-0.3)), 1e-15);
  EXPECT_NEAR(outcome.smallest[0], 0.2, 1e-12);
  EXPECT_NEAR(outcome.smallest_answered[0], 0.5, 1e-12);
  EXPECT_NEAR(outcome.smallest[1], 0.5, 1e-12);
  EXPECT_NEAR(outcome.smallest_answered[1], 0.7, 1e-12);
  EXPECT_THAT(outcome.smallest_answered, ElementsAre(testing::_, testing::_, never, never));
}

TEST_F(LaboratoryTest, TakesTheWorstOfAllAttacksOfANorm) {
  Trick first{[](double epsilon, auto x, auto changed) { changed[0] += x[0] < 0.4 ? epsilon : 0; }};
  Trick second{[](double epsilon, auto x, auto changed) { changed[0] += x[0] < 0.4 ? 0 : epsilon; }};
  add("first", first), add("second", second);
  plan_.attacks = {{"first", Value::table()}, {"second", Value::table()}, {"first", Value::table()}};
  const LaboratoryResult result = run(line(), samples({0.35, 0.45}, {0, 0}).given());
  EXPECT_EQ(result.outcomes[2].name, "first-2");
  EXPECT_EQ(result.outcomes[0].smallest[1], never);
  const std::vector<double> worst = worst_case(result, Norm::linf);
  EXPECT_NEAR(worst[0], 0.2, 1e-12);
  EXPECT_NEAR(worst[1], 0.1, 1e-12);
  EXPECT_TRUE(worst_case(result, Norm::l2).empty());
}

TEST_F(LaboratoryTest, ResultsDoNotDependOnThreadsOrShards) {
  const auto model = testing_attacks::network("tanh", DType::f64);
  const std::vector<Component> attacks{testing_attacks::attack_from("type = 'pgd'\nsteps = 5"),
                                       testing_attacks::attack_from("type = 'square'\nqueries = 20")};
  const auto run = [&](int threads, std::size_t shard) {
    return testing_attacks::attack(*model, testing_attacks::images(60), attacks, {0.03, 0.06}, threads, shard);
  };
  const LaboratoryResult one = run(1, 20), two = run(2, 20), other = run(1, 13);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.outcomes[i].smallest, two.outcomes[i].smallest);
    EXPECT_TRUE(
        std::ranges::equal(one.outcomes[i].changed.as<double>().flat(), two.outcomes[i].changed.as<double>().flat()));
    EXPECT_EQ(one.outcomes[i].queries, two.outcomes[i].queries);
    for (std::size_t s = 0; s < 60; ++s)
      EXPECT_TRUE(one.outcomes[i].smallest[s] == other.outcomes[i].smallest[s] ||
                  std::abs(one.outcomes[i].smallest[s] - other.outcomes[i].smallest[s]) < 1e-9);
  }
}

TEST_F(LaboratoryTest, TellsWhatGradientsLookLike) {
  const LinearNetwork<double> silent(Tensor<double>(Shape{2, 2}), {1, 0});
  plan_.attacks = {{"fgsm", Value::table()}};
  const AttackOutcome outcome = run(silent, samples({0.3, 0.4}, {0, 0}).given()).outcomes.at(0);
  EXPECT_EQ(outcome.tally.all, 2u * 3);
  EXPECT_EQ(outcome.tally.zero, outcome.tally.all);
}

TEST_F(LaboratoryTest, TellsOfLossesThatUnderflow) {
  // z = (200, 400 x): in float32 the cross-entropy of what is right has a slope of exactly 0 at the logits already.
  Tensor<double> weights(Shape{2, 2});
  weights(1, 0) = 400;
  const LinearNetwork<float> loud(std::move(weights), {200, 0});
  const Samples given = samples({0.1, 0.15, 0.2, 0.9}, {0, 0, 0, 0});
  plan_.epsilons_linf = {0.01};
  for (const char* type : {"fgsm", "pgd", "apgd"}) {
    Component attack{type, Value::table()};
    attack.settings.set("loss", "cross-entropy");
    plan_.attacks = {attack};
    const AttackOutcome outcome = run(loud, given.given()).outcomes.at(0);
    EXPECT_GE(outcome.tally.all, 3u) << type;
    EXPECT_EQ(outcome.tally.zero, outcome.tally.all) << type;
  }
}

TEST_F(LaboratoryTest, DoesNotBlameNetworksForSamplesThatAnAttackHasDoneWith) {
  // 0.49 is fooled at once, 0.01 never: both are in the same backward passes, or would be.
  for (const char* type : {"pgd", "apgd", "carlini-wagner", "max-confidence"}) {
    plan_.attacks = {{type, Value::table()}};
    const LaboratoryResult result = run(line<float>(), samples({0.49, 0.01}, {0, 0}).given());
    const GradientTally& tally = result.outcomes.at(0).tally;
    EXPECT_GT(tally.all, 0u) << type;
    EXPECT_EQ(tally.zero, 0u) << type;
  }
}

TEST_F(LaboratoryTest, LogitsOfZeroHaveAGradientOfZero) {
  const LinearNetwork<float> silent(Tensor<double>(Shape{2, 2}), {0, 0});
  Component attack{"pgd", Value::table()};
  attack.settings.set("loss", "scale-free");
  plan_.attacks = {attack};
  const AttackOutcome outcome = run(silent, samples({0.3, 0.4}, {0, 0}).given()).outcomes.at(0);
  EXPECT_GT(outcome.tally.all, 0u);
  EXPECT_EQ(outcome.tally.zero, outcome.tally.all);
  EXPECT_EQ(outcome.tally.not_finite, 0u);
}

TEST_F(LaboratoryTest, TheSmallestOfWhatWasRightIsNever0) {
  // Of three samples in one pass it answers 0, 0, 1; of fewer always 1: fooled without being moved.
  const ToldNetwork moody(
      [](std::size_t samples, std::size_t row, const Context&) -> std::size_t { return samples == 3 ? row / 2 : 1; });
  for (const bool seeks_smallest : {false, true}) {
    add("idle" + std::to_string(seeks_smallest), {[](double, auto, auto) {}, seeks_smallest});
    plan_.attacks = {{"idle" + std::to_string(seeks_smallest), Value::table()}};
    const LaboratoryResult result = run(moody, samples({0.1, 0.2, 0.3}, {0, 0, 0}).given());
    const std::vector<double>& smallest = result.outcomes.at(0).smallest;
    EXPECT_THAT(smallest, ElementsAre(testing::Gt(0.0), testing::Gt(0.0), 0.0));
    EXPECT_LE(smallest[0], 0.1);
    EXPECT_EQ(accuracy_at(smallest, 0), result.clean_accuracy);
    EXPECT_EQ(result.clean_accuracy, 2.0 / 3);  // 1 − 1/3 is another number
  }
}

TEST_F(LaboratoryTest, RefusesPlansThatMakeNoSense) {
  const LinearNetwork<double> network = line();
  const Samples given = samples({0.3}, {0});
  plan_.attacks = {{"pgd", Value::table()}};
  plan_.epsilons_linf = {-0.1};
  EXPECT_THAT(complaint(network, given.given()), HasSubstr("epsilon: -0.1 is no radius"));
  plan_.epsilons_linf = {0.1, never};
  EXPECT_THAT(complaint(network, given.given()), HasSubstr("is no radius"));
  plan_.epsilons_linf = {0.2, 0.1};
  EXPECT_THAT(complaint(network, given.given()), HasSubstr("0.1 comes after 0.2"));
  plan_.epsilons_linf = {};
  EXPECT_THAT(complaint(network, given.given()),
              HasSubstr("epsilon: there is none for pgd, whose changes are measured in linf"));
  plan_.epsilons_linf = {0.1};
  plan_.attacks = {{"pdg", Value::table()}};
  EXPECT_THAT(complaint(network, given.given()), HasSubstr("pgd"));
  plan_.attacks = {};
  EXPECT_THAT(complaint(network, given.given()), HasSubstr("attacks: there is none"));
}

TEST_F(LaboratoryTest, NamesTheAttackThatComparesMoreClassesThanThereAre) {
  const Samples given = samples({0.45}, {0});
  const auto with = [](const char* type, bool targeted) {
    Component part{type, Value::table()};
    part.settings.set("loss", "dlr");
    if (targeted) part.settings.set("targeted", true);
    return part;
  };
  plan_.attacks = {{"square", Value::table()}, with("apgd", true)};
  EXPECT_EQ(complaint(line(), given.given()),
            "attacks.1: apgd with the loss dlr, targeted, compares at least 4 classes, and the network has 2; "
            "set attacks.1.loss to margin or scale-free, or name another attack");
  for (const char* type : {"pgd", "fgsm", "apgd"}) {
    plan_.attacks = {with(type, false)};
    EXPECT_THAT(complaint(line(), given.given()),
                HasSubstr("attacks.0: " + std::string(type) + " with the loss dlr compares at least 3 classes"));
  }
  plan_.attacks.front().settings.set("loss", "margin");
  EXPECT_EQ(complaint(line(), given.given()), "none");
}

TEST_F(LaboratoryTest, RefusesSamplesWithoutRightAnswersOrOutOfBounds) {
  const LinearNetwork<double> network = line();
  plan_.attacks = {{"pgd", Value::table()}};
  EXPECT_THAT(complaint(network, samples({0.3, 0.4}, {0, 2}).given()), HasSubstr("label 2 of sample 1"));
  EXPECT_THAT(complaint(network, samples({0.3, 0.4}, {-1, 0}).given()), HasSubstr("label -1 of sample 0"));
  EXPECT_THAT(complaint(network, samples({0.3, 0.4}, {0}).given()), HasSubstr("have no labels"));
  EXPECT_THAT(complaint(network, samples({0.3, 1.5}, {0, 0}).given()), HasSubstr("sample 1 holds 1.5"));
  EXPECT_EQ(complaint(network, samples({0.3, 1.5}, {0, 1}).given({0, 2})), "none");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(complaint(network, samples({nan}, {0}).given()), HasSubstr("sample 0 holds"));
  EXPECT_THAT(complaint(network, samples({}, {}).given()), HasSubstr("there are none"));
}

TEST_F(LaboratoryTest, DecisionsAreTheNetworksAnswers) {
  contracts::TestContext context(registry_, 1, 0);
  const Samples given = samples({0.3, 0.8, 0.5}, {0, 0, 0});
  EXPECT_THAT(decisions(line(), given.x.view(), context), ElementsAre(0u, 1u, 0u));
  const ToldNetwork of_the_seed([](std::size_t, std::size_t, const Context& seen) { return seen.seed == 7 ? 1u : 0u; });
  EXPECT_THAT(decisions(of_the_seed, given.x.view(), context), ElementsAre(0u, 0u, 0u));
  EXPECT_THAT(decisions(of_the_seed, given.x.view(), context, 7), ElementsAre(1u, 1u, 1u));
}

}  // namespace
}  // namespace neurarium
