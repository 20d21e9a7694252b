// The full-batch methods on plain functions whose minima are known in closed form.
#include "neurarium/nn/full_batch_method.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "neurarium/nn/optimiser.hpp"

namespace neurarium {
namespace {

std::unique_ptr<FullBatchMethod> make(const char* type, Value settings = Value::table()) {
  Registry registry;
  register_optimisers(registry);
  return registry.make<FullBatchMethod>("optimiser", {type, std::move(settings)}, "train.optimiser");
}
Value tolerance(double x) {
  Value settings = Value::table();
  settings.set("tolerance", x);
  return settings;
}

/// A function given as residuals r(w) with their Jacobian: f = ½ Σ r².
struct Residuals : Objective, LeastSquares {
  using F = std::function<void(std::span<const double> w, std::span<double> r, View<double> jacobian)>;
  Residuals(std::size_t n, std::size_t m, F f_) : parameters(n), rows(m), f(std::move(f_)) {}
  std::size_t size() const override { return parameters; }
  LeastSquares* least_squares() override { return this; }
  std::size_t residuals() const override { return rows; }
  double evaluate(std::span<const double> w, std::span<double> gradient) override {
    ++passes;
    std::vector<double> r(rows);
    Tensor<double> jacobian(Shape{rows, parameters});
    f(w, r, jacobian.view());
    double sum = 0;
    for (double& g : gradient) g = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      sum += r[i] * r[i] / 2;
      for (std::size_t j = 0; j < parameters; ++j) gradient[j] += jacobian(i, j) * r[i];
    }
    if (!std::isfinite(sum)) throw NumericError("f", 0, 0);
    return sum;
  }
  void residuals_at(std::span<const double> w, std::span<double> r) override {
    ++passes;
    Tensor<double> unused(Shape{rows, parameters});
    f(w, r, unused.view());
    for (const double x : r)
      if (!std::isfinite(x)) throw NumericError("r", 0, 0);
  }
  void jacobian_at(std::span<const double> w, View<double> jacobian) override {
    std::vector<double> unused(rows);
    f(w, unused, jacobian);
  }
  std::size_t parameters, rows;
  F f;
  int passes = 0;
};

/// Rosenbrock's valley in n dimensions: minimum 0 where all w are 1.
Residuals rosenbrock(std::size_t n) {
  return {n, 2 * (n - 1), [n](std::span<const double> w, std::span<double> r, View<double> jacobian) {
            for (std::size_t i = 0; i + 1 < n; ++i) {
              r[2 * i] = 10 * (w[i + 1] - w[i] * w[i]);
              r[2 * i + 1] = 1 - w[i];
              jacobian(2 * i, i) = -20 * w[i];
              jacobian(2 * i, i + 1) = 10;
              jacobian(2 * i + 1, i) = -1;
            }
          }};
}

constexpr const char* methods[] = {"conjugate_gradient", "lbfgs", "levenberg_marquardt"};

TEST(FullBatchMethod, FindsTheEndOfRosenbrocksValley) {
  for (const char* method : methods)
    for (const std::size_t n : {2u, 10u}) {
      Residuals f = rosenbrock(n);
      std::vector<double> w(n, 0);
      int iterations = 0;
      make(method, tolerance(1e-9))->minimise(f, w, [&](std::span<const double>) { return ++iterations < 1000; });
      for (const double x : w) EXPECT_NEAR(x, 1, 1e-7) << method << ' ' << n;
      EXPECT_LT(iterations, 600) << method << ' ' << n;  // SciPy's CG: 282, L-BFGS-B: 70, for n = 10
    }
}

TEST(FullBatchMethod, ComesToTheMinimumOfAQuadraticAndNeverUpwards) {
  // ½ Σ (a_i (w_i − i))²: stretched by a_i = 1 … 32.
  for (const char* method : methods) {
    Residuals f(6, 6, [](std::span<const double> w, std::span<double> r, View<double> jacobian) {
      for (std::size_t i = 0; i < 6; ++i) {
        jacobian(i, i) = std::pow(2.0, static_cast<double>(i));
        r[i] = jacobian(i, i) * (w[i] - static_cast<double>(i));
      }
    });
    std::vector<double> w(6, -3), unused(6);
    double before = f.evaluate(w, unused);
    make(method, tolerance(1e-7))->minimise(f, w, [&](std::span<const double> now) {
      const double value = f.evaluate(now, unused);
      EXPECT_LT(value, before) << method;
      before = value;
      return true;
    });
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(w[i], static_cast<double>(i), 1e-6) << method;
  }
}

TEST(ConjugateGradient, NeedsLittleMoreStepsThanAQuadraticHasDimensions) {
  Residuals f(4, 4, [](std::span<const double> w, std::span<double> r, View<double> jacobian) {
    for (std::size_t i = 0; i < 4; ++i) {
      jacobian(i, i) = static_cast<double>(i + 1);
      r[i] = jacobian(i, i) * w[i];
    }
  });
  std::vector<double> w = {3, -2, 1, 2}, unused(4);
  int iterations = 0;
  make("conjugate_gradient")->minimise(f, w, [&](std::span<const double>) { return ++iterations < 50; });
  EXPECT_LT(f.evaluate(w, unused), 1e-15);
  // Plain descent needs about 150; four would be enough if the line search were exact.
  EXPECT_LE(iterations, 25);
}

TEST(LevenbergMarquardt, TakesOneStepForALinearProblemWhenHardlyDamped) {
  Residuals f(2, 3, [](std::span<const double> w, std::span<double> r, View<double> jacobian) {
    const double x[] = {-1, 0, 2}, t[] = {1, 2, 5};
    for (std::size_t i = 0; i < 3; ++i) {
      r[i] = w[0] + w[1] * x[i] - t[i];
      jacobian(i, 0) = 1, jacobian(i, 1) = x[i];
    }
  });
  Value settings = tolerance(1e-6);
  settings.set("damping", 1e-12);
  std::vector<double> w = {0, 0};
  int iterations = 0;
  make("levenberg_marquardt", settings)->minimise(f, w, [&](std::span<const double>) { return ++iterations < 9; });
  EXPECT_EQ(iterations, 1);
  EXPECT_NEAR(w[1], 19.0 / 14, 1e-9);  // the line of best fit: slope Σ(x−x̄)(t−t̄) / Σ(x−x̄)²
  EXPECT_NEAR(w[0], 8.0 / 3 - 19.0 / 42, 1e-9);
}

TEST(FullBatchMethod, ATrialPointWithoutAFiniteValueIsOnlyTooHigh) {
  // r = 3 √(1 − w) − 4 is not defined beyond 1.
  for (const char* method : methods) {
    Residuals f(1, 1, [](std::span<const double> w, std::span<double> r, View<double> jacobian) {
      r[0] = 3 * std::sqrt(1 - w[0]) - 4;
      jacobian(0, 0) = -1.5 / std::sqrt(1 - w[0]);
    });
    std::vector<double> w = {0.9};
    make(method)->minimise(f, w, [](std::span<const double>) { return true; });
    EXPECT_NEAR(w[0], 1 - 16.0 / 9, 1e-7) << method;
  }
  Residuals nowhere(1, 1, [](std::span<const double>, std::span<double> r, View<double>) { r[0] = NAN; });
  for (const char* method : methods) {
    std::vector<double> w = {0};
    EXPECT_THROW(make(method)->minimise(nowhere, w, [](std::span<const double>) { return true; }), NumericError);
  }
}

TEST(FullBatchMethod, EndsWhereNothingLeadsLowerAndWhenToldTo) {
  for (const char* method : methods) {
    Residuals f = rosenbrock(2);
    std::vector<double> w = {-1.2, 1};
    int iterations = 0;
    make(method)->minimise(f, w, [&](std::span<const double>) { return ++iterations < 3; });
    EXPECT_EQ(iterations, 3) << method;
    // With tolerance 0 only rounding ends it.
    make(method, tolerance(0))->minimise(f, w, [&](std::span<const double>) { return ++iterations < 5000; });
    EXPECT_LT(iterations, 5000) << method;
    // At the minimum there is nothing to do.
    w = {1, 1}, iterations = 0;
    make(method)->minimise(f, w, [&](std::span<const double>) { return ++iterations < 3; });
    EXPECT_EQ(iterations, 0) << method;
  }
}

TEST(LevenbergMarquardt, RefusesWhatItCanNotDo) {
  struct NoSquares : Objective {
    std::size_t size() const override { return 1; }
    double evaluate(std::span<const double>, std::span<double>) override { return 0; }
  } plain;
  std::vector<double> w(1);
  const auto go_on = [](std::span<const double>) { return true; };
  EXPECT_THROW(make("levenberg_marquardt")->minimise(plain, w, go_on), SpecError);
  Residuals large(2001, 1, [](std::span<const double>, std::span<double>, View<double>) {});
  w.resize(2001);
  EXPECT_THROW(make("levenberg_marquardt")->minimise(large, w, go_on), SpecError);
  Residuals many(1000, 140000, [](std::span<const double>, std::span<double>, View<double>) {});
  w.resize(1000);
  EXPECT_THROW(make("levenberg_marquardt")->minimise(many, w, go_on), SpecError);
}

}  // namespace
}  // namespace neurarium
