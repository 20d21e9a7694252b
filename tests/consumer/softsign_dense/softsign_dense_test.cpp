#include "softsign_dense/softsign_dense.hpp"

#include <gtest/gtest.h>

#include <neurarium/neurarium.hpp>

using namespace neurarium;

namespace {

std::unique_ptr<Layer<double>> layer_of(std::int64_t units) {
  Registry registry = builtin_registry();
  register_softsign_dense(registry);
  Component component{"softsign_dense", Value::table()};
  component.settings.set("units", units);
  return registry.make<Layer<double>>("layer", component);
}

TEST(SoftsignDense, ForwardAndBackwardByHand) {
  const auto layer = layer_of(1);
  ASSERT_EQ(layer->build(Shape{2}, "mine", 0), Shape{1});
  const auto parameters = layer->parameters();
  parameters[0]->value(0, 0) = 2;
  parameters[0]->value(0, 1) = -1;
  parameters[1]->value(0) = -0.5;

  Activity<double> in, out, cotangent, in_gradient;
  const auto x = in.make_dense({1, 2});
  x(0, 0) = 0.5;
  x(0, 1) = 3.5;
  Tape tape;
  layer->forward(in, out, Context{}, tape);
  EXPECT_DOUBLE_EQ(out.dense()(0, 0), -0.75);  // a = 1 − 3.5 − 0.5 = −3, y = −3/4

  cotangent.make_dense({1, 1})(0, 0) = 4;  // slope (1 − 3/4)² = 1/16, so Δ = 1/4
  Tensor<double> weight_gradient(Shape{1, 2}), bias_gradient(Shape{1});
  const std::vector<View<double>> gradient{weight_gradient.view(), bias_gradient.view()};
  layer->backward(cotangent, &in_gradient, tape, gradient);
  EXPECT_DOUBLE_EQ(gradient[0](0, 0), 0.125);
  EXPECT_DOUBLE_EQ(gradient[0](0, 1), 0.875);
  EXPECT_DOUBLE_EQ(gradient[1](0), 0.25);
  EXPECT_DOUBLE_EQ(in_gradient.dense()(0, 0), 0.5);
  EXPECT_DOUBLE_EQ(in_gradient.dense()(0, 1), -0.25);
}

TEST(SoftsignDense, ItsSettingsAreCheckedLikeAnyOther) { EXPECT_THROW(layer_of(0), SpecError); }

}  // namespace
