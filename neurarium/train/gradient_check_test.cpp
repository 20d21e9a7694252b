// A gradient check that can't fail proves nothing: models with planted faults must be found out.
#include "neurarium/train/gradient_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

/// E = ½ Σ (w − x)² + max(0, w − kink): gradient Σ (w − x) below the kink, times a planted factor.
class Planted : public Trainable {
 public:
  explicit Planted(double factor, double kink = 100) : factor_(factor), kink_(kink) { weight_.as<double>()(0) = 0.7; }
  DType scalar() const override { return DType::f64; }
  Shape input_shape() const override { return {1}; }
  std::vector<NamedView> parameters() override { return {{"weight", weight_.view()}}; }
  NamedArrays outputs(const Samples&, const Context&) const override { return {}; }
  Evaluation evaluate(const Batch& batch, const Context&, Tape&) const override {
    Evaluation e;
    for (const double x : batch.x.as<double>().flat()) {
      const double d = weight_.as<double>()(0) - x;
      e.loss += 0.5 * d * d;
    }
    e.loss += std::max(0.0, weight_.as<double>()(0) - kink_);
    return e;
  }
  Evaluation evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                    Gradient& gradient) const override {
    for (const double x : batch.x.as<double>().flat())
      gradient[0].as<double>()(0) += factor_ * (weight_.as<double>()(0) - x);
    return evaluate(batch, context, tape);
  }

 private:
  double factor_, kink_;
  Array weight_{DType::f64, {1}};
};

GradientCheckResult check(double factor) {
  Planted model(factor);
  Array x(DType::f64, {3, 1});
  x.as<double>()(1, 0) = 5;
  return check_gradients(model, {x, x, 1}, {});
}

TEST(GradientCheck, PassesTheTruth) { EXPECT_TRUE(check(1).passed) << check(1).worst().largest_error; }
TEST(GradientCheck, FindsAWrongFactor) {
  EXPECT_FALSE(check(1.001).passed);
  EXPECT_NEAR(check(1.001).worst().largest_error, 0.001, 1e-5);
}
TEST(GradientCheck, FindsAWrongSign) { EXPECT_FALSE(check(-1).passed); }
TEST(GradientCheck, FindsZeroAndNaN) {
  EXPECT_FALSE(check(0).passed);
  EXPECT_FALSE(check(NAN).passed);
  EXPECT_FALSE(check(INFINITY).passed);
}
TEST(GradientCheck, LeavesTheModelAsItWas) {
  Planted model(1);
  Array x(DType::f64, {1, 1});
  check_gradients(model, {x, x, 1}, {});
  EXPECT_EQ(model.parameters()[0].values.as<double>()(0), 0.7);
}

TEST(GradientCheck, ASmallerStepDecidesNearAKink) {
  Array x(DType::f64, {1, 1});
  for (const double factor : {1.0, 1.001}) {
    Planted model(factor, 0.7 + 3e-6);  // within the step of 1e-5, outside that of 1e-7
    EXPECT_FALSE(check_gradients(model, {x, x, 1}, {}).passed);
    const GradientCheckResult result = check_gradients_near_kinks(model, {x, x, 1}, {});
    EXPECT_EQ(result.passed, factor == 1.0);
    EXPECT_DOUBLE_EQ(result.rows[0].step, factor == 1.0 ? 1e-7 : 1e-5);
  }
}
TEST(GradientCheck, MovesOffKinksByLittleAndTheSameEachTime) {
  Planted model(1), twin(1);
  Array x(DType::u8, {2, 3});
  x.as<std::uint8_t>()(1, 2) = 255;
  const Array moved = moved_off_kinks(model, x, 255, 3), again = moved_off_kinks(twin, x, 255, 3);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(moved.as<double>().flat()[i], i == 5 ? 0.99935 : 0.00055, 0.00045);  // inside [0, 1]
    EXPECT_EQ(moved.as<double>().flat()[i], again.as<double>().flat()[i]);
  }
  const double w = model.parameters()[0].values.as<double>()(0);
  EXPECT_NE(w, 0.7);
  EXPECT_NEAR(w, 0.7, 0.02);
}

}  // namespace
}  // namespace neurarium
