// eventprop-delays on small tasks: without delays the answer is constant, with delays it learns; what does not learn stays as it was.
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/eventprop_training/delay_study.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

Value settings(std::initializer_list<std::pair<const char*, Value>> more) {
  Value table = Value::table(), train = Value::table(), adam = Value::table();
  adam.set("type", "adam"), adam.set("learning_rate", 0.02);
  train.set("epochs", 15), train.set("optimiser", adam);
  table.set("dataset", "intervals:classes=3,training_samples=300,test_samples=150");
  table.set("train", train);
  return with(std::move(table), more);
}

const Array& array_of(const TrainedNetwork& network, const std::string& name) {
  for (const auto& [key, array] : network.state.arrays)
    if (key == name) return array;
  throw InternalError("no array " + name);
}

TEST(EventPropDelays, WithoutDelaysTheAnswerIsConstantAndWithThemItIsRight) {
  Desk desk;
  desk.run("eventprop-delays", settings({{"ways", Value::List{"weights", "hidden", "synaptic"}}, {"repeats", 2}}));
  const double ceiling = desk.number("ceiling_without_delays");
  EXPECT_GE(ceiling, 1. / 3);
  EXPECT_LT(ceiling, 0.5);
  for (const std::string way : {"weights", "hidden"})
    for (const double accuracy : desk.numbers("test_accuracy_each_" + way)) EXPECT_LE(accuracy, ceiling) << way;
  EXPECT_GT(desk.number("test_accuracy"), 0.75);
  EXPECT_LT(desk.number("left_over"), 0.02);
  ASSERT_EQ(desk.kept.size(), 6u);
  EXPECT_TRUE(desk.kept.contains("synaptic2"));
  // A constant answer: one of the classes, whatever is shown.
  const auto model = network_with<Trainable>(desk.kept.at("weights1").state, house(), "a test");
  const Dataset data = desk.dataset("intervals:classes=3,training_samples=300,test_samples=150");
  const NamedArrays out = model->outputs(data.test.x.view(), {});
  const auto z = to_tensor<double>(out[0].second.view());
  std::vector<std::size_t> winners;
  for (std::size_t i = 0; i < 150; ++i) {
    const auto row = z.view()[i].flat();
    winners.push_back(static_cast<std::size_t>(std::ranges::max_element(row) - row.begin()));
  }
  EXPECT_EQ(std::ranges::count(winners, winners[0]), 150);
}

TEST(EventPropDelays, WhatDoesNotLearnStaysAsItWas) {
  Desk desk;
  Value train = Value::table();
  train.set("epochs", 1);
  desk.run("eventprop-delays", settings({{"ways", Value::List{"random", "delays"}}, {"train", train}}));
  ASSERT_EQ(desk.kept.size(), 2u);
  for (const auto& [member, network] : desk.kept) {
    const auto fresh = build_model<Trainable>(network.state.description, house(), "a test");
    for (const NamedView& parameter : fresh->parameters()) {
      const bool held = parameter.name.ends_with(member == "random1" ? ".delay" : ".weight");
      const auto before = to_tensor<double>(parameter.values),
                 after = to_tensor<double>(array_of(network, parameter.name).view());
      EXPECT_EQ(std::ranges::equal(before.flat(), after.flat()), held) << member << " " << parameter.name;
    }
  }
}

TEST(EventPropDelays, MeetingIsTheWindowOfMostArrivals) {
  Tensor<double> lags(Shape{2, 4}), delays(Shape{2, 4});
  const double lag[] = {0, 1, 2, 3, 0, 2, 4, 6}, delay[] = {3, 2, 1.4, 0, 0, 0, 0, 0};
  std::ranges::copy(lag, lags.flat().begin()), std::ranges::copy(delay, delays.flat().begin());
  const Meeting met = meeting(lags, delays, 0.25);
  EXPECT_EQ(met.many, (std::vector<std::size_t>{4, 1}));
  EXPECT_DOUBLE_EQ(met.at[0], 3.2);
  EXPECT_DOUBLE_EQ(met.share, 5. / 8);
  EXPECT_DOUBLE_EQ(meeting(lags, delays, 0.1).share, 4. / 8);
}

TEST(EventPropDelays, NamesNoCeilingWhereSpikesMeetWithoutDelays) {
  Desk desk;
  Value train = Value::table();
  train.set("epochs", 1);
  desk.run(
      "eventprop-delays",
      settings({{"dataset", "intervals:training_samples=100,test_samples=60,shortest_gap=0,longest_gap=0.01,jitter=0"},
                {"ways", Value::List{"weights"}},
                {"train", train}}));
  EXPECT_EQ(desk.figures.front().name, "test_accuracy");  // what a sweep shows
  EXPECT_DOUBLE_EQ(desk.number("left_over"), 1);
  EXPECT_THROW(desk.figure("ceiling_without_delays"), InternalError);
  EXPECT_EQ(desk.said.find("at most"), std::string::npos) << desk.said;
}

TEST(EventPropStudies, RefuseToTrainForNoEpoch) {
  Value train = Value::table(), table = Value::table();
  train.set("epochs", 0), table.set("train", train);
  for (const char* study :
       {"eventprop-yinyang", "eventprop-mnist", "eventprop-delays", "hidden-gradient", "gradient-duel"})
    try {
      Desk().run(study, table);
      ADD_FAILURE() << study << " ran";
    } catch (const SpecError& error) {
      EXPECT_NE(std::string(error.what()).find("train.epochs: 0"), std::string::npos) << study << ": " << error.what();
    }
}

TEST(EventPropDelays, HasTheSameBitsWithAnyThreads) {
  Desk one(1), two(2);
  const Value table = settings({{"ways", Value::List{"axonal", "taps"}}, {"delay_copies", 8}});
  one.run("eventprop-delays", table), two.run("eventprop-delays", table);
  EXPECT_EQ(one.kept.size(), 2u);
  expect_same_results(one, two);
}

TEST(EventPropDelays, RefusesWhatItCantShow) {
  Desk desk;
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"dataset", "yin-yang:"}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"readout", "max"}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"order", "larger_first"}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"ways", Value::List{}}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"ways", Value::List{"taps", "taps"}}})), SpecError);
  // What each way sets itself.
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"learn_weights", false}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"delays", "axonal"}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"ways", Value::List{"magic"}}})), SpecError);
  EXPECT_THROW(desk.run("eventprop-delays", settings({{"hidden", Value::List{}}})), SpecError);
}

}  // namespace
}  // namespace neurarium
