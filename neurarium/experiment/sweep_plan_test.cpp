#include "neurarium/experiment/sweep_plan.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::message_of;
using ::testing::Not;

class SweepPlans : public testing::FolderTest {
 protected:
  SweepPlan plan(const std::vector<std::string>& words, std::int64_t repeats = 0) const {
    const SweptWords swept = swept_words(words);
    Sweep sweep;
    sweep.base.study = "toy-sum";
    sweep.base.settings = parse_overrides(swept.others, swept.numbers);
    sweep.axes = swept.axes;
    sweep.repeats = repeats;
    return plan_sweep(sweep, registry_, {}, testing::toy_presets());
  }
  std::string fault(const std::vector<std::string>& words, std::int64_t repeats = 0) const {
    return message_of<SpecError>([&] { (void)plan(words, repeats); });
  }
  Registry registry_ = testing::toy_registry();
};

TEST_F(SweepPlans, AllCombinationsForAllSeeds) {
  const SweepPlan grid = plan({"steps=5,6", "mode=plain,fancy", "seed=7"}, 3);
  EXPECT_THAT(grid.keys, ElementsAre("steps", "mode"));
  EXPECT_THAT(grid.seeds, ElementsAre(7, 8, 9));
  ASSERT_EQ(grid.points.size(), 4U);
  EXPECT_EQ(to_json(Value(grid.points[1].values), -1), R"([5,"fancy"])");
  EXPECT_EQ(grid.points[2].experiment.settings.at("steps").as_integer(), 6);
  EXPECT_EQ(grid.points[2].experiment.settings.at("mode").as_text(), "plain");
  ASSERT_EQ(grid.runs.size(), 12U);
  EXPECT_EQ(grid.runs[5].point, 1U);
  EXPECT_EQ(grid.runs[5].seed, 9U);
  std::set<std::string> names;
  for (const PlannedRun& run : grid.runs) names.insert(run.name);
  EXPECT_EQ(names.size(), 12U);
}

TEST_F(SweepPlans, AnExperimentMayListValuesItself) {
  std::ofstream("several.toml")
      << "study = \"toy-sum\"\nseeds = 2\n[sweep]\nsteps = [5, 6]\nmode = [\"plain\", \"fancy\"]\n";
  Spec spec;
  spec.file = "several.toml";
  const auto planned = [&](const std::vector<std::string>& words) {
    const SweptWords swept = swept_words(words);
    spec.settings = parse_overrides(swept.others, swept.numbers);
    return plan_sweep({spec, swept.axes, 0}, registry_, {}, testing::toy_presets());
  };
  const SweepPlan whole = planned({});
  EXPECT_THAT(whole.keys, ElementsAre("steps", "mode"));
  EXPECT_EQ(whole.runs.size(), 8U);
  EXPECT_TRUE(whole.points[0].experiment.axes.empty());
  EXPECT_THAT(planned({"steps=7,8,9"}).keys, ElementsAre("mode", "steps"));  // the command line says other values
  EXPECT_THAT(planned({"steps=7"}).keys, ElementsAre("mode"));               // or one
  const Experiment experiment = resolve(spec, registry_, testing::toy_presets());
  EXPECT_THAT(to_toml(experiment), HasSubstr("[sweep]\nmode = [\"plain\", \"fancy\"]\n"));
  EXPECT_THAT(message_of<SpecError>([&] { (void)run(experiment, registry_); }), HasSubstr("several values of mode"));
  const auto refused = [&](const std::vector<std::string>& words, const std::string& text) {
    std::ofstream("other.toml") << "study = \"toy-sum\"\n" << text;
    spec.file = "other.toml";
    return message_of<SpecError>([&] { (void)planned(words); });
  };
  EXPECT_THAT(refused({}, "[sweep]\nseed = [0, 1]\n"), HasSubstr("seeds = 2"));
  EXPECT_THAT(refused({}, "[sweep]\npreset = [\"short\", \"long\"]\n"), HasSubstr("sweep.preset"));
  EXPECT_THAT(refused({"preset=short,long"}, "[sweep]\nsteps = [5, 6]\n"), HasSubstr("lists values of steps itself"));
  // Settings of a part are for all of its values.
  EXPECT_EQ(refused({"train.optimiser.learning_rate=0.5"}, "[sweep.train]\noptimiser = [\"slow\", \"fast\"]\n"), "");
  std::ofstream("one.toml") << "study = \"toy-sum\"\n[sweep]\nsteps = 5\n";
  spec.file = "one.toml";
  EXPECT_THAT(message_of<SpecError>([&] { (void)resolve(spec, registry_, testing::toy_presets()); }),
              AllOf(HasSubstr("sweep.steps"), HasSubstr("expected a list of values")));
}

TEST_F(SweepPlans, ARunHasTheNameItWouldHaveAlone) {
  const SweepPlan grid = plan({"steps=5,6"}, 2);
  Spec spec;
  spec.study = "toy-sum";
  spec.settings = parse_overrides({"steps=6", "seed=1"});
  const Report alone = run(resolve(spec, registry_, testing::toy_presets()), registry_);
  EXPECT_EQ("runs/" + grid.runs[3].name, alone.run);
}

TEST_F(SweepPlans, PresetsAndPartsCanBeSwept) {
  const SweepPlan presets = plan({"preset=short,long"});
  EXPECT_EQ(presets.points[1].experiment.settings.at("steps").as_integer(), 400);
  const SweepPlan optimisers = plan({"train.optimiser=slow,fast", "train.optimiser.learning_rate=0.5"});
  const SweepPlan both = plan({"train.optimiser=slow,fast", "train.optimiser.learning_rate=0.5,2"});
  EXPECT_EQ(both.points.at(3).experiment.settings.find_path("train.optimiser.learning_rate")->as_number(), 2);
  EXPECT_EQ(optimisers.points[1].experiment.settings.find_path("train.optimiser.type")->as_text(), "fast");
  EXPECT_EQ(optimisers.points[1].experiment.settings.find_path("train.optimiser.learning_rate")->as_number(), 0.5);
}

TEST_F(SweepPlans, WholeNumbersAreShownAsSuch) {
  const SweepPlan found = plan({"steps=1e1,20", "train.optimiser.learning_rate=1,0.5"});
  EXPECT_EQ(to_json(found.points[0].values[0], -1), "10");
  EXPECT_EQ(to_json(found.points[2].values[0], -1), "20");
  EXPECT_EQ(to_json(found.points[1].values[1], -1), "0.5");
}

TEST_F(SweepPlans, SeedsMayBeListedOrCountedInTheSettings) {
  EXPECT_THAT(plan({"seed=3,8,1"}).seeds, ElementsAre(3, 8, 1));
  EXPECT_THAT(plan({"seeds=3", "seed=4"}).seeds, ElementsAre(4, 5, 6));
  EXPECT_THAT(plan({"steps=1,2"}).seeds, ElementsAre(0));
  EXPECT_THAT(fault({"seed=1,2"}, 2), HasSubstr("keep one"));
  EXPECT_THAT(fault({"seed=1,x"}), HasSubstr("found \"x\""));
  EXPECT_THAT(fault({"seed=4294967290"}, 10), HasSubstr("begin with a smaller seed"));
}

TEST_F(SweepPlans, MoreSeedsBelongToTheSameFolderAndOtherValuesDoNot) {
  const std::string folder = plan({"steps=1,2"}).folder;
  EXPECT_THAT(folder, MatchesRegex("toy-sum-sweep-[0-9a-f]{8}"));
  EXPECT_EQ(plan({"steps=1,2"}, 5).folder, folder);
  EXPECT_NE(plan({"steps=1,3"}).folder, folder);
}

TEST_F(SweepPlans, EachRunHasOneThreadUnlessTheUserSaysOtherwise) {
  EXPECT_EQ(plan({"steps=1,2"}).threads, 1);
  EXPECT_EQ(plan({"steps=1,2", "threads=3"}).threads, 3);
  EXPECT_EQ(plan({"steps=1,2", "threads=0"}).threads, 0);  // all
}

TEST_F(SweepPlans, FaultsOfAllPointsComeAtOnceAndOnce) {
  const std::string text = fault({"steps=0,5,-1", "modee=plain", "train.epochs=1,x"});
  EXPECT_THAT(text, AllOf(HasSubstr("(argument 1): steps"), HasSubstr("found 0"), HasSubstr("found -1"),
                          HasSubstr("(argument 2): modee"), HasSubstr("(argument 3): train.epochs")));
  EXPECT_EQ(text.find("modee"), text.rfind("modee"));
}

TEST_F(SweepPlans, WhatMakesNoSenseIsSaid) {
  EXPECT_THAT(fault({"steps=5,5"}), HasSubstr("the value 5 is listed twice"));
  EXPECT_THAT(fault({"train.window=1 ms,0.001"}), HasSubstr("are the same experiment"));
  EXPECT_THAT(fault({"threads=1,2"}), HasSubstr("neurarium bench"));
  EXPECT_THAT(fault({"study=toy-sum,train-network"}), HasSubstr("a sweep of each"));
  EXPECT_THAT(fault({"steps=1,2", "steps=3,4"}), HasSubstr("swept twice"));
  EXPECT_THAT(fault({"steps=1,2", "steps=3"}), HasSubstr("given a value besides"));
  EXPECT_THAT(fault({"steps.x=1,2", "steps=3"}), HasSubstr("plain value before"));
  EXPECT_THAT(fault({"steps=range(1,400,1)", "stop_at=range(1,400,1)"}), HasSubstr("more than 100000 points"));
  EXPECT_THAT(fault({"steps=range(1,400,1)"}, 1000), HasSubstr("more than 100000 runs"));
}

TEST_F(SweepPlans, ALoneRunRefusesSeveralSeeds) {
  Spec spec;
  spec.study = "toy-sum";
  spec.settings = parse_overrides({"seeds=3"});
  const Experiment experiment = resolve(spec, registry_, testing::toy_presets());
  EXPECT_EQ(experiment.seeds, 3);
  EXPECT_THAT(message_of<SpecError>([&] { (void)run(experiment, registry_); }), HasSubstr("repeats = 3"));
  EXPECT_FALSE(std::filesystem::exists("runs"));
}

}  // namespace
}  // namespace neurarium
