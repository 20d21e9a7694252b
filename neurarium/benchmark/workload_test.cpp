#include "neurarium/benchmark/workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "neurarium/interchange/json.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/attack.hpp"
#include "neurarium/nn/build_model.hpp"

namespace neurarium {
namespace {

/// A map of 3 × 3 units on 12 inputs, and 7 images.
class WorkloadTest : public ::testing::Test {
 protected:
  WorkloadTest() {
    of.name = "test";
    of.workload = "observe";
    of.divisor = 255;
    of.batch = 3;
    variant.name = "float64";
    variant.model.type = "topographic_map";
    variant.model.settings.set("rows", 3);
    variant.model.settings.set("columns", 3);
    variant.model.settings.set("inputs", 12);
    variant.model.settings.set("radius", 1);
    variant.model.settings.set("scalar", "float64");
    data.samples = Array(DType::u8, Shape{7, 12});
    auto bytes = data.samples.as<std::uint8_t>().flat();
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>((i * 37 + 11) % 256);
    Array weights(DType::f32, Shape{9, 12});
    auto numbers = weights.as<float>().flat();
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 0.01F * static_cast<float>(i % 13 + 1);
    data.start.emplace_back("weights", weights);
  }
  std::unique_ptr<Workload> make() { return make_workload(of, variant, data, registry); }

  Registry registry = builtin_registry();
  BenchCase of;
  BenchVariant variant;
  BenchData data;
};

const Array& named(const NamedArrays& arrays, const std::string& name) {
  for (const auto& [key, array] : arrays)
    if (key == name) return array;
  throw InternalError("no array " + name);
}

TEST_F(WorkloadTest, ObserveLearnsTheSamplesInTurnAndAgainFromTheFirst) {
  const auto workload = make();
  EXPECT_GT(workload->turn(4), 0);
  EXPECT_GT(workload->turn(13), 0);  // over the end of the data, twice
  // The same by hand: 17 samples, one by one.
  auto model = build_model<LocalLearner>(variant.model, registry, "test");
  set_state(*model, data.start);
  WorkerPool pool(1);
  for (std::uint64_t i = 0; i < 17; ++i) {
    Context context;
    context.mode = Mode::train;
    context.step = i;
    model->observe(data.samples.view().rows(i % 7, 1), 255, context, pool);
  }
  const NamedArrays ours = workload->state(), by_hand = state_of(*model);
  ASSERT_EQ(ours.size(), by_hand.size());
  for (const auto& [name, array] : by_hand)
    EXPECT_TRUE(std::ranges::equal(named(ours, name).as<double>().flat(), array.as<double>().flat())) << name;
}

TEST_F(WorkloadTest, RespondAnswersWithFixedWeightsInBatches) {
  of.workload = "respond";
  const auto workload = make();
  const NamedArrays before = state_of(workload->model());
  workload->turn(3 + 2);  // a whole batch, then two images
  const Array answers = named(workload->state(), "activity");
  EXPECT_EQ(answers.shape(), (Shape{2, 9}));
  const Array x = scaled(data.samples.view().rows(3, 2), 255, DType::f64);
  const Array expected = named(workload->model().outputs(x, Context{}), "activity");
  EXPECT_TRUE(std::ranges::equal(answers.as<double>().flat(), expected.as<double>().flat()));
  EXPECT_TRUE(std::ranges::equal(named(before, "weights").as<double>().flat(),
                                 named(state_of(workload->model()), "weights").as<double>().flat()));
}

TEST_F(WorkloadTest, ThreadsShareOutABatch) {
  of.workload = "respond";
  const auto alone = make();
  variant.threads = 2;
  const auto shared = make();
  alone->turn(3);
  shared->turn(3);  // two images for one thread, one for the other
  EXPECT_EQ(shared->batch().samples, 3U);
  EXPECT_TRUE(shared->batch().divisible);
  const Array a = named(alone->state(), "activity"), b = named(shared->state(), "activity");
  ASSERT_EQ(b.shape(), (Shape{3, 9}));
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(a.as<double>().flat()[i], b.as<double>().flat()[i], 1e-12) << i;
}

/// y = w x + b learns y = 3 x from x = 1, 2, 4 with E = ½ Σ (y − 3 x)².
class TrainWorkloadTest : public ::testing::Test {
 protected:
  TrainWorkloadTest() {
    of.name = "line";
    of.workload = "train";
    of.answers = "answers.npy";
    of.divisor = 2;  // the model sees x = 1, 2, 4
    of.training = parse_json(R"({"batch_size": 2, "shard_size": 1, "shuffle": false,
                                 "optimiser": {"type": "sgd", "learning_rate": 0.1, "momentum": 0.5}})",
                             "test");
    variant.name = "float64";
    variant.model = component_from(parse_json(R"({"type": "sequential", "inputs": [1], "scalar": "float64",
                                                  "layers": [{"type": "dense", "units": 1}]})",
                                              "test"));
    data.samples = numbers({2, 4, 8}, Shape{3, 1});
    data.answers = numbers({3, 6, 12}, Shape{3, 1});
    data.start = {{"dense1.weight", numbers({1}, Shape{1, 1})}, {"dense1.bias", numbers({0.5}, Shape{1})}};
  }
  static Array numbers(const std::vector<double>& values, const Shape& shape) {
    Array array(DType::f64, shape);
    std::ranges::copy(values, array.as<double>().flat().begin());
    return array;
  }
  double value(Workload& workload, const std::string& name) {
    return named(workload.state(), name).as<double>().flat()[0];
  }

  Registry registry = builtin_registry();
  BenchCase of;
  BenchVariant variant;
  BenchData data;
};

TEST_F(TrainWorkloadTest, TakesTheTrainersSteps) {
  const auto workload = make_workload(of, variant, data, registry);
  EXPECT_EQ(workload->batch().samples, 2U);
  EXPECT_FALSE(workload->batch().divisible);  // a step is of a whole batch
  workload->turn(3);
  // Steps with the mean gradient; errors w x + b − 3 x: −1.5 and −3.5 of the first batch, then the rest, alone.
  double w = 1, b = 0.5;
  const double gw = (-1.5 * 1 - 3.5 * 2) / 2, gb = (-1.5 - 3.5) / 2;
  w -= 0.1 * gw, b -= 0.1 * gb;
  const double error = w * 4 + b - 12, loss = 0.5 * (1.5 * 1.5 + 3.5 * 3.5 + error * error) / 3;
  w -= 0.1 * (0.5 * gw + error * 4), b -= 0.1 * (0.5 * gb + error);
  EXPECT_NEAR(value(*workload, "dense1.weight"), w, 1e-12);
  EXPECT_NEAR(value(*workload, "dense1.bias"), b, 1e-12);
  EXPECT_NEAR(value(*workload, "moved.dense1.weight"), w - 1, 1e-12);
  EXPECT_NEAR(value(*workload, "moved.dense1.bias"), b - 0.5, 1e-12);
  EXPECT_NEAR(value(*workload, "loss"), loss, 1e-12);
  // A turn over the end of the data begins again with the first sample.
  const auto again = make_workload(of, variant, data, registry);
  again->turn(3 + 2);
  workload->turn(2);
  EXPECT_EQ(value(*again, "dense1.weight"), value(*workload, "dense1.weight"));
}

TEST_F(TrainWorkloadTest, TrainingThatMakesNoSenseIsRefused) {
  of.training.set("shard_sise", 3);
  try {
    make_workload(of, variant, data, registry);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("line.training.shard_sise"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("shard_size"));
  }
}

// Of two classes by straight lines the loss has the slope of one sign wherever one is: 4 steps of 5/8 ε end at the box's corner.
TEST_F(TrainWorkloadTest, AttackMovesSamplesAsFarAsTheyMayGo) {
  of.workload = "attack";
  of.batch = 2;
  of.divisor = 10;
  of.epsilon = 0.25;
  of.attack =
      component_from(parse_json(R"({"type": "pgd", "steps": 4, "random_start": false, "early_stop": false})", "test"));
  variant.model = component_from(parse_json(R"({"type": "sequential", "inputs": [2], "scalar": "float64",
                                                "loss": "cross_entropy", "layers": [{"type": "dense", "units": 2}]})",
                                            "test"));
  data.samples = numbers({5, 5, 9, 1, 5, 5}, Shape{3, 2});
  data.answers = Array(DType::i64, Shape{3});  // of class 0
  data.start = {{"dense1.weight", numbers({1, -2, 3, -4}, Shape{2, 2})}, {"dense1.bias", numbers({9, 0}, Shape{2})}};
  const auto workload = make_workload(of, variant, data, registry);
  workload->turn(2);  // slopes of class 1 against class 0: 2, −2
  const NamedArrays state = workload->state();
  const auto found = named(state, "outputs").as<double>();
  const double x[2][2] = {{0.75, 0.25}, {1, 0}};
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(found(i, 0), x[i][0] - 2 * x[i][1] + 9, 1e-12);
    EXPECT_NEAR(found(i, 1), 3 * x[i][0] - 4 * x[i][1], 1e-12);
  }
  EXPECT_NEAR(value(*workload, "distance"), (0.25 + 0.25 + 0.1 + 0.1) / 4, 1e-12);
  workload->turn(3);  // the last sample, and again the first two
  EXPECT_EQ(named(workload->state(), "outputs").shape(), (Shape{2, 2}));
}

/// Counts the threads that are at one sample at the same time.
struct Crowd {
  std::array<std::atomic<int>, 3> at{};
  std::atomic<int> most = 0, shown = 0;
};
class CrowdedAttack : public Attack<double> {
 public:
  explicit CrowdedAttack(Crowd& crowd) : crowd_(crowd) {}
  Norm norm() const override { return Norm::linf; }
  Access access() const override { return Access::nothing; }
  void run(Target<double>&, const AttackTask<double>& task, View<double> changed) const override {
    std::ranges::copy(task.x.flat(), changed.flat().begin());
    for (const std::uint64_t id : task.ids) {
      const int here = ++crowd_.at.at(id);
      if (here > crowd_.most) crowd_.most = here;
      ++crowd_.shown;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // another thread would come now
    for (const std::uint64_t id : task.ids) --crowd_.at.at(id);
  }

 private:
  Crowd& crowd_;
};
struct NoParams {
  static Schema fields() { return Schema::of<NoParams>({}); }
};

TEST_F(TrainWorkloadTest, NoTwoThreadsAttackOneSampleWhenATurnIsLongerThanTheData) {
  Crowd crowd;
  registry.add<NoParams>("attack", "crowded", "A test's own.").makes<Attack<double>>([&](const NoParams&) {
    return std::make_unique<CrowdedAttack>(crowd);
  });
  of.workload = "attack";
  of.batch = 2;
  of.attack = component_from(parse_json(R"({"type": "crowded"})", "test"));
  variant.threads = 3;
  data.answers = Array(DType::i64, Shape{3});
  const auto workload = make_workload(of, variant, data, registry);
  workload->turn(2);  // so that the laps begin in the middle of the data
  workload->turn(20);
  EXPECT_EQ(crowd.shown, 22);
  EXPECT_EQ(crowd.most, 1);
  EXPECT_EQ(named(workload->state(), "outputs").shape(), (Shape{1, 1}));  // sample 21: the first of a lap, alone
}

TEST_F(WorkloadTest, StartingArraysMustFit) {
  data.start[0].first = "wheights";
  EXPECT_THROW(make(), SpecError);
  data.start[0] = {"weights", Array(DType::f32, Shape{9, 11})};
  EXPECT_THROW(make(), ShapeError);
}

}  // namespace
}  // namespace neurarium
