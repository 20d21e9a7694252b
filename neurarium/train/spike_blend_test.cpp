// Blends: what is mixed with what, where it lands, and that neither batches, threads nor a stop change a bit.
#include "neurarium/train/spike_blend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "neurarium/neurarium.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/subjects.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

using Units = std::vector<StepSpikes::Unit>;
using Event = std::pair<std::size_t, std::size_t>;  // step, unit

/// Samples of 60 steps and 40 channels; sample k is a block of spikes, 10 steps by 10 channels, that begins at step 5 + k and channel 3 k.
Split blocks(std::size_t n, std::vector<std::int64_t> labels) {
  StepSpikes spikes(60, 40);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t step = 0; step < 60; ++step) {
      Units units;
      for (std::size_t u = 0; u < 10 && step >= 5 + k && step < 15 + k; ++u)
        units.push_back(static_cast<StepSpikes::Unit>(3 * k + u));
      spikes.add_step(units);
    }
  Split split{{}, Array(DType::i64, {n}), std::make_shared<const StepSpikes>(spikes)};
  for (std::size_t k = 0; k < n; ++k) split.y.as<std::int64_t>()(k) = labels[k];
  return split;
}

StepSpikes blended(const SpikeBlender& blender, std::vector<std::uint64_t> ids, std::uint32_t epoch = 0) {
  StepSpikes out;
  blender.blend(ids, {Mode::train, 7, epoch, 0, {}}, out);
  return out;
}

TEST(SpikeBlend, TwoSamplesMeetInTheMiddleBetweenTheirCentroids) {
  const Split split = blocks(5, {0, 1, 1, 1, 0});
  const SplitView view = split;
  EXPECT_EQ(centroid_of(view.spikes, 4).step, 13.5);
  EXPECT_EQ(centroid_of(view.spikes, 4).channel, 16.5);
  const std::vector<std::uint64_t> kept{0, 4};
  // All of sample 0 and nothing of sample 4: sample 0, half the way to sample 4, which is 4 steps and 12 channels off.
  const StepSpikes moved = blended(SpikeBlender({1, 1}, view, kept), {0});
  EXPECT_EQ(moved.events(), 100u);
  EXPECT_EQ(centroid_of(moved, 0).step, 11.5);
  EXPECT_EQ(centroid_of(moved, 0).channel, 10.5);
  // Nothing of sample 0 and all of sample 4: it comes to the same place.
  EXPECT_EQ(blended(SpikeBlender({1, 0}, view, kept), {0}), moved);
  // Half of each: places where both stayed have two spikes, and about a quarter of them has none.
  std::size_t events = 0, empty = 0;
  for (std::uint32_t epoch = 0; epoch < 50; ++epoch) {
    const StepSpikes mixed = blended(SpikeBlender({1, 0.5}, view, kept), {0}, epoch);
    events += mixed.events();
    for (std::size_t step = 7; step < 17; ++step)
      for (StepSpikes::Unit unit = 6; unit < 16; ++unit) empty += std::ranges::count(mixed.at(0, step), unit) == 0;
  }
  EXPECT_NEAR(static_cast<double>(events), 5000, 5 * std::sqrt(10000 * 0.25));
  EXPECT_NEAR(static_cast<double>(empty), 1250, 5 * std::sqrt(5000 * 0.25 * 0.75));
}

TEST(SpikeBlend, PartnersAreOfTheSameClassAndLearnedFromAndAllOfThemComeUp) {
  const Split split = blocks(8, {0, 1, 0, 1, 0, 1, 0, 2});
  const std::vector<std::uint64_t> kept{0, 1, 2, 3, 4, 5, 7};  // 6 is held out
  const SpikeBlender blender({1, 0}, split, kept);             // nothing of the sample itself: the partner alone
  const SpikesView spikes(*split.spikes);
  std::set<std::size_t> partners;
  for (std::uint32_t epoch = 0; epoch < 60; ++epoch) {
    const StepSpikes out = blended(blender, {0, 7}, epoch);
    // It begins where the mean of both does: 5 + k/2.
    partners.insert(2 * static_cast<std::size_t>(std::floor(centroid_of(out, 0).step - 9.5 + 0.25)));
    EXPECT_EQ(centroid_of(out, 1).channel, centroid_of(spikes, 7).channel);  // alone in its class
  }
  EXPECT_EQ(partners, (std::set<std::size_t>{2, 4}));
}

TEST(SpikeBlend, DrawsDependOnSampleAndEpochAloneAndTheShareIsKept) {
  const Split split = blocks(6, {0, 0, 0, 0, 0, 0});
  const std::vector<std::uint64_t> kept{0, 1, 2, 3, 4, 5};
  const SpikeBlender blender({0.5, 0.5}, split, kept);
  const StepSpikes together = blended(blender, {5, 2, 3}), alone = blended(blender, {2});
  EXPECT_EQ(SpikesView(together, 1, 1).copy(), alone);
  EXPECT_FALSE(blended(SpikeBlender({1, 0.5}, split, kept), {2}) ==
               blended(SpikeBlender({1, 0.5}, split, kept), {2}, 1));
  int changed = 0;
  for (std::uint32_t epoch = 0; epoch < 400; ++epoch)
    changed += !(blended(blender, {3}, epoch) == SpikesView(*split.spikes, 3, 1).copy());
  EXPECT_NEAR(changed, 200, 50);  // 5 standard deviations
}

TEST(SpikeBlend, SpikesThatLeaveTheGridAreLeftOutAndSilentSamplesStayWhereTheyAre) {
  StepSpikes spikes(10, 10);
  const auto sample = [&](std::vector<Event> events) {
    for (std::size_t step = 0; step < 10; ++step) {
      Units units;
      for (const auto& [at, unit] : events)
        if (at == step) units.push_back(static_cast<StepSpikes::Unit>(unit));
      spikes.add_step(units);
    }
  };
  sample({{0, 0}, {9, 9}}), sample({{9, 9}}), sample({}), sample({{1, 1}});
  Split split{{}, Array(DType::i64, {4}), std::make_shared<const StepSpikes>(spikes)};
  for (std::size_t k = 0; k < 4; ++k) split.y.as<std::int64_t>()(k) = k / 2;
  const std::vector<std::uint64_t> kept{0, 1, 2, 3};
  const StepSpikes out = blended(SpikeBlender({1, 1}, split, kept), {0, 3});
  ASSERT_EQ(out.events(), 2u);  // moved by (9 − 4.5)/2, 2 whole steps: (0, 0) stays, (9, 9) leaves
  EXPECT_EQ(out.at(0, 2)[0], 2);
  EXPECT_EQ(out.at(1, 1)[0], 1);  // its partner is silent
}

/// A small network of spike times that learns `split`.
struct Outcome {
  NamedArrays state;
  EpochHistory history;
};
Outcome outcome(const Split& split, double share, int threads, int stop_after = -1) {
  static const Registry registry = builtin_registry();
  const auto part = [](const char* type, std::vector<std::pair<const char*, Value>> settings) {
    Value table = Value::table();
    table.set("type", type);
    for (auto& [key, value] : settings) table.set(key, std::move(value));
    return table;
  };
  Value settings = Value::table();
  settings.set("layers", Value::List{part("spike_times", {}), part("eventprop_lif", {{"units", 8}}),
                                     part("spike_integrator", {{"units", 2}})});
  settings.set("inputs", Value::List{60, 40}), settings.set("seed", 3), settings.set("loss", part("cross_entropy", {}));
  const auto model = registry.make<Model>("model", {"sequential", settings});
  TrainParams params;
  params.epochs = 3, params.batch_size = 4, params.shard_size = 2;
  params.optimiser = {"adam", Value::table()};
  params.blend.share = share, params.ease_in.start = 0.01;
  params.early_stopping.patience = 3, params.early_stopping.held_out = 0.2;
  contracts::TestContext context(registry, threads, 5);
  context.stop_after(stop_after);
  Outcome result;
  auto& learner = dynamic_cast<Trainable&>(*model);
  try {
    result.history = train(learner, split, 1, params, context);
    EXPECT_EQ(stop_after, -1) << "the stop came too late to test anything";
  } catch (const Interrupted&) {
    context.stop_after(-1);
    result.history = train(learner, split, 1, params, context);
  }
  result.state = contracts::copied_state(*model);
  return result;
}

TEST(SpikeBlend, TrainingHasTheSameBitsWithAnyThreadsAndAfterAStop) {
  const Split split = blocks(10, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
  const Outcome one = outcome(split, 0.5, 1);
  EXPECT_TRUE(contracts::same_bits(one.state, outcome(split, 0.5, 2).state));
  EXPECT_TRUE(contracts::same_bits(one.state, outcome(split, 0.5, 2, 3).state));
  EXPECT_FALSE(contracts::same_bits(one.state, outcome(split, 0, 1).state));
}

TEST(SpikeBlend, RefusesWhatItCantBlend) {
  Split split = blocks(4, {0, 1, 0, 1});
  split.y = Array(DType::f32, {4, 1});
  const std::vector<std::uint64_t> kept{0, 1, 2, 3};
  EXPECT_THROW(SpikeBlender({1, 0.5}, split, kept), SpecError);
  const Split numbers{Array(DType::f32, {4, 3}), Array(DType::i64, {4})};
  EXPECT_THROW(SpikeBlender({1, 0.5}, numbers, kept), SpecError);
  EXPECT_NO_THROW(SpikeBlender({0, 0.5}, numbers, kept));
}

}  // namespace
}  // namespace neurarium
