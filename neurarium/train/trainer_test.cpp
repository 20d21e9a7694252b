// What the trainer adds to plain gradient descent: schedules, clipping, early stopping, and all of it through a stop.
#include "neurarium/train/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "neurarium/core/normal.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/torch_answers_test.hpp"
#include "neurarium/train/hold_out.hpp"
#include "tests/contracts/subjects.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

std::unique_ptr<Trainable> network(std::uint64_t seed = 3) {
  const auto dense = [](std::int64_t units, const char* activation) {
    Value layer = Value::table();
    layer.set("type", "dense");
    layer.set("units", units);
    layer.set("activation", activation);
    return layer;
  };
  Value settings = Value::table();
  settings.set("layers", Value::List{dense(12, "tanh"), dense(2, "identity")});
  settings.set("inputs", Value::List{3});
  settings.set("seed", seed);
  Value loss = Value::table();
  loss.set("type", "cross_entropy");
  settings.set("loss", loss);
  return std::unique_ptr<Trainable>(
      dynamic_cast<Trainable*>(registry().make<Model>("model", {"sequential", settings}).release()));
}

/// Random labels that have nothing to do with x: the longer one learns, the worse on samples not seen.
Split noise(std::size_t n = 60) {
  Split split{Array(DType::f32, {n, 3}), Array(DType::i64, {n})};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < 3; ++j)
      split.x.as<float>()(i, j) = static_cast<float>(
          normal(Stream(1, "x"), {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j), 0, 0}));
    split.y.as<std::int64_t>()(i) = uniform(Stream(1, "y"), {static_cast<std::uint32_t>(i), 0, 0, 0}) < 0.5;
  }
  return split;
}

struct Outcome {
  NamedArrays state;
  std::vector<EpochResult> history;
};
Outcome outcome(const TrainParams& params, int stop_after = -1, int threads = 1) {
  const auto model = network();
  const Split split = noise();
  contracts::TestContext context(registry(), threads, 5);
  context.stop_after(stop_after);
  Outcome result;
  try {
    result.history = train(*model, split, 1, params, context);
    EXPECT_EQ(stop_after, -1) << "the stop came too late to test anything";
  } catch (const Interrupted&) {
    context.stop_after(-1);
    result.history = train(*model, split, 1, params, context);
  }
  result.state = contracts::copied_state(*model);
  return result;
}

TEST(Trainer, EveryOptimiserAndScheduleGoesOnToTheSameBitsAfterAStop) {
  for (const std::string& optimiser : registry().names("optimiser"))
    for (const std::string& schedule : registry().names("schedule")) {
      if (!registry().can_make<Optimiser>("optimiser", optimiser)) continue;  // full_batch_test.cpp
      TrainParams params;
      params.epochs = 4;
      params.batch_size = 16;
      params.optimiser = {optimiser, Value::table()};
      if (optimiser == "sgd") params.optimiser.settings.set("momentum", 0.9);
      params.schedule = {schedule, Value::table()};
      if (schedule == "step") params.schedule.settings.set("every", 1);
      params.clip_norm = 0.2;
      params.early_stopping.patience = 3;
      const Outcome straight = outcome(params);
      for (const int looks : {1, 6, 9}) {
        const Outcome resumed = outcome(params, looks, 2);
        EXPECT_TRUE(contracts::same_bits(straight.state, resumed.state))
            << optimiser << ", " << schedule << ", " << looks;
        ASSERT_EQ(straight.history.size(), resumed.history.size());
        EXPECT_EQ(straight.history.back().held_out_loss, resumed.history.back().held_out_loss);
      }
    }
}

/// A run that keeps what the model chose.
struct ChoiceContext : contracts::TestContext {
  using TestContext::TestContext;
  void choice(const std::string& what, const std::string& chosen) override { choices[what] = chosen; }
  std::map<std::string, std::string> choices;
};

TEST(Trainer, RunsKnowWhichEngineTheLayersTook) {
  const Value settings = parse_toml(R"(
inputs = [2]
layers = [{type = "latency_encoder"},
          {type = "eventprop_lif", units = 128, recurrent = true}, {type = "eventprop_lif", units = 128},
          {type = "eventprop_lif", units = 2, engine = "grid"}, {type = "first_spike"}]
)",
                                    "the test");
  const auto made = registry().make<Model>("model", {"sequential", settings});
  Split split{Array(DType::f32, {2, 2}), Array(DType::i64, {2})};
  TrainParams params;
  params.epochs = 0;
  ChoiceContext context(registry(), 1, 5);
  train(dynamic_cast<Trainable&>(*made), split, 1, params, context);
  const std::map<std::string, std::string> expected{{"eventprop_lif1: engine", "grid"},
                                                    {"eventprop_lif2: engine", "event"}};
  EXPECT_EQ(context.choices, expected);  // what was asked for is no choice
}

TEST(Trainer, TheScheduleMovesTheSteps) {
  TrainParams params;
  params.epochs = 3;
  const auto constant = outcome(params).state;
  params.schedule = {"cosine", Value::table()};
  EXPECT_FALSE(contracts::same_bits(constant, outcome(params).state));
}

/// A training of 60 samples in batches of 16, resumed from its first checkpoint after `change` was made to it.
template <class Change>
void resume_changed(const Change& change) {
  class Changed : public contracts::TestContext {
   public:
    using TestContext::TestContext;
    std::optional<Checkpoint> resumed() override { return changed; }
    void save(const Checkpoint& checkpoint) override { changed = checkpoint; }
    std::optional<Checkpoint> changed;
  } context(registry(), 1, 5);
  TrainParams params;
  params.epochs = 3;
  params.batch_size = 16;
  const auto model = network();
  const Split split = noise();
  context.stop_after(2);
  EXPECT_THROW(train(*model, split, 1, params, context), Interrupted);
  context.stop_after(-1);
  change(*context.changed);
  train(*model, split, 1, params, context);
}

TEST(Trainer, DamagedCheckpointsAreToldAsDamage) {
  EXPECT_NO_THROW(resume_changed([](Checkpoint&) {}));
  const auto counter = [](const std::string& key, const char* text) {
    return [=](Checkpoint& checkpoint) {
      for (auto& [name, value] : checkpoint.metadata)
        if (name == key) value = text;
    };
  };
  EXPECT_THROW(resume_changed(counter("batch", "4")), ResumeError);  // an epoch has batches 0 … 3
  EXPECT_THROW(resume_changed(counter("batch", "100000000")), ResumeError);
  EXPECT_THROW(resume_changed(counter("epoch", "4")), ResumeError);
  const auto not_finite = [](Checkpoint& checkpoint) {
    checkpoint.arrays.front().second.as<float>().flat()[7] = std::nanf("");
  };
  try {
    resume_changed(not_finite);
    ADD_FAILURE() << "a weight that is no number was taken";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("entry 7 of 'dense1.weight' is not a finite number"), std::string::npos)
        << error.what();
  }
}

TEST(Clip, EqualsPyTorch) {
  const Array start = torch_answer("gradients");
  for (const double norm : {1.0, 100.0}) {
    Gradient gradient = {Array(DType::f64, {6}), Array(DType::f64, {4})};
    const auto first_row = start.as<double>()[0].flat();
    std::copy_n(first_row.begin(), 6, gradient[0].as<double>().data());
    std::copy_n(first_row.begin() + 6, 4, gradient[1].as<double>().data());
    double squares = 0;
    for (const double g : first_row) squares += g * g;
    EXPECT_NEAR(clip(gradient, norm), std::sqrt(squares), 1e-14);
    const Array expected = torch_answer(norm == 1.0 ? "clip/1" : "clip/100");
    for (std::size_t i = 0; i < 10; ++i)
      EXPECT_NEAR(i < 6 ? gradient[0].as<double>()(i) : gradient[1].as<double>()(i - 6), expected.as<double>()(i),
                  1e-15);
  }
}

TEST(HoldOut, IsAPureFunctionOfTheSeedAndLosesNothing) {
  const HeldOut a = hold_out(7, 101, 0.2), b = hold_out(7, 101, 0.2), other = hold_out(8, 101, 0.2);
  EXPECT_EQ(a.held_out, b.held_out);
  EXPECT_NE(a.held_out, other.held_out);
  EXPECT_EQ(a.held_out.size(), 21u);
  std::set<std::uint64_t> all(a.kept.begin(), a.kept.end());
  all.insert(a.held_out.begin(), a.held_out.end());
  EXPECT_EQ(all.size(), 101u);
  EXPECT_EQ(*all.rbegin(), 100u);
  EXPECT_THROW(hold_out(7, 3, 0.9), SpecError);
}

TrainParams stopping_params() {
  TrainParams params;
  params.epochs = 200;
  params.optimiser = {"adam", Value::table()};
  params.optimiser.settings.set("learning_rate", 0.05);
  params.early_stopping.patience = 4;
  params.early_stopping.held_out = 0.3;
  return params;
}

TEST(EarlyStopping, StopsWhenPatienceIsAtItsEndAndPutsTheBestWeightsBack) {
  const TrainParams params = stopping_params();
  const Outcome found = outcome(params);
  const auto best = std::ranges::min_element(found.history, {}, &EpochResult::held_out_loss);
  ASSERT_LT(found.history.size(), 200u);
  EXPECT_EQ(found.history.size(), best->epoch + 4);
  // The model at the end gives the best epoch's figure on the held-out samples.
  const auto model = network();
  const Split split = noise();
  contracts::TestContext context(registry(), 1, 5);
  train(*model, split, 1, params, context);
  const HeldOut apart = hold_out(5, 60, 0.3);
  const Array x = gather_rows(split.x, apart.held_out), y = gather_rows(split.y, apart.held_out);
  EXPECT_EQ(evaluate(*model, {x, y}, 1, context).loss, best->held_out_loss);
  // Trained for exactly that many epochs with the same samples, the weights are the same.
  TrainParams shorter = params;
  shorter.epochs = static_cast<std::int64_t>(best->epoch);
  EXPECT_TRUE(contracts::same_bits(outcome(shorter).state, found.state));
}

TEST(EarlyStopping, StopsTheSameWayAfterAResumeAndWhenItHasStoppedAlready) {
  const Outcome straight = outcome(stopping_params());
  for (const int looks : {3, 6, 9})
    EXPECT_TRUE(contracts::same_bits(straight.state, outcome(stopping_params(), looks).state));
  const auto model = network(99);
  const Split split = noise();
  contracts::TestContext context(registry(), 1, 5);
  const auto first = train(*network(), split, 1, stopping_params(), context);
  const auto again = train(*model, split, 1, stopping_params(), context);  // from the checkpoint of the end
  EXPECT_EQ(again.size(), first.size());
  EXPECT_TRUE(contracts::same_bits(straight.state, contracts::copied_state(*model)));
}

TEST(EarlyStopping, HeldOutSamplesAreNeverLearned) {
  // Poisoned answers: one look at a held-out sample while learning would change the weights.
  TrainParams params = stopping_params();
  params.epochs = 3;
  const auto weights_with = [&](bool poisoned) {
    const auto model = network();
    Split split = noise();
    if (poisoned)
      for (const std::uint64_t id : hold_out(5, 60, 0.3).held_out) {
        auto& label = split.y.as<std::int64_t>()(id);
        label = 1 - label;
      }
    params.early_stopping.patience = 100;
    contracts::TestContext context(registry(), 1, 5);
    Outcome result;
    TrainCallbacks callbacks;
    callbacks.after_epoch = [&](const EpochResult&) { result.state = contracts::copied_state(*model); };
    train(*model, split, 1, params, context, callbacks);
    return result.state;
  };
  EXPECT_TRUE(contracts::same_bits(weights_with(false), weights_with(true)));
}

EpochHistory watched(const std::vector<double>& losses) {
  EpochHistory history;
  for (const double loss : losses) {
    EpochResult epoch;
    epoch.epoch = history.size() + 1, epoch.has_held_out = true, epoch.held_out_loss = loss;
    history.push_back(epoch);
  }
  return history;
}

TEST(EarlyStopping, TheWindowEndsItWhenItsOldestIsItsBest) {
  EarlyStoppingParams params;
  params.window = 3, params.first = 5;
  const auto stopped = [&](const std::vector<double>& losses) { return has_stopped(watched(losses), params); };
  EXPECT_FALSE(stopped({}));
  EXPECT_FALSE(stopped({9, 8, 1, 2, 1.5, 0.5}));  // the newest is the best
  EXPECT_FALSE(stopped({9, 8, 1, 2}));            // before `first`
  EXPECT_TRUE(stopped({9, 8, 1, 2, 1.5}));
  EXPECT_TRUE(stopped({0, 9, 8, 9, 8}));  // the best of all does not count, and of equal ones the oldest does
  EXPECT_TRUE(stopped({1, 1, 1, 1, 1}));  // nothing moves
  EXPECT_FALSE(stopped({0, 9, 8, 9, 7.9}));
  params.first = 1;
  EXPECT_FALSE(stopped({1, 2}));  // no window yet
  EXPECT_TRUE(stopped({1, 2, 3}));
  params.window = 0;
  EXPECT_FALSE(stopped({1, 2, 3}));
}

TEST(EarlyStopping, KeepsTheWeightsThatItSays) {
  EarlyStoppingParams params;
  params.window = 3, params.first = 1;
  const EpochHistory going = watched({3, 2, 4, 1.5, 4}), ended = watched({3, 2, 4, 5});
  EXPECT_EQ(kept_epoch(going, params).epoch, 4u);
  EXPECT_EQ(kept_epoch(ended, params).epoch, 2u);
  params.at_limit = "last";
  EXPECT_EQ(kept_epoch(going, params).epoch, 5u);
  EXPECT_EQ(kept_epoch(ended, params).epoch, 2u);
}

TEST(EarlyStopping, TheNotebooksRuleStopsWithTheBestWeightsAndGoesOnAfterAStop) {
  TrainParams params = stopping_params();
  params.early_stopping.patience = 0;
  params.early_stopping.window = 4, params.early_stopping.first = 6, params.early_stopping.at_limit = "last";
  const Outcome found = outcome(params);
  ASSERT_LT(found.history.size(), 200u);
  ASSERT_GE(found.history.size(), 6u);
  for (std::size_t n = 1; n <= found.history.size(); ++n)  // by the notebook's own words: argmin of the last is 0
    EXPECT_EQ(
        n == found.history.size(), n >= 6 &&
                                       [&] {
                                         const auto first = found.history.begin() + static_cast<std::ptrdiff_t>(n - 4);
                                         return std::ranges::min_element(first, first + 4, {},
                                                                         &EpochResult::held_out_loss) == first;
                                       }())
        << n;
  const auto best = std::ranges::min_element(found.history, {}, &EpochResult::held_out_loss);
  TrainParams shorter = params;
  shorter.epochs = static_cast<std::int64_t>(best->epoch);
  shorter.early_stopping.at_limit = "best";
  EXPECT_TRUE(contracts::same_bits(outcome(shorter).state, found.state));
  for (const int looks : {3, 6, 9})
    EXPECT_TRUE(contracts::same_bits(found.state, outcome(params, looks).state)) << looks;
}

TEST(EarlyStopping, ALimitMayKeepTheLastWeights) {
  TrainParams params = stopping_params();
  params.epochs = 80;
  params.early_stopping.patience = 1000;
  const auto best = outcome(params).state;
  params.early_stopping.at_limit = "last";
  const Outcome last = outcome(params);
  ASSERT_LT(kept_epoch(last.history, stopping_params().early_stopping).epoch, 80u) << "the last epoch is the best";
  EXPECT_FALSE(contracts::same_bits(best, last.state));
  // What the last epoch left: the same training, seen from outside.
  const auto model = network();
  const Split split = noise();
  contracts::TestContext context(registry(), 1, 5);
  NamedArrays after;
  TrainCallbacks callbacks;
  callbacks.after_epoch = [&](const EpochResult&) { after = contracts::copied_state(*model); };
  train(*model, split, 1, params, context, callbacks);
  EXPECT_TRUE(contracts::same_bits(after, last.state));
}

TEST(Validation, IsWatchedAndNothingIsHeldOut) {
  const Split split = noise(), other{gather_rows(noise(90).x, std::vector<std::uint64_t>{60, 70, 80}),
                                     gather_rows(noise(90).y, std::vector<std::uint64_t>{60, 70, 80})};
  const auto trained = [&](bool stopping, bool validated) {
    TrainParams params = stopping_params();
    params.epochs = 4;
    if (!stopping) params.early_stopping.patience = 0;
    params.early_stopping.at_limit = "last";
    const auto model = network();
    contracts::TestContext context(registry(), 1, 5);
    const SplitView view = other;
    Outcome result;
    result.history = train(*model, split, 1, params, context, {}, validated ? &view : nullptr);
    result.state = contracts::copied_state(*model);
    if (validated) {
      EXPECT_EQ(result.history.back().held_out_loss, evaluate(*model, other, 1, context).loss);
    }
    return result;
  };
  const Outcome plain = trained(false, false), watching = trained(false, true), stopping = trained(true, true);
  EXPECT_FALSE(plain.history.back().has_held_out);
  EXPECT_TRUE(watching.history.back().has_held_out);
  EXPECT_TRUE(contracts::same_bits(plain.state, watching.state));  // looking changes nothing
  EXPECT_TRUE(contracts::same_bits(plain.state, stopping.state));  // all samples were learned from
  EXPECT_FALSE(contracts::same_bits(plain.state, trained(true, false).state));
  EXPECT_EQ(watching.history.size(), 4u);
}

TEST(Validation, MustHaveAnswersThatTheModelKnows) {
  const Split split = noise();
  Split bad = noise(5);
  const auto train_with = [&](const SplitView& validation) {
    contracts::TestContext context(registry(), 1, 5);
    train(*network(), split, 1, stopping_params(), context, {}, &validation);
  };
  EXPECT_NO_THROW(train_with(bad));
  EXPECT_THROW(train_with(SplitView(bad.x, {})), DataError);
  bad.y.as<std::int64_t>()(3) = 7;  // there are two classes
  EXPECT_THROW(train_with(bad), Error);
}

TEST(AdversarialTraining, WhatChangesNothingIsToldUnlessTheRadiusWasSaid) {
  const auto keys_told = [](const std::string& text) {
    const Value given = parse_toml(text, "mine.toml");
    const Value* const written[] = {&given};
    const Schema schema = TrainParams::fields();
    std::vector<Fault> faults;
    const Value whole = schema.complete(given, {&registry(), &faults, {}, {}});
    find_idle_adversaries(schema, written, whole, registry(), {}, faults);
    std::string keys;
    for (const Fault& fault : faults) {
      keys += (keys.empty() ? "" : " ") + fault.key;
      EXPECT_EQ(fault.mend.find("set adversarial.epsilon"), 0u) << fault.mend;
      EXPECT_EQ(fault.where.source, "mine.toml");
    }
    return keys;
  };
  EXPECT_EQ(keys_told(""), "");
  EXPECT_EQ(keys_told("adversarial = {attack = {type = \"fgsm\", loss = \"cross-entropy\"}}"),
            "adversarial.attack");  // random_start = false is not as usual
  EXPECT_EQ(keys_told("adversarial = {attack = {type = \"fgsm\", random_start = true}}"), "");  // all as usual
  EXPECT_EQ(keys_told("adversarial = {attack = \"pgd\", bounds = [-5, 5]}"), "adversarial.attack adversarial.bounds");
  EXPECT_EQ(keys_told("adversarial = {attack = \"pgd\", bounds = [-5, 5], epsilon = 0}"), "");  // a sweep over radii
  EXPECT_EQ(keys_told("adversarial = {attack = \"pgd\", bounds = [-5, 5], epsilon = 0.01}"), "");
}

TEST(AdversarialTraining, AnAttackThatComparesMoreClassesThanThereAreIsTold) {
  contracts::TestContext context(registry(), 1, 5);
  TrainParams params;
  params.epochs = 1, params.adversarial.epsilon = 0.01;
  params.adversarial.attack.settings.set("loss", "dlr");
  try {
    train(*network(), noise(), 1, params, context);
    FAIL() << "dlr of two classes";
  } catch (const SpecError& error) {
    EXPECT_STREQ(error.what(),
                 "train.adversarial.attack: fgsm with the loss dlr compares at least 3 classes, and the network has 2; "
                 "set train.adversarial.attack.loss to margin or scale-free, or name another attack");
  }
}

TEST(EarlyStopping, AccuracyNeedsLabels) {
  TrainParams params = stopping_params();
  params.early_stopping.on = "accuracy";
  contracts::TestContext context(registry(), 1, 5);
  Split split = noise();
  EXPECT_NO_THROW(train(*network(), split, 1, params, context));
  split.y = Array(DType::f32, {60, 2});
  EXPECT_THROW(train(*network(), split, 1, params, context), SpecError);
}

}  // namespace
}  // namespace neurarium
