// Networks whose rates of spike times cost: central differences where units speak too much, too little and not at all, and what descent makes of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/described_network_test.hpp"
#include "neurarium/train/gradient_check.hpp"

namespace neurarium {
namespace {

std::unique_ptr<Model> network_with(const std::string& penalty, std::uint64_t seed, int units = 6) {
  return described_network(
      "[model]\ntype = \"sequential\"\ninputs = [4]\nscalar = \"float64\"\nseed = " + std::to_string(seed) +
      "\nloss = {type = \"first_spike_cross_entropy\", temperature = \"5 ms\"}\n"
      "[[model.layers]]\ntype = \"latency_encoder\"\nlatest = \"30 ms\"\nduration = \"60 ms\"\nbias_time = \"10 ms\"\n"
      "[[model.layers]]\ntype = \"eventprop_lif\"\nunits = " +
      std::to_string(units) + "\nsilent_push = \"10 ms\"\ninitialiser = {type = \"normal\", mean = 1.5, sd = 1.5}\n" +
      penalty +
      "[[model.layers]]\ntype = \"eventprop_lif\"\nunits = 3\nsilent_push = \"10 ms\"\n"
      "initialiser = {type = \"normal\", mean = 1.5, sd = 0.5}\n"
      "[[model.layers]]\ntype = \"first_spike\"\ntemperature = \"5 ms\"\n");
}

TEST(RatePenaltyOfTimes, GradientsEqualCentralDifferences) {
  constexpr std::size_t samples = 4;
  Array labels(DType::i64, {samples});
  for (std::size_t i = 0; i < samples; ++i) labels.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % 3);
  const Context training{Mode::train, 3, 1, 0, {}};
  for (const char* of : {"unit", "population"})
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      SCOPED_TRACE(of + std::to_string(seed));
      Tensor<double> x({samples, 4});
      fill_uniform(Stream(seed, "x"), {}, 0.05, 0.95, x.flat());
      const Array numbers(x);
      const std::string bounds =
          std::string("[[model.layers]]\ntype = \"rate_penalty\"\nl2 = 0.0001\n") +
          "lower = \"12 Hz\"\nlower_strength = 0.01\nupper = \"25 Hz\"\nupper_strength = 0.01\n" + "rate_of = \"" + of +
          "\"\n";
      const auto gradient_of = [&](Model& model) {
        Tape tape;
        Gradient gradient = make_gradient(model);
        dynamic_cast<Trainable&>(model).evaluate_with_gradient({numbers, labels, 1}, training, tape, gradient);
        return to_tensor<double>(gradient[0]);
      };
      const auto with = network_with(bounds, seed), without = network_with("", seed);
      const Tensor<double> costly = gradient_of(*with), free = gradient_of(*without);
      double difference = 0;
      for (std::size_t i = 0; i < free.size(); ++i) difference += std::abs(costly.flat()[i] - free.flat()[i]);
      EXPECT_GT(difference, 1e-3);  // it has something to say
      const GradientCheckResult result =
          check_gradients(dynamic_cast<Trainable&>(*with), {numbers, labels, 1}, training, {1e-6, 1e-6, 0});
      for (const GradientCheckRow& row : result.rows) {
        EXPECT_GT(row.entries, 0u) << row.name;
        EXPECT_LE(row.largest_error, row.tolerance) << row.name << '[' << row.worst_entry << ']';
      }
    }
}

// Nothing but the bounds: descent along their gradient wakes the silent and lets the others speak later and less.
TEST(RatePenaltyOfTimes, WakesTheSilentAndQuietsTheLoud) {
  Tensor<double> x({8, 4});
  fill_uniform(Stream(1, "x"), {}, 0.05, 0.95, x.flat());
  const Array numbers(x), labels(DType::i64, {8});
  const Context training{Mode::train, 3, 1, 0, {}};
  const auto spikes_after = [&](const std::string& penalty, int steps, double& silent) {
    const auto model = network_with("[[model.layers]]\ntype = \"rate_penalty\"\n" + penalty, 2, 12);
    const auto weights = model->parameters()[0].values.as<double>().flat();
    for (int step = 0; step < steps; ++step) {
      Tape tape;
      Gradient gradient = make_gradient(*model);
      dynamic_cast<Trainable&>(*model).evaluate_with_gradient({numbers, labels, 1}, training, tape, gradient);
      const auto slope = std::as_const(gradient[0]).as<double>().flat();
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= 0.05 * std::clamp(slope[i], -1.0, 1.0);
    }
    const NamedArrays layers = dynamic_cast<const Layered&>(*model).activities(numbers, {});
    const Tensor<double> counts = to_tensor<double>(layers[1].second.view());
    double sum = 0;
    silent = 0;
    for (const double n : counts.flat()) sum += n, silent += n == 0;
    return sum;
  };
  double silent = 0, silent_before = 0;
  const double before = spikes_after("", 0, silent_before);
  ASSERT_GT(silent_before, 0);
  const double loud = spikes_after("lower = \"10 Hz\"\nlower_strength = 10.0\n", 60, silent);
  EXPECT_EQ(silent, 0);
  EXPECT_GT(loud, before);
  EXPECT_LT(spikes_after("upper = \"1 Hz\"\nupper_strength = 10.0\n", 60, silent), 0.7 * before);
}

}  // namespace
}  // namespace neurarium
