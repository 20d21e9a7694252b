// Networks that draw their answers, under attack: which draw answers, and over which gradients are averaged.
#include <gtest/gtest.h>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/attack.hpp"
#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

constexpr std::uint64_t seed = 11;

std::unique_ptr<Model> spiking() {
  return described_network(
      "[model]\ntype = \"sequential\"\ninputs = [6]\nscalar = \"float64\"\nloss = \"cross_entropy\"\nseed = 3\n"
      "[[model.layers]]\ntype = \"poisson_encoder\"\nsteps = 12\nmaximal_rate = 600\n"
      "[[model.layers]]\ntype = \"lif\"\nunits = 20\n[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 3\n");
}

Tensor<double> samples() {
  Tensor<double> x(Shape{4, 6});
  fill_uniform(Stream(1, "x"), {}, 0.05, 1, x.flat());
  return x;
}

std::vector<double> copied(View<const double> view) { return {view.flat().begin(), view.flat().end()}; }

TEST(AttackedDraws, GradientsAreAveragedOverThemAndAnswersAreThoseOfOne) {
  const auto model = spiking();
  const auto& differentiable = dynamic_cast<const Differentiable&>(*model);
  const Tensor<double> x = samples();
  Tensor<double> cotangent(Shape{4, 3});
  fill_uniform(Stream(2, "c"), {}, -1, 1, cotangent.flat());
  std::vector<double> expected(24, 0), first_logits;
  for (std::uint32_t k = 0; k < 5; ++k) {
    const std::uint64_t draw = k == 0 ? seed : philox(Stream(seed, "attack.draws"), {0, 0, 0, k})[0];
    Tape tape;
    const ArrayView logits = differentiable.logits(ArrayView(x.view()), {Mode::eval, draw, 0, 0, {}}, tape);
    if (k == 0) first_logits = copied(logits.as<double>());
    else EXPECT_NE(copied(logits.as<double>()), first_logits);
    const ArrayView at_input = differentiable.pull_back(ArrayView(std::as_const(cotangent).view()), tape);
    for (std::size_t i = 0; i < 24; ++i) expected[i] += at_input.as<double>().flat()[i] / 5;
  }
  Target<double> target(*model, seed, {}, 5), alone(*model, seed);
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_EQ(copied(target.logits(x.view())), first_logits);
    for (int again = 0; again < 2; ++again) {  // several gradients of one pass, as DeepFool wants them
      const View<const double> found = target.pull_back(std::as_const(cotangent).view());
      for (std::size_t i = 0; i < 24; ++i) EXPECT_NEAR(found.flat()[i], expected[i], 1e-12) << i;
    }
  }
  EXPECT_EQ(target.queries(), 2u * 5 * 4);
  EXPECT_EQ(target.gradients(), 4u * 5 * 4);
  EXPECT_EQ(copied(alone.logits(x.view())), first_logits);
  EXPECT_NE(copied(alone.pull_back(std::as_const(cotangent).view())),
            copied(target.pull_back(std::as_const(cotangent).view())));
}

TEST(AttackedDraws, AnswersDoNotDependOnPlaceAndANetworkThatDrawsIsKnown) {
  const auto model = spiking();
  const Tensor<double> x = samples();
  Target<double> target(*model, seed);
  const std::vector<double> all = copied(target.logits(x.view()));
  const std::vector<double> tail = copied(target.logits(x.view().rows(2, 2)));
  for (std::size_t i = 0; i < tail.size(); ++i) EXPECT_NEAR(tail[i], all[6 + i], 1e-14);
  EXPECT_TRUE(target.draws_answers(x.view()));
  const auto still = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [6]\nscalar = \"float64\"\n"
      "[[model.layers]]\ntype = \"dense\"\nunits = 3\n");
  EXPECT_FALSE(Target<double>(*still, seed).draws_answers(x.view()));
}

}  // namespace
}  // namespace neurarium
