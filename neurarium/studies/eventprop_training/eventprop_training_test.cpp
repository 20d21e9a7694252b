// The EventProp trainings on small tasks: what they report, that neither threads nor a stop change a bit, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/eventprop_training/timed_desk_test.hpp"
#include "neurarium/studies/eventprop_training/timed_findings.hpp"

namespace neurarium {
namespace {

using timed_desk::Desk;

Value settings(std::initializer_list<std::pair<const char*, Value>> more) {
  Value table = Value::table(), train = Value::table();
  train.set("epochs", 3), train.set("batch_size", 16), train.set("shard_size", 16);
  table.set("dataset", "yin-yang:training_samples=256,test_samples=100");
  table.set("hidden", Value::List{30}), table.set("output_mean", 1.5), table.set("train", train);
  for (const auto& [key, value] : more) table.set(key, value);
  return table;
}

void run_study(Desk& desk, const Value& table, const std::string& study = "eventprop-yinyang") {
  desk.run(study, table);
}

TEST(EventPropTraining, LearnsMoreThanChanceAndCountsItsSpikes) {
  for (const char* readout : {"first_spike", "max", "weighted"}) {
    SCOPED_TRACE(readout);
    Desk desk;
    run_study(desk, settings({{"readout", readout}, {"output_mean", readout[0] == 'f' ? 1.5 : 0.0}}));
    EXPECT_GT(desk.figure("test_accuracy").as_number(), 0.45);  // chance: 0.33, s.e. 0.05
    EXPECT_NEAR(desk.figure("chance_accuracy").as_number(), 1. / 3, 1e-12);
    const double spikes = desk.figure("hidden_spikes_per_sample").as_number();
    EXPECT_GT(spikes, 1);
    EXPECT_LT(spikes, 300);
    ASSERT_EQ(desk.kept.size(), 1u);
    EXPECT_EQ(desk.kept[0].first, "");
  }
}

Value section(std::initializer_list<std::pair<const char*, Value>> numbers) {
  Value table = Value::table();
  for (const auto& [key, value] : numbers) table.set(key, value);
  return table;
}

// What is asked of the hidden units' spikes reaches them: fewer by a push on counts or an upper bound, more by a lower bound.
TEST(EventPropTraining, SpikesFollowThePushAndTheBounds) {
  const auto spikes = [](std::initializer_list<std::pair<const char*, Value>> more) {
    Desk desk;
    run_study(desk, settings(more));
    return desk.figure("hidden_spikes_per_sample").as_number();
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
  const double held_out = desk.figure("held_out_accuracy").as_number();
  EXPECT_EQ(held_out * 64, std::round(held_out * 64));  // a share of 64 samples
  EXPECT_GT(held_out, 0.4);
}

TEST(EventPropTraining, SilentLabelsAreCounted) {
  Desk desk;
  // Outputs with weights of nearly 0 never fire, and nothing pushes them.
  run_study(desk, settings({{"output_mean", 0.001}, {"output_sd", 0.0}, {"silent_push", 0.0}}));
  EXPECT_EQ(desk.figure("silent_labels").as_number(), 1);
}

TEST(EventPropTraining, HasTheSameBitsWithAnyThreadsAndAfterAStop) {
  Desk one(1), two(2), stopped(2);
  const Value table = settings({{"repeats", 3}});
  run_study(one, table), run_study(two, table);
  stopped.stop_after(9);
  EXPECT_THROW(run_study(stopped, table), Interrupted);
  stopped.stop_after(-1);
  run_study(stopped, table);
  const auto each = [](const Desk& desk) {
    std::vector<double> all;
    for (const Value& value : desk.figure("test_accuracy_each").as_list()) all.push_back(value.as_number());
    return all;
  };
  EXPECT_EQ(each(one), each(two));
  EXPECT_EQ(each(one), each(stopped));
  ASSERT_EQ(one.kept.size(), 3u);
  EXPECT_EQ(one.kept[2].first, "network3");
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_EQ(content_hash(one.kept[k].second.state), content_hash(stopped.kept[k].second.state));
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
