#include "neurarium/core/spikes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/pool.hpp"

namespace neurarium {
namespace {

using Units = std::vector<StepSpikes::Unit>;

StepSpikes two_samples() {
  StepSpikes spikes(2, 5);
  for (const Units& step : {Units{0, 4}, Units{}, Units{2, 2, 3}, Units{1}}) spikes.add_step(step);
  return spikes;
}

Units at(const SpikesView& spikes, std::size_t sample, std::size_t step) {
  const auto units = spikes.at(sample, step);
  return {units.begin(), units.end()};
}

TEST(StepSpikes, KeepWhatFiredWhen) {
  const StepSpikes spikes = two_samples();
  EXPECT_EQ(spikes.samples(), 2U);
  EXPECT_EQ(spikes.events(), 6U);
  EXPECT_EQ(at(spikes, 0, 0), (Units{0, 4}));
  EXPECT_EQ(at(spikes, 0, 1), Units{});
  EXPECT_EQ(at(spikes, 1, 0), (Units{2, 2, 3}));
}

TEST(StepSpikes, AreSeenInAnyOrderAndGathered) {
  const StepSpikes spikes = two_samples();
  const std::vector<std::uint64_t> ids{1, 0, 1};
  const SpikesView view(spikes, ids);
  const StepSpikes copy = view.copy();
  EXPECT_EQ(view.events(), 10U);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t t = 0; t < 2; ++t) EXPECT_EQ(at(view, i, t), at(copy, i, t));
  EXPECT_EQ(at(SpikesView(spikes, 1, 1), 0, 1), Units{1});
  std::vector<std::uint64_t> memory;
  for (const SpikesView& some : {view.part(1, 2), view.chosen(std::vector<std::uint64_t>{1, 2}, memory)})
    EXPECT_EQ(some.copy(), SpikesView(spikes, std::span(ids).last(2)).copy());
  EXPECT_EQ(SpikesView(spikes).part(1, 1).copy(), SpikesView(spikes, 1, 1).copy());
}

/// The steps in which `unit` fired.
Units steps_of(const SpikesByUnit::Sample& sample, StepSpikes::Unit unit) {
  const auto place =
      static_cast<std::size_t>(std::find(sample.units, sample.units + sample.count, unit) - sample.units);
  return {sample.steps + sample.first[place], sample.steps + sample.first[place + 1]};
}

TEST(StepSpikes, AreTurned) {
  const StepSpikes spikes = two_samples();
  const std::vector<std::uint64_t> ids{1, 1, 0};
  SpikesView view(spikes, ids);
  EXPECT_FALSE(view.are_turned());
  WorkerPool pool(2);
  const SpikesByUnit turned = view.turned_copy(pool);
  EXPECT_EQ(turned.steps.samples(), 2U);
  EXPECT_EQ(turned.steps.events(), spikes.events());
  view.set_turned(turned);
  std::vector<std::uint64_t> memory;
  for (const SpikesView& some : {view, view.part(1, 2), view.chosen(std::vector<std::uint64_t>{0, 2}, memory)}) {
    ASSERT_TRUE(some.are_turned());
    EXPECT_EQ(steps_of(some.by_unit(0), 1), Units{1});
    EXPECT_EQ(steps_of(some.by_unit(0), 2), (Units{0, 0}));
    const SpikesByUnit::Sample last = some.by_unit(some.samples() - 1);
    EXPECT_EQ(steps_of(last, 0), Units{0});
    EXPECT_EQ(steps_of(last, 3), Units{});
    EXPECT_EQ(steps_of(last, 4), Units{0});
  }
  StepSpikes many(2, 5);
  for (int i = 0; i < 200; ++i) many.append(spikes);
  const SpikesByUnit all = SpikesView(many).turned_copy(pool);
  for (std::size_t i = 0; i < 400; ++i)
    for (StepSpikes::Unit j = 0; j < 5; ++j)
      EXPECT_EQ(steps_of(all.sample(i), j), steps_of(turned.sample(i % 2), j)) << i;
  const SpikesByUnit second = SpikesView(spikes, 1, 1).turned_copy(pool);  // of the others: nothing
  EXPECT_EQ(second.steps.events(), 4U);
  EXPECT_EQ(steps_of(second.sample(0), 4), Units{});
  EXPECT_EQ(steps_of(second.sample(1), 3), Units{0});
}

TEST(StepSpikes, TurnedUnitsStandInTheOrderOfTheirFoursOfSteps) {
  StepSpikes spikes(13, 5);
  for (int t = 0; t < 13; ++t)
    spikes.add_step(t < 3 ? Units{0, 1, 4} : t < 5 ? Units{0, 4} : Units{0});  // 13, 3, 0, 0, 5 steps
  WorkerPool pool(1);
  const SpikesByUnit turned = SpikesView(spikes).turned_copy(pool);
  EXPECT_EQ(turned.places, (Units{1, 2, 3, 4, 0}));
  EXPECT_EQ(steps_of(turned.sample(0), 4), (Units{0, 1, 2, 3, 4}));
}

TEST(StepSpikes, AreWorthTurningIfUnitsFireTwice) {
  const StepSpikes quiet = two_samples();
  EXPECT_FALSE(SpikesView(quiet).are_worth_turning());
  StepSpikes busy(2, 1);
  for (int t = 0; t < 4; ++t) busy.add_step(Units{0});
  EXPECT_TRUE(SpikesView(busy).are_worth_turning());
  EXPECT_FALSE(SpikesView(busy, 1, 1).are_worth_turning());  // of two samples, one
}

TEST(StepSpikes, AreAppended) {
  StepSpikes spikes = two_samples();
  spikes.append(two_samples());
  EXPECT_EQ(spikes.samples(), 4U);
  EXPECT_EQ(at(spikes, 3, 1), Units{1});
  EXPECT_THROW(spikes.append(StepSpikes(3, 5)), ShapeError);
}

TEST(StepSpikes, RefuseWhatCantBe) {
  StepSpikes spikes(2, 5);
  EXPECT_THROW(spikes.add_step(Units{5}), DataError);
  EXPECT_THROW(spikes.add_step(Units{3, 1}), DataError);
  EXPECT_EQ(spikes.events(), 0U);
  EXPECT_THROW(StepSpikes(1, 65537), ShapeError);
  EXPECT_THROW(StepSpikes(0, 3), ShapeError);
}

}  // namespace
}  // namespace neurarium
