// What only finite Gaussian layers promise: exact zeros far away, digits that last wherever the data lie, and pressure.
#include "neurarium/models/finite_gaussian/finite_gaussian.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/normal.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Two layers, the second one gated, on d inputs around `offset`.
std::unique_ptr<Trainable> network(const char* scalar, const char* shape, double order, double offset, std::size_t d) {
  const auto layer = [&](std::int64_t units, bool gate) {
    Value table = Value::table();
    table.set("type", "finite_gaussian");
    table.set("units", units);
    table.set("shape", shape);
    table.set("order", order);
    table.set("gate", gate);
    return table;
  };
  Value settings = Value::table(), first = layer(4, false);
  Array centres(DType::f64, {4, d});
  fill_normal(Stream(3, "centres"), {}, offset, 0.5, centres.as<double>().flat());
  first.set("centres", Value(std::make_shared<const Array>(std::move(centres))));
  settings.set("layers", Value::List{first, layer(2, true)});
  settings.set("inputs", Value::List{static_cast<std::int64_t>(d)});
  settings.set("scalar", scalar);
  auto model = house().make<Model>("model", {"sequential", settings}, "model");
  auto* trainable = dynamic_cast<Trainable*>(model.release());
  return std::unique_ptr<Trainable>(trainable);
}

Array samples(std::size_t n, std::size_t d, double offset) {
  Array x(DType::f64, {n, d});
  fill_normal(Stream(4, "x"), {}, offset, 1, x.as<double>().flat());
  return x;
}

Gradient gradient_of(Trainable& model, const Array& x, const Array& y) {
  Gradient gradient = make_gradient(model);
  Tape tape;
  model.evaluate_with_gradient({converted(x, model.scalar()), y, 1}, {}, tape, gradient);
  return gradient;
}

/// One layer of one unit each: width σ = √d · exp(log_width) = 2, on one number.
std::unique_ptr<Model> two_narrow_layers(bool gate) {
  const auto layer = [&](double centre, bool gated) {
    Value table = Value::table();
    table.set("type", "finite_gaussian");
    table.set("units", std::int64_t{1});
    table.set("gate", gated);
    Array centres(DType::f64, {1, 1});
    centres.as<double>().flat()[0] = centre;
    table.set("centres", Value(std::make_shared<const Array>(std::move(centres))));
    return table;
  };
  Value settings = Value::table(), relu = Value::table();
  relu.set("type", "activation");
  settings.set("layers", Value::List{layer(1, false), layer(-0.5, gate), relu});
  settings.set("inputs", Value::List{std::int64_t{1}});
  settings.set("scalar", "float64");
  auto model = house().make<Model>("model", {"sequential", settings}, "model");
  for (const NamedView& p : model->parameters())
    for (double& number : p.values.as<double>().flat())
      if (p.name.ends_with("log_width")) number = std::log(2);
      else if (p.name.ends_with("weight")) number = 0.5;
      else if (p.name.ends_with("bias")) number = 0.25;
  return model;
}

TEST(FiniteGaussian, SupportIsTheSecondOutputOfANetwork) {
  Array x(DType::f64, {3, 1});
  std::ranges::copy(std::array{0.2, 1.0, 1e200}, x.as<double>().flat().begin());
  for (const bool gate : {false, true}) {
    const NamedArrays said = two_narrow_layers(gate)->outputs(x, {});
    ASSERT_EQ(said.size(), 2u);
    EXPECT_EQ(said[0].first, "outputs");
    EXPECT_EQ(said[1].first, "support");
    ASSERT_EQ(said[1].second.shape(), (Shape{3}));
    for (std::size_t i = 0; i < 2; ++i) {  // the activation behind the last Gaussian layer hands its support on
      const double in = x.as<double>().flat()[i], first = std::exp(-(in - 1) * (in - 1) / 4);
      const double h = (0.5 * in + 0.25) * first, second = std::exp(-(h + 0.5) * (h + 0.5) / 4);
      EXPECT_NEAR(said[1].second.as<double>().flat()[i], gate ? first * second : second, 1e-14) << i;
    }
    EXPECT_EQ(said[1].second.as<double>().flat()[2], gate ? 0 : std::exp(-0.25 / 4)) << "far away";
  }
}

TEST(FiniteGaussian, KeepsItsDigitsWhereverTheDataLie) {
  const Array y(DType::f64, {12, 2});
  for (const char* shape : {"spherical", "diagonal"})
    for (const double offset : {0.0, 30.0, 3000.0}) {
      Array x = samples(12, 8, offset);
      x = converted(converted(x, DType::f32), DType::f64);  // the same numbers for both
      const auto exact = network("float64", shape, 2, offset, 8), quick = network("float32", shape, 2, offset, 8);
      const auto from = exact->parameters(), to = quick->parameters();
      for (std::size_t i = 0; i < to.size(); ++i) {
        const Array rounded = converted(ArrayView(from[i].values), DType::f32);
        std::memcpy(to[i].values.data(), rounded.view().data(), rounded.view().bytes());
        const Array back = converted(rounded, DType::f64);
        std::memcpy(from[i].values.data(), back.view().data(), back.view().bytes());
      }
      const Gradient a = gradient_of(*exact, x, y), b = gradient_of(*quick, x, y);
      for (std::size_t i = 0; i < a.size(); ++i) {
        double largest = 1e-6;
        for (const double g : a[i].as<double>().flat()) largest = std::max(largest, std::abs(g));
        // What the line w·x + b loses by itself grows with the offset.
        const double tolerance = (1e-5 + 2e-7 * offset) * largest;
        for (std::size_t k = 0; k < a[i].size(); ++k)
          EXPECT_NEAR(b[i].as<float>().flat()[k], a[i].as<double>().flat()[k], tolerance)
              << shape << " around " << offset << ", " << from[i].name;
      }
    }
}

TEST(FiniteGaussian, IsExactlyZeroFarAwayAndSoAreItsGradients) {
  for (const char* shape : {"spherical", "diagonal", "full"})
    for (const double order : {2.0, 1.0, 5.0})
      for (const double away : {1e6, 1e20, 3e38}) {
        const auto model = network("float32", shape, order, 0, 5);
        Array x = samples(3, 5, 0);
        for (std::size_t i = 0; i < 5; ++i) x.as<double>()(1, i) = i % 2 ? -away : away;
        const Array out = std::move(model->outputs(converted(x, DType::f32), {}).front().second);
        EXPECT_EQ(out.as<float>()(1, 0), 0) << shape << order << ' ' << away;
        EXPECT_EQ(out.as<float>()(1, 1), 0) << shape << order << ' ' << away;
        EXPECT_NE(out.as<float>()(0, 0), 0);
        for (const Array& g : gradient_of(*model, x, Array(DType::f64, {3, 2})))
          EXPECT_EQ(first_non_finite(g), g.size()) << shape << order << ' ' << away;
      }
}

TEST(FiniteGaussian, PressureAddsTheMeanSquaredWidthToEachSample) {
  for (const char* shape : {"spherical", "diagonal", "full"}) {
    Value layer = Value::table(), settings = Value::table();
    layer.set("type", "finite_gaussian");
    layer.set("units", 2);
    layer.set("shape", shape);
    layer.set("width", 3.0);
    layer.set("pressure", 0.25);
    settings.set("layers", Value::List{layer});
    settings.set("inputs", Value::List{2});
    settings.set("scalar", "float64");
    const auto model = house().make<Model>("model", {"sequential", settings}, "model");
    const auto& trainable = dynamic_cast<const Trainable&>(*model);
    const Array x = samples(7, 2, 0), y(DType::f64, {7, 2});
    Context training;
    training.mode = Mode::train;
    Tape tape;
    const double with = trainable.evaluate({x, y, 1}, training, tape).loss;
    EXPECT_NEAR(with - trainable.evaluate({x, y, 1}, {}, tape).loss, 7 * 0.25 * 9, 1e-12) << shape;
  }
}

}  // namespace
}  // namespace neurarium
