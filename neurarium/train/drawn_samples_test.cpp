// Samples that are drawn anew for each epoch: an epoch learns from its own, whatever was made of those before.
#include <gtest/gtest.h>

#include <utility>

#include "neurarium/core/rng.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/described_network_test.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/subjects.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

constexpr std::size_t samples = 48, steps = 20, units = 8;

/// Each unit fires six times a sample: so often that a training reads them by unit.
StepSpikes spikes_of(std::uint64_t epoch) {
  StepSpikes spikes(steps, units);
  const Stream stream(epoch, "drawn");
  for (std::uint32_t i = 0; i < samples; ++i)
    for (std::uint32_t t = 0; t < steps; ++t) {
      std::vector<StepSpikes::Unit> now;
      for (std::uint32_t j = 0; j < units; ++j)
        if (uniform(stream, {0, i, t, j}) < 0.3) now.push_back(static_cast<StepSpikes::Unit>(j));
      spikes.add_step(now);
    }
  return spikes;
}

Array labels() {
  Array y(DType::i64, {samples});
  for (std::size_t i = 0; i < samples; ++i) y.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % 3);
  return y;
}

std::unique_ptr<Model> network() {
  return described_network(
      "[model]\ntype = \"sequential\"\ninputs = [20, 8]\nseed = 3\nloss = \"cross_entropy\"\n"
      "[[model.layers]]\ntype = \"lif\"\nunits = 5\n"
      "[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 3\n");
}

TrainParams settings(std::int64_t epochs) {
  TrainParams params;
  params.epochs = epochs, params.batch_size = 16, params.shard_size = 8, params.shuffle = false;
  params.optimiser.settings.set("learning_rate", 0.5);
  return params;
}

const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Two epochs with samples of their own in one training, stopped at that look and resumed unless it is −1.
NamedArrays drawn_for_each_epoch(const TrainParams& params, int stop_after) {
  contracts::TestContext context(registry(), 1, 5);
  const Array y = labels();
  const auto one_go = [&](int looks) {
    const auto model = network();
    StepSpikes spikes = spikes_of(0);
    TrainCallbacks callbacks;
    callbacks.draw_samples = [&](std::uint64_t epoch) { spikes = spikes_of(epoch); };
    context.stop_after(looks);
    try {
      train(dynamic_cast<Trainable&>(*model), {spikes, y}, 1, params, context, callbacks);
      EXPECT_EQ(looks, -1) << "the stop came too late to test anything";
    } catch (const Interrupted&) {}
    return contracts::copied_state(*model);
  };
  if (stop_after >= 0) one_go(stop_after);
  return one_go(-1);
}

TEST(DrawnSamples, AreWhatTheEpochLearnsFrom) {
  const auto model = network();
  const Array y = labels();
  for (const std::uint64_t epoch : {0, 1}) {
    contracts::TestContext context(registry(), 1, 5);
    const StepSpikes spikes = spikes_of(epoch);
    train(dynamic_cast<Trainable&>(*model), {spikes, y}, 1, settings(1), context);
  }
  EXPECT_TRUE(contracts::same_bits(drawn_for_each_epoch(settings(2), -1), contracts::copied_state(*model)));
}

TEST(DrawnSamples, AreThoseOfTheEpochAfterAResume) {
  const NamedArrays in_one_go = drawn_for_each_epoch(settings(2), -1);
  for (const int looks : {2, 3, 4}) {
    SCOPED_TRACE(looks);  // in the first epoch, before the second, and in it
    EXPECT_TRUE(contracts::same_bits(drawn_for_each_epoch(settings(2), looks), in_one_go));
  }
}

TEST(DrawnSamples, AreNothingForAMethodThatMakesOneErrorSmall) {
  TrainParams params = settings(2);
  params.optimiser = {"conjugate_gradient", Value::table()};
  params.batch_size = TrainParams{}.batch_size;
  EXPECT_THROW(drawn_for_each_epoch(params, -1), SpecError);
}

}  // namespace
}  // namespace neurarium
