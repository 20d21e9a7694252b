// Counts by hand; networks with them beside PyTorch are in models/axonal_delay/axonal_delay_test.cpp.
#include "neurarium/models/spike_count/spike_count.hpp"

#include <gtest/gtest.h>

#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

TEST(SpikeCount, CountsSpikesAndNumbersAlike) {
  StepSpikes spikes(3, 2);
  for (const std::vector<StepSpikes::Unit>& step :
       std::vector<std::vector<StepSpikes::Unit>>{{0, 0}, {}, {0, 1}, {}, {1}, {1, 1}})
    spikes.add_step(step);
  Array numbers(DType::f64, {2, 3, 2});
  const std::vector<double> counts = {2, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 2};
  std::ranges::copy(counts, numbers.as<double>().flat().begin());
  const auto with = [](const std::string& settings) {
    return described_network(
        "[model]\ntype = \"sequential\"\ninputs = [3, 2]\nscalar = \"float64\"\n[[model.layers]]\ntype = "
        "\"spike_count\"\n" +
        settings);
  };
  const auto expect = [&](const std::string& settings, const std::vector<double>& expected) {
    const auto model = with(settings);
    for (const Samples& samples : {Samples(SpikesView(spikes)), Samples(numbers)}) {
      const Array found = model->outputs(samples, {}).front().second;
      ASSERT_EQ(found.shape(), (Shape{2, 2}));
      for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found.as<double>().flat()[i], expected[i], 1e-9) << settings << i;
    }
  };
  expect("", {3, 1, 0, 3});
  expect("factor = 0.5\n", {1.5, 0.5, 0, 1.5});
  expect("scale = \"rate\"\ndt = \"2 ms\"\n", {500, 500 / 3.0, 0, 500});
  EXPECT_THROW(
      described_network("[model]\ntype = \"sequential\"\ninputs = [3]\n[[model.layers]]\ntype = \"spike_count\"\n"),
      ShapeError);
}

// Units that fire take the gradient of their counts as a product; others take it step by step.
TEST(SpikeCount, SendsTheSameGradientBackInEitherForm) {
  StepSpikes spikes(20, 2);
  for (StepSpikes::Unit t = 0; t < 40; ++t) {
    const StepSpikes::Unit unit = t % 3 == 0;
    spikes.add_step(t % 4 == 3 ? std::span<const StepSpikes::Unit>() : std::span(&unit, 1));
  }
  Array labels(DType::i64, {2});
  const auto gradient = [&](const std::string& between) {
    const auto model = described_network(
        "[model]\ntype = \"sequential\"\ninputs = [20, 2]\nloss = {type = \"cross_entropy\"}\nscalar = \"float64\"\n"
        "[[model.layers]]\ntype = \"lif\"\nunits = 3\n" +
        between + "[[model.layers]]\ntype = \"spike_count\"\nscale = \"rate\"\nfactor = 0.1\n");
    Tape tape;
    Gradient found = make_gradient(*model);
    dynamic_cast<Trainable&>(*model).evaluate_with_gradient({{}, labels, 1, spikes}, {}, tape, found);
    return to_tensor<double>(found[0]);
  };
  const Tensor<double> product = gradient(""), steps = gradient("[[model.layers]]\ntype = \"rate_penalty\"\n");
  for (std::size_t i = 0; i < product.size(); ++i) {
    EXPECT_NEAR(product.flat()[i], steps.flat()[i], 1e-14);
    EXPECT_NE(product.flat()[i], 0);
  }
}

}  // namespace
}  // namespace neurarium
