// Escape noise: how often units fire, in closed form; that it vanishes with its width; and that draws depend on nothing but the sample.
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

constexpr std::size_t steps = 20, inputs = 3;

std::unique_ptr<Model> units(const std::string& settings) {
  return described_network("[model]\ntype = \"sequential\"\ninputs = [" + std::to_string(steps) + ", " +
                           std::to_string(inputs) + "]\nseed = 7\n[[model.layers]]\ntype = \"lif\"\n" + settings);
}

/// Numbers [n, steps, inputs] in [0, 1).
Array some_currents(std::size_t n) {
  Array x(DType::f32, {n, steps, inputs});
  fill_uniform(Stream(9, "x"), {}, 0, 1, x.as<float>().flat());
  return x;
}

Tensor<double> spikes_of(const Model& model, const Array& x, const Context& context) {
  return to_tensor<double>(model.outputs(x, context).front().second.view());
}

// Without inputs and resets, a unit of bias b is at u_t = b (1 − α^{t+1}) / (1 − α), whether it fires or not.
TEST(LifEscape, UnitsFireAsOftenAsTheirMembranesSay) {
  constexpr std::size_t n = 3000;
  const double alpha = std::exp(-1. / 5), rate = 700, width = 0.15, biases[] = {-0.1, 0, 0.1, 0.15, 0.2, 0.4};
  for (const bool late : {false, true}) {
    const auto model = units(
        "units = 6\nreset = \"none\"\nuse_bias = true\nescape_noise = 0.15\nescape_rate = \"700 Hz\"\nweights = [[0, "
        "0, "
        "0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]\nbias = [-0.1, 0, 0.1, 0.15, 0.2, 0.4]\n" +
        std::string(late ? "spike = \"late\"\n" : ""));
    const Tensor<double> spikes = spikes_of(*model, some_currents(n), {Mode::train, 3, 1, 0, {}});
    for (std::size_t j = 0; j < 6; ++j) {
      double expected = 0, variance = 0, found = 0;
      for (std::size_t t = 0; t < steps; ++t) {
        for (std::size_t i = 0; i < n; ++i) found += spikes(i, t, j);
        if (late && t == 0) continue;  // nobody was asked before the first step
        const double age = static_cast<double>(t) + (late ? -1 : 1);
        const double u = biases[j] * (1 - std::pow(alpha, age)) / (1 - alpha);
        const double p = 1 - std::exp(-1e-3 * rate * std::exp((u - 1) / width));
        expected += n * p, variance += n * p * (1 - p);
      }
      EXPECT_NEAR(found, expected, 4 * std::sqrt(variance)) << j << (late ? " late" : "");
      EXPECT_GT(expected, 4);
    }
  }
}

TEST(LifEscape, NoiseThatIsNarrowLeavesTheThreshold) {
  const Array x = some_currents(40);
  for (const char* kind : {"", "reset = \"subtract\"\n", "refractory = \"2 ms\"\n", "recurrent = true\n",
                           "spike = \"late\"\n", "adaptation = 0.3\ntau_synapse = \"3 ms\"\n"}) {
    const std::string settings = "units = 21\n" + std::string(kind);
    const Context context{Mode::train, 3, 1, 0, {}};
    const auto fired = [&](const std::string& more) { return spikes_of(*units(settings + more), x, context); };
    const Tensor<double> without = fired(""), narrow = fired("escape_noise = 1e-9\n"),
                         wide = fired("escape_noise = 0.3\n");
    EXPECT_TRUE(std::ranges::equal(without.flat(), narrow.flat())) << kind;
    EXPECT_FALSE(std::ranges::equal(without.flat(), wide.flat())) << kind;
  }
}

TEST(LifEscape, ASampleHasItsDrawsWhereverItStands) {
  const auto model = units("units = 9\nrecurrent = true\nescape_noise = 0.3\n");
  const Array x = some_currents(6);
  const std::vector<std::uint64_t> ids = {8, 3, 1000000, 0, 5, 6};
  const auto fired = [&](Mode mode, std::uint64_t seed, std::uint32_t epoch, std::size_t first, std::size_t count) {
    const Context context{mode, seed, epoch, 0, std::span(ids).subspan(first, count)};
    return to_tensor<double>(model->outputs(x.view().rows(first, count), context).front().second.view());
  };
  for (const Mode mode : {Mode::train, Mode::eval}) {
    const Tensor<double> all = fired(mode, 1, 2, 0, 6), tail = fired(mode, 1, 2, 2, 4);
    EXPECT_TRUE(std::equal(tail.flat().begin(), tail.flat().end(), all.data() + 2 * steps * 9));
    const Tensor<double> other_seed = fired(mode, 2, 2, 0, 6), other_epoch = fired(mode, 1, 3, 0, 6);
    EXPECT_FALSE(std::ranges::equal(all.flat(), other_seed.flat()));
    EXPECT_EQ(std::ranges::equal(all.flat(), other_epoch.flat()), mode == Mode::eval);
  }
  // the same sample under two names: its own draws in training, everybody's while evaluated
  Array twice(DType::f32, {2, steps, inputs});
  for (std::size_t i = 0; i < 2; ++i) std::ranges::copy(x.as<float>()[0].flat(), twice.as<float>()[i].flat().begin());
  for (const Mode mode : {Mode::train, Mode::eval}) {
    const Tensor<double> both = spikes_of(*model, twice, {mode, 1, 2, 0, {}});
    EXPECT_EQ(std::equal(both.data(), both.data() + steps * 9, both.data() + steps * 9), mode == Mode::eval);
  }
}

TEST(LifEscape, SoftSpikesKnowNone) {
  EXPECT_THROW(units("units = 2\nsoft_spikes = true\nescape_noise = 0.1\n"), SpecError);
}

}  // namespace
}  // namespace neurarium
