// What rates cost, in numbers by hand; networks with it beside PyTorch are in models/axonal_delay/axonal_delay_test.cpp.
#include "neurarium/models/rate_penalty/rate_penalty.hpp"

#include <gtest/gtest.h>

#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

// Two samples of four steps of 50 ms, two units: rates of 10 and 0 Hz in the first, 20 and 5 Hz in the second.
StepSpikes sounds() {
  StepSpikes spikes(4, 2);
  for (const std::vector<StepSpikes::Unit>& step :
       std::vector<std::vector<StepSpikes::Unit>>{{0}, {}, {0}, {}, {0, 0}, {0}, {1}, {0}})
    spikes.add_step(step);
  return spikes;
}

struct Found {
  double penalty;
  Tensor<double> slope;
};

Found found(const RatePenaltyParams& params, Mode mode = Mode::train, bool asked = true) {
  RatePenalty<double> layer(params);
  EXPECT_EQ(layer.build({4, 2}, "rate_penalty1", 0), (Shape{4, 2}));
  const StepSpikes spikes = sounds();
  Activity<double> in, out, above({2, 4, 2}), below;
  in.borrow(spikes);
  Tape tape;
  layer.forward(in, out, {mode, 0, 0, 0, {}}, tape);
  EXPECT_EQ(out.spikes().copy(), spikes);
  for (std::size_t i = 0; i < 16; ++i) above.dense().flat()[i] = static_cast<double>(i);
  const double penalty = asked ? layer.penalty(tape) : 0;
  layer.backward(above, &below, tape, {});
  Tensor<double> slope({2, 4, 2});
  for (std::size_t i = 0; i < 16; ++i) slope.flat()[i] = below.dense().flat()[i] - static_cast<double>(i);
  return {penalty, std::move(slope)};
}

void expect_slopes(const Found& found, const std::vector<double>& by_sample_and_unit) {
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t t = 0; t < 4; ++t)
      for (std::size_t j = 0; j < 2; ++j)
        EXPECT_NEAR(found.slope(i, t, j), by_sample_and_unit[2 * i + j], 1e-12) << i << ' ' << t << ' ' << j;
}

RatePenaltyParams params_of_50_ms() {
  RatePenaltyParams params;
  params.dt = 0.05;
  return params;
}

// A spike more is 5 Hz more of a unit, and counts by half in the mean of two units. The penalty is the mean over samples.
TEST(RatePenalty, EachTermIsWhatItsFormulaSays) {
  RatePenaltyParams params = params_of_50_ms();
  EXPECT_EQ(found(params).penalty, 0);
  params.l1 = 0.1;
  EXPECT_NEAR(found(params).penalty, 0.1 * (10 + 0 + 20 + 5) / 4, 1e-12);
  expect_slopes(found(params), {0.25, 0.25, 0.25, 0.25});
  params = params_of_50_ms(), params.l2 = 0.01;
  EXPECT_NEAR(found(params).penalty, 0.01 * (100 + 0 + 400 + 25) / 4, 1e-12);
  expect_slopes(found(params), {0.5, 0, 1, 0.25});
  params = params_of_50_ms(), params.lower = 8, params.lower_strength = 0.02;
  EXPECT_NEAR(found(params).penalty, 0.02 * (64 + 9) / 4, 1e-12);
  expect_slopes(found(params), {0, -0.8, 0, -0.3});
  params = params_of_50_ms(), params.upper = 8, params.upper_strength = 0.02;
  EXPECT_NEAR(found(params).penalty, 0.02 * (4 + 144) / 4, 1e-12);
  expect_slopes(found(params), {0.2, 0, 1.2, 0});
  params.rate_of = "population";  // 5 and 12.5 Hz
  EXPECT_NEAR(found(params).penalty, 0.02 * 4.5 * 4.5 / 2, 1e-12);
  expect_slopes(found(params), {0, 0, 0.45, 0.45});
}

TEST(RatePenalty, OnlyALossOfTrainingPays) {
  RatePenaltyParams params = params_of_50_ms();
  params.l1 = 1;
  EXPECT_EQ(found(params, Mode::eval).penalty, 0);
  expect_slopes(found(params, Mode::eval), {0, 0, 0, 0});
  expect_slopes(found(params, Mode::train, false), {0, 0, 0, 0});
}

TEST(RatePenalty, QuietsANetworkThatFiresTooMuch) {
  const auto network = [](const std::string& penalty) {
    return described_network(
        "[model]\ntype = \"sequential\"\ninputs = [4, 2]\nloss = {type = \"cross_entropy\"}\nscalar = \"float64\"\n"
        "[[model.layers]]\ntype = \"lif\"\nunits = 3\n[[model.layers]]\ntype = \"rate_penalty\"\n" +
        penalty + "[[model.layers]]\ntype = \"spike_count\"\n");
  };
  const StepSpikes spikes = sounds();
  Array labels(DType::i64, {2});
  const auto slope = [&](const std::string& penalty, double& loss) {
    const auto model = network(penalty);
    Tape tape;
    Gradient gradient = make_gradient(*model);
    loss = dynamic_cast<Trainable&>(*model)
               .evaluate_with_gradient({{}, labels, 1, spikes}, {Mode::train, 0, 0, 0, {}}, tape, gradient)
               .loss;
    return to_tensor<double>(gradient[0]);
  };
  double plain = 0, costly = 0;
  const Tensor<double> free = slope("", plain), paid = slope("l1 = 1\n", costly);
  EXPECT_GE(costly, plain);
  for (std::size_t i = 0; i < free.size(); ++i) EXPECT_GT(paid.flat()[i], free.flat()[i]);  // smaller weights pay
}

TEST(RatePenalty, SaysWhatItCantTake) {
  RatePenaltyParams params;
  params.lower = 10, params.upper = 5;
  EXPECT_THROW(RatePenalty<float>{params}, SpecError);
  EXPECT_THROW(RatePenalty<float>({}).build({2, 3, 4}, "rate_penalty1", 0), ShapeError);
  EXPECT_THROW(RatePenalty<float>({}).build({3, 0}, "rate_penalty1", 0), ShapeError);
}

}  // namespace
}  // namespace neurarium
