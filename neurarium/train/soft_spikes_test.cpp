// Spiking layers with soft spikes, by central differences: settings that the contract suite's example does not have.
#include <gtest/gtest.h>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/described_network_test.hpp"
#include "neurarium/train/gradient_check.hpp"

namespace neurarium {
namespace {

TEST(SoftSpikes, HaveExactGradientsWithThresholdsThatAdapt) {
  for (const char* reset : {"zero", "subtract"}) {
    const auto model = described_network(
        "[model]\ntype = \"sequential\"\ninputs = [9, 3]\nscalar = \"float64\"\n"
        "[[model.layers]]\ntype = \"lif\"\nunits = 4\nadaptation = 0.4\ntau_adaptation = \"6 ms\"\ntau_synapse = \"2 "
        "ms\"\n"
        "recurrent = true\nlearn_time_constants = true\nlearn_thresholds = true\nsoft_spikes = true\nreset = \"" +
        std::string(reset) + "\"\n[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 2\n");
    Array x(DType::f64, {3, 9, 3}), y(DType::f64, {3, 2});
    fill_uniform(Stream(1, "x"), {}, 0, 1, x.as<double>().flat());
    const auto result = check_gradients(dynamic_cast<Trainable&>(*model), {x, y}, {}, {1e-5, 1e-6, 0});
    for (const GradientCheckRow& row : result.rows) EXPECT_LE(row.largest_error, row.tolerance) << row.name;
  }
}

}  // namespace
}  // namespace neurarium
