// The EventProp trainings on small tasks: what they report, that neither threads nor a stop change a bit, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/eventprop_training/timed_findings.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

Value settings(std::initializer_list<std::pair<const char*, Value>> more) {
  Value table = Value::table(), train = Value::table();
  train.set("epochs", 3), train.set("batch_size", 16), train.set("shard_size", 16);
  table.set("dataset", "yin-yang:training_samples=256,test_samples=100");
  table.set("hidden", Value::List{30}), table.set("output_mean", 1.5), table.set("train", train);
  return with(std::move(table), more);
}

void run_study(Desk& desk, const Value& table, const std::string& study = "eventprop-yinyang") {
  desk.run(study, table);
}

TEST(EventPropTraining, LearnsMoreThanChanceAndCountsItsSpikes) {
  for (const char* readout : {"first_spike", "max", "weighted"}) {
    SCOPED_TRACE(readout);
    Desk desk;
    run_study(desk, settings({{"readout", readout}, {"output_mean", readout[0] == 'f' ? 1.5 : 0.0}}));
    EXPECT_GT(desk.number("test_accuracy"), 0.45);  // chance: 0.33, s.e. 0.05
    EXPECT_NEAR(desk.number("chance_accuracy"), 1. / 3, 1e-12);
    const double spikes = desk.number("hidden_spikes_per_sample");
    EXPECT_GT(spikes, 1);
    EXPECT_LT(spikes, 300);
    ASSERT_EQ(desk.kept.size(), 1u);
    EXPECT_TRUE(desk.kept.contains(""));
  }
}

// What is asked of the hidden units' spikes reaches them: fewer by a push on counts or an upper bound, more by a lower bound.
TEST(EventPropTraining, SpikesFollowThePushAndTheBounds) {
  const auto spikes = [](std::initializer_list<std::pair<const char*, Value>> more) {
    Desk desk;
    run_study(desk, settings(more));
    return desk.number("hidden_spikes_per_sample");
  };
  const double free = spikes({});
  EXPECT_LT(spikes({{"count_push", section({{"strength", 30.0}, {"target", 0.1}})}}), 0.9 * free);
  EXPECT_LT(spikes({{"count_push", section({{"strength", 30.0}, {"target", 0.1}, {"of", "sample"}})}}), 0.9 * free);
  EXPECT_LT(spikes({{"rates", section({{"upper", 1.0}, {"strength", 0.1}})}}), 0.9 * free);
  EXPECT_GT(spikes({{"rates", section({{"lower", 20.0}, {"strength", 0.1}})}}), 1.1 * free);
}

TEST(EventPropTraining, SaysHowGoodItIsOnWhatWasHeldOut) {
  Desk desk;
  Value table = settings({});
  Value train = table.at("train");
  train.set("early_stopping", section({{"patience", std::int64_t{100}}, {"held_out", 0.25}, {"at_limit", "last"}}));
  table.set("train", train);
  run_study(desk, table);
  const double held_out = desk.number("held_out_accuracy");
  EXPECT_EQ(held_out * 64, std::round(held_out * 64));  // a share of 64 samples
  EXPECT_GT(held_out, 0.4);
}

TEST(EventPropTraining, SilentLabelsAreCounted) {
  Desk desk;
  // Outputs with weights of nearly 0 never fire, and nothing pushes them.
  run_study(desk, settings({{"output_mean", 0.001}, {"output_sd", 0.0}, {"silent_push", 0.0}}));
  EXPECT_EQ(desk.number("silent_labels"), 1);
}

TEST(EventPropTraining, HasTheSameBitsWithAnyThreadsAndAfterAStop) {
  const ThreeWays ways(9, [](Desk& desk) { run_study(desk, settings({{"repeats", 3}})); });
  EXPECT_EQ(ways.one.numbers("test_accuracy_each").size(), 3u);
  EXPECT_EQ(ways.one.kept.size(), 3u);
  EXPECT_TRUE(ways.one.kept.contains("network3"));
}

TEST(EventPropTraining, RefusesWhatItCantLearn) {
  Desk desk;
  EXPECT_THROW(run_study(desk, settings({{"hidden", Value::List{}}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"latest", 0.2}})), SpecError);  // later than the end of a sample
  EXPECT_THROW(run_study(desk, settings({{"tau_membrane", 0.0}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"readout", "loudest"}})), SpecError);
}

}  // namespace
}  // namespace neurarium
