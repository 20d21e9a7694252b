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

}  // namespace
}  // namespace neurarium
