// Dale's ANN: how it begins, and samples where nothing comes in. (Beside PyTorch: train/dann_torch_test.cpp.)
#include "neurarium/models/dann/dann.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

namespace neurarium {
namespace {

template <class T>
std::map<std::string, Tensor<T>> values(Dann<T>& layer) {
  std::map<std::string, Tensor<T>> all;
  for (Parameter<T>* parameter : layer.parameters()) all.emplace(parameter->name, parameter->value);
  return all;
}

TEST(DannStart, IsThatOfThePaper) {
  DannParams params;
  params.units = 300, params.inhibitory = 20;
  Dann<double> layer(params);
  EXPECT_EQ(layer.build({8, 50}, "dann1", 3), Shape{300});
  const auto at = values(layer);
  const double pi = std::numbers::pi, s = std::sqrt(2 * pi / (400 * (2 * pi - 1)));
  for (const char* name : {"weight_ex", "weight_ix"}) {
    double sum = 0, squares = 0, least = 1;
    for (const double w : at.at(name).flat()) sum += w, squares += w * w, least = std::min(least, w);
    const double n = static_cast<double>(at.at(name).size()), mean = sum / n;
    EXPECT_GE(least, 0);
    EXPECT_NEAR(mean, s, 5 * s / std::sqrt(n)) << name;
    EXPECT_NEAR(squares / n, 2 * s * s, 5 * std::sqrt(20.0) * s * s / std::sqrt(n))
        << name;  // Exp: E w⁴ − (E w²)² = 20 s⁴
  }
  EXPECT_EQ(at.at("weight_ei").flat()[17], 0.05);
  EXPECT_EQ(at.at("alpha").flat()[19], std::log(std::sqrt((2 * pi - 1) / 400)));

  // For inputs that are rectified normal numbers, E x² = 1/2 and E x = 1/√2π, ẑ is centred. Of one sample's units its variance is
  // d s² E x² (1 + 1/inhibitory), and γ² = d s² (2 E x² − (E x)²) that of W_EX x over samples, too: π/(2π − 1) (1 + 1/20).
  double sum = 0, squares = 0;
  Tensor<double> x(Shape{200, 400});
  fill_uniform(Stream(1, "x"), {}, 0, 1, x.flat());
  std::vector<double> turns(x.size());
  fill_uniform(Stream(2, "x"), {}, 0, 2 * pi, turns);
  for (std::size_t i = 0; i < x.size(); ++i)
    x.flat()[i] = std::max(0.0, std::sqrt(-2 * std::log1p(-x.flat()[i])) * std::cos(turns[i]));
  Activity<double> in, out;
  in.borrow(std::as_const(x).view());
  Tape tape;
  layer.forward(in, out, {}, tape);
  for (const double y : out.dense().flat()) sum += y, squares += y * y;
  EXPECT_NEAR(sum / 60000, 0, 0.1);
  EXPECT_NEAR(squares / 60000, pi / (2 * pi - 1) * (1 + 1.0 / 20), 0.03);
}

TEST(DannStart, OneInterneuronIsTheMeanOfTheUnitsAndATenthIsUsual) {
  DannParams params;
  params.units = 7;
  Dann<double> layer(params);
  layer.build({3}, "dann1", 3);
  const auto at = values(layer);
  ASSERT_EQ(at.at("weight_ix").shape(), (Shape{1, 3}));
  for (std::size_t j = 0; j < 3; ++j) {
    double sum = 0;
    for (std::size_t e = 0; e < 7; ++e) sum += at.at("weight_ex")(e, j);
    EXPECT_NEAR(at.at("weight_ix")(std::size_t{0}, j), sum / 7, 1e-15);
  }
  params.units = 500;
  Dann<double> wide(params);
  wide.build({3}, "dann1", 3);
  EXPECT_EQ(values(wide).at("alpha").size(), 50u);
  params.initial_sd = 1e-3;
  Dann<double> small(params);
  small.build({3}, "dann1", 3);
  EXPECT_NEAR(values(small).at("weight_ex").flat()[5] / values(wide).at("weight_ex").flat()[5],
              1e-3 / std::sqrt(2 * std::numbers::pi / (3 * (2 * std::numbers::pi - 1))), 1e-12);
}

TEST(DannWithoutInput, AnswersWithItsBiasAndNoGradientIsNaN) {
  DannParams params;
  params.units = 4, params.inhibitory = 2, params.activation = "relu";
  Dann<float> layer(params);
  layer.build({5}, "dann1", 1);
  const auto parameters = layer.parameters();
  parameters[5]->value.flat()[2] = 0.75F;                          // a bias
  std::ranges::fill(parameters[2]->value.view()[1].flat(), 0.0F);  // a unit whose inhibition has died
  Activity<float> in, out, slope, back;
  const auto x = in.make_dense({2, 5}).flat();
  std::ranges::fill(x, 0.0F);
  for (std::size_t j = 0; j < 5; ++j) x[5 + j] = 0.5F;
  Tape tape;
  layer.forward(in, out, {}, tape);
  EXPECT_EQ(out.dense()(0, 2), 0.75F);
  EXPECT_EQ(out.dense()(0, 3), 0.0F);
  std::ranges::fill(slope.make_dense({2, 4}).flat(), 1.0F);
  std::vector<Tensor<float>> sums;
  std::vector<View<float>> views;
  for (const auto* parameter : parameters) sums.emplace_back(parameter->value.shape());
  for (auto& sum : sums) views.push_back(sum.view());
  layer.backward(slope, &back, tape, views);
  for (const auto& sum : sums)
    for (const float g : sum.flat()) EXPECT_TRUE(std::isfinite(g));
  for (const float g : back.dense().flat()) EXPECT_TRUE(std::isfinite(g));
  EXPECT_THROW(layer.build({0}, "dann1", 1), ShapeError);
}

}  // namespace
}  // namespace neurarium
