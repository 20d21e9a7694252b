// Networks trained by full-batch methods: SciPy's minima (validation/backprop/write_full_batch.py), and the life of a training.
#include "neurarium/train/full_batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/train/hold_out.hpp"
#include "tests/contracts/subjects.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

Array scipy_answer(const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/backprop/full_batch.npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}

struct Layout {
  std::vector<std::pair<std::int64_t, const char*>> layers;  ///< units, activation
  std::int64_t inputs = 2;
  const char* loss = "squared_error";
  const char* scalar = "float64";
};

std::unique_ptr<Trainable> network(const Layout& layout, std::uint64_t seed = 3) {
  Value::List layers;
  for (const auto& [units, activation] : layout.layers) {
    Value layer = Value::table();
    layer.set("type", "dense");
    layer.set("units", units);
    layer.set("activation", activation);
    layers.push_back(layer);
  }
  Value settings = Value::table(), loss = Value::table();
  loss.set("type", layout.loss);
  settings.set("layers", layers);
  settings.set("inputs", Value::List{layout.inputs});
  settings.set("scalar", layout.scalar);
  settings.set("seed", seed);
  settings.set("loss", loss);
  return std::unique_ptr<Trainable>(
      dynamic_cast<Trainable*>(registry().make<Model>("model", {"sequential", settings}).release()));
}

std::vector<double> parameters_of(Model& model) {
  std::vector<double> all;
  for (const NamedView& parameter : model.parameters()) {
    const Tensor<double> numbers = to_tensor<double>(parameter.values);
    all.insert(all.end(), numbers.flat().begin(), numbers.flat().end());
  }
  return all;
}
void set_parameters(Model& model, std::span<const double> from) {
  std::size_t at = 0;
  for (const NamedView& parameter : model.parameters())
    with_floating(parameter.values.dtype(), [&]<class T>() {
      for (T& x : parameter.values.as<T>().flat()) x = static_cast<T>(from[at++]);
    });
}

TrainParams by(const char* method, std::int64_t epochs, double tolerance = 1e-8) {
  TrainParams params;
  params.optimiser = {method, Value::table()};
  params.optimiser.settings.set("tolerance", tolerance);
  params.epochs = epochs;
  params.shard_size = 16;
  return params;
}

const Layout two_five_one{{{5, "tanh"}, {1, "identity"}}};

constexpr const char* methods[] = {"conjugate_gradient", "lbfgs", "levenberg_marquardt"};

TEST(FullBatch, LinearRegressionReachesItsClosedForm) {
  const Array x = scipy_answer("linear/x"), y = scipy_answer("linear/y");
  const Array expected = scipy_answer("linear/parameters"), loss = scipy_answer("linear/loss");
  for (const char* method : methods)
    for (const char* reduction : {"mean", "sum"}) {
      const auto model = network({{{2, "identity"}}, 3});
      contracts::TestContext context(registry(), 2, 5);
      TrainParams params = by(method, 300);
      params.reduction = reduction;
      train(*model, {x, y}, 1, params, context);
      const auto w = parameters_of(*model);
      for (std::size_t i = 0; i < w.size(); ++i)
        EXPECT_NEAR(w[i], expected.as<double>()(i), 2e-7) << method << ' ' << i;
      EXPECT_NEAR(evaluate(*model, {x, y}, 1, context).loss, loss.as<double>()(0), 1e-9) << method;
    }
}

TEST(FullBatch, SoftmaxRegressionReachesSciPysMinimum) {
  const Array x = scipy_answer("logistic/x"), labels = scipy_answer("logistic/labels");
  for (const char* method : {"conjugate_gradient", "lbfgs"}) {
    const auto model = network({{{3, "identity"}}, 2, "cross_entropy"});
    contracts::TestContext context(registry(), 1, 5);
    train(*model, {x, labels}, 1, by(method, 300), context);
    EXPECT_NEAR(evaluate(*model, {x, labels}, 1, context).loss, scipy_answer("logistic/loss").as<double>()(0), 1e-9)
        << method;
  }
}

TEST(FullBatch, ANetworkReachesSciPysMinimumFromTheSameStart) {
  const Array x = scipy_answer("net/x"), y = scipy_answer("net/y"), start = scipy_answer("net/start");
  const Array expected = scipy_answer("net/parameters"), loss = scipy_answer("net/loss");
  for (const char* method : methods) {
    const auto model = network(two_five_one);
    set_parameters(*model, start.as<double>().flat());
    contracts::TestContext context(registry(), 2, 5);
    const auto history = train(*model, {x, y}, 1, by(method, 2000, 2e-8), context);
    const double found = evaluate(*model, {x, y}, 1, context).loss;
    EXPECT_NEAR(found, loss.as<double>()(0), 1e-9) << method;
    const auto w = parameters_of(*model);
    for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(w[i], expected.as<double>()(i), 1e-5) << method << ' ' << i;
    // Each epoch's loss is that before its step: it falls, and the first is that of the start.
    for (std::size_t i = 1; i < history.size(); ++i) EXPECT_LT(history[i].loss, history[i - 1].loss) << method << i;
    EXPECT_LT(found, history.back().loss);
    set_parameters(*model, start.as<double>().flat());
    EXPECT_DOUBLE_EQ(evaluate(*model, {x, y}, 1, context).loss, history.front().loss);
  }
}

TEST(FullBatch, FloatComesNear) {
  const Array x = scipy_answer("net/x"), y = scipy_answer("net/y"), start = scipy_answer("net/start");
  Layout layout = two_five_one;
  layout.scalar = "float32";
  for (const char* method : methods) {
    const auto model = network(layout);
    set_parameters(*model, start.as<double>().flat());
    contracts::TestContext context(registry(), 1, 5);
    train(*model, {x, y}, 1, by(method, 300), context);
    EXPECT_NEAR(evaluate(*model, {x, y}, 1, context).loss, scipy_answer("net/loss").as<double>()(0), 1e-5) << method;
  }
}

/// The lecture's four points.
Split xor_data(bool as_labels) {
  Split split{Array(DType::f64, {4, 2}),
              Array(as_labels ? DType::i64 : DType::f64, as_labels ? Shape{4} : Shape{4, 1})};
  for (std::size_t i = 0; i < 4; ++i) {
    split.x.as<double>()(i, 0) = static_cast<double>(i / 2), split.x.as<double>()(i, 1) = static_cast<double>(i % 2);
    if (as_labels) split.y.as<std::int64_t>()(i) = (i / 2) != (i % 2);
    else split.y.as<double>()(i, 0) = (i / 2) != (i % 2);
  }
  return split;
}

TEST(FullBatch, LevenbergMarquardtSolvesXorFromMostSeeds) {
  int solved = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto model = network({{{2, "tanh"}, {1, "identity"}}}, seed);
    const Split data = xor_data(false);
    contracts::TestContext context(registry(), 1, seed);
    train(*model, data, 1, by("levenberg_marquardt", 100), context);
    solved += evaluate(*model, data, 1, context).loss < 1e-6;
  }
  EXPECT_GE(solved, 12);
}

TEST(FullBatch, LevenbergMarquardtReadsLabelsAsTheLossDoes) {
  for (const std::int64_t outputs : {1, 2}) {
    const auto model = network({{{4, "tanh"}, {outputs, "logistic"}}}, 1);
    const Split data = xor_data(true);
    contracts::TestContext context(registry(), 1, 1);
    const auto history = train(*model, data, 1, by("levenberg_marquardt", 60), context);
    const EpochResult found = evaluate(*model, data, 1, context);
    EXPECT_LT(found.loss, history.front().loss / 10) << outputs;
    EXPECT_TRUE(history.front().has_accuracy);
  }
}

struct Outcome {
  NamedArrays state;
  std::vector<double> losses;
};
Outcome outcome(const TrainParams& params, int threads, int stop_after = -1) {
  const Array x = scipy_answer("net/x"), y = scipy_answer("net/y");
  contracts::TestContext context(registry(), threads, 5);
  const auto one_go = [&](int looks) {
    const auto model = network(two_five_one);
    const auto before = contracts::copied_state(*model);
    context.stop_after(looks);
    Outcome result;
    TrainCallbacks callbacks;
    NamedArrays reached = before;
    callbacks.after_epoch = [&](const EpochResult& epoch) {
      result.losses.push_back(epoch.loss);
      reached = contracts::copied_state(*model);
    };
    try {
      train(*model, {x, y}, 1, params, context, callbacks);
      EXPECT_EQ(looks, -1) << "the stop came too late to test anything";
    } catch (const Interrupted&) {
      EXPECT_TRUE(contracts::same_bits(reached, contracts::copied_state(*model)))
          << "left at a point that was only tried";
      EXPECT_FALSE(context.resumed()) << "half a checkpoint";
    }
    result.state = contracts::copied_state(*model);
    return result;
  };
  if (stop_after >= 0) one_go(stop_after);
  return one_go(-1);
}

TEST(FullBatch, TheSameBitsForAnyNumberOfThreadsAndAfterAStop) {
  for (const char* method : methods) {
    TrainParams params = by(method, 8, 0);
    for (const int patience : {0, 4}) {
      params.early_stopping.patience = patience;
      params.early_stopping.held_out = 0.3;
      const Outcome one = outcome(params, 1);
      EXPECT_TRUE(contracts::same_bits(one.state, outcome(params, 3).state)) << method;
      for (const int looks : {1, 4, 7}) {
        const Outcome again = outcome(params, 2, looks);
        EXPECT_TRUE(contracts::same_bits(one.state, again.state)) << method << ' ' << looks;
        EXPECT_EQ(one.losses, again.losses) << method;
      }
    }
  }
}

TEST(FullBatch, AFinishedTrainingIsNotRepeated) {
  const Array x = scipy_answer("net/x"), y = scipy_answer("net/y");
  contracts::TestContext context(registry(), 1, 5);
  const auto first = network(two_five_one, 1), second = network(two_five_one, 2);
  const auto history = train(*first, {x, y}, 1, by("lbfgs", 6), context);
  std::size_t told = 0;
  TrainCallbacks callbacks;
  callbacks.after_epoch = [&](const EpochResult& epoch) { EXPECT_EQ(epoch.loss, history[told++].loss); };
  callbacks.after_step = [](std::uint64_t) { ADD_FAILURE() << "learned again"; };
  EXPECT_EQ(train(*second, {x, y}, 1, by("lbfgs", 6), context, callbacks).size(), 6u);
  EXPECT_EQ(told, 6u);
  EXPECT_TRUE(contracts::same_bits(contracts::copied_state(*first), contracts::copied_state(*second)));
}

TEST(FullBatch, EarlyStoppingPutsTheBestWeightsBack) {
  const Array x = scipy_answer("net/x"), y = scipy_answer("net/y");
  const auto model = network({{{30, "tanh"}, {1, "identity"}}}, 4);
  contracts::TestContext context(registry(), 1, 5);
  TrainParams params = by("levenberg_marquardt", 300, 0);
  params.early_stopping.patience = 5;
  params.early_stopping.held_out = 0.5;
  const auto history = train(*model, {x, y}, 1, params, context);
  const auto best = std::ranges::min_element(history, {}, &EpochResult::held_out_loss);
  EXPECT_EQ(history.size(), best->epoch + 5);
  const HeldOut apart = hold_out(5, 120, 0.5);
  const Array held_x = gather_rows(x, apart.held_out), held_y = gather_rows(y, apart.held_out);
  EXPECT_EQ(evaluate(*model, {held_x, held_y}, 1, context).loss, best->held_out_loss);
}

std::string refusal(const TrainParams& params, const Layout& layout = two_five_one,
                    const TrainCallbacks& callbacks = {}) {
  const Array x = scipy_answer("net/x"), y = scipy_answer("net/y");
  const Array labels(DType::i64, {120});
  const auto model = network(layout);
  contracts::TestContext context(registry(), 1, 5);
  try {
    const bool classes = std::string(layout.loss) == "cross_entropy";
    train(*model, {x, classes ? labels.view() : y.view()}, 1, params, context, callbacks);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(FullBatch, RefusesSettingsThatMakeNoSense) {
  TrainParams params = by("lbfgs", 3);
  params.batch_size = 16;
  params.clip_norm = 1;
  params.schedule = {"cosine", Value::table()};
  const std::string all = refusal(params);
  for (const char* key : {"train.batch_size", "train.clip_norm", "train.schedule"})
    EXPECT_NE(all.find(key), std::string::npos) << all;
  params = by("lbfgs", 3);
  for (const std::int64_t harmless : {32, 120, 1000}) {
    params.batch_size = harmless;
    EXPECT_EQ(refusal(params), "");
  }
  TrainCallbacks callbacks;
  callbacks.after_gradient = [](Gradient&) {};
  EXPECT_NE(refusal(params, two_five_one, callbacks).find("gradients are changed"), std::string::npos);
}

TEST(FullBatch, LevenbergMarquardtWantsSquaredErrors) {
  const std::string said = refusal(by("levenberg_marquardt", 3), {{{5, "tanh"}, {2, "identity"}}, 2, "cross_entropy"});
  EXPECT_NE(said.find("squared_error"), std::string::npos) << said;
}

}  // namespace
}  // namespace neurarium
