#include "neurarium/benchmark/workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurarium/neurarium.hpp"
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

TEST_F(WorkloadTest, StartingArraysMustFit) {
  data.start[0].first = "wheights";
  EXPECT_THROW(make(), SpecError);
  data.start[0] = {"weights", Array(DType::f32, Shape{9, 11})};
  EXPECT_THROW(make(), ShapeError);
}

}  // namespace
}  // namespace neurarium
