// Times of steps by hand, from spikes and from counts; and the derivative that is not there.
#include "neurarium/models/spike_times/spike_times.hpp"

#include <gtest/gtest.h>

#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

TEST(SpikeTimesLayer, MakesTimesOfSpikesAndOfCounts) {
  SpikeTimesLayer<double> layer({"", 2e-3});
  ASSERT_EQ(layer.build({3, 2}, "clock", 0), Shape{2});
  Activity<double> spikes, counts({2, 3, 2});
  StepSpikes& events = spikes.make_spikes(2, 3, 2);
  for (const std::vector<StepSpikes::Unit>& step :
       std::vector<std::vector<StepSpikes::Unit>>{{1}, {}, {0, 0, 1}, {}, {}, {}})
    events.add_step(step);
  counts.dense()(0, 0, 1) = 1, counts.dense()(0, 2, 0) = 2, counts.dense()(0, 2, 1) = 1;
  for (const Activity<double>* in : {&spikes, &counts}) {
    Activity<double> out;
    Tape tape;
    layer.forward(*in, out, {}, tape);
    const SpikeTimes<double>& times = out.times();
    EXPECT_DOUBLE_EQ(times.duration(), 6e-3);
    ASSERT_EQ(times.count(0), 4u);
    EXPECT_EQ(times.count(1), 0u);
    const std::vector<double> at = {0, 4e-3, 4e-3, 4e-3};
    const std::vector<SpikeTimes<double>::Unit> units = {1, 0, 0, 1};
    EXPECT_TRUE(std::ranges::equal(times.times(0), at));
    EXPECT_TRUE(std::ranges::equal(times.units_of(0), units));
  }
  counts.dense()(1, 1, 1) = 0.5;
  Activity<double> out;
  Tape tape;
  EXPECT_THROW(layer.forward(counts, out, {}, tape), DataError);
  EXPECT_THROW(layer.build({3}, "clock", 0), ShapeError);
}

constexpr const char* network =
    "[model]\ntype = \"sequential\"\ninputs = [3, 2]\nscalar = \"float64\"\n"
    "[[model.layers]]\ntype = \"spike_times\"\n[[model.layers]]\ntype = \"spike_integrator\"\nunits = 2\n";

// Learning works behind it; who asks for the gradient at the samples is told that there is none.
TEST(SpikeTimesLayer, LearnsBehindItAndRefusesTheGradientAtItsInput) {
  const auto model = described_network(network);
  const Array x(DType::f64, {1, 3, 2});
  Array fires = x;
  fires.as<double>()(0, 1, 1) = 1;
  const Array y(DType::f64, {1, 2});
  Gradient gradient = make_gradient(*model);
  Tape tape;
  dynamic_cast<Trainable&>(*model).evaluate_with_gradient({fires, y, 1}, {}, tape, gradient);
  EXPECT_NE(std::as_const(gradient[0]).as<double>()(1, 0), 0);
  EXPECT_EQ(std::as_const(gradient[0]).as<double>()(0, 0), 0);
  const auto& differentiable = dynamic_cast<const Differentiable&>(*model);
  const Array cotangent(differentiable.logits(fires, {}, tape));
  try {
    differentiable.pull_back(cotangent, tape);
    FAIL() << "a gradient came from nowhere";
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("spike_times1: spikes on a grid"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace neurarium
