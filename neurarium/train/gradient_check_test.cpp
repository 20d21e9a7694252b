// A gradient check that can't fail proves nothing: models with planted faults must be found out.
#include "neurarium/train/gradient_check.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace neurarium {
namespace {

/// E = ½ Σ (w − x)²: gradient Σ (w − x), times a planted factor.
class Planted : public Trainable {
 public:
  explicit Planted(double factor) : factor_(factor) { weight_.as<double>()(0) = 0.7; }
  DType scalar() const override { return DType::f64; }
  Shape input_shape() const override { return {1}; }
  std::vector<NamedView> parameters() override { return {{"weight", weight_.view()}}; }
  NamedArrays outputs(ArrayView, const Context&) const override { return {}; }
  Evaluation evaluate(const Batch& batch, const Context&, Tape&) const override {
    Evaluation e;
    for (const double x : batch.x.as<double>().flat()) {
      const double d = weight_.as<double>()(0) - x;
      e.loss += 0.5 * d * d;
    }
    return e;
  }
  Evaluation evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                    Gradient& gradient) const override {
    for (const double x : batch.x.as<double>().flat())
      gradient[0].as<double>()(0) += factor_ * (weight_.as<double>()(0) - x);
    return evaluate(batch, context, tape);
  }

 private:
  double factor_;
  Array weight_{DType::f64, {1}};
};

GradientCheckResult check(double factor) {
  Planted model(factor);
  Array x(DType::f64, {3, 1});
  x.as<double>()(1, 0) = 5;
  return check_gradients(model, {x, x, 1}, {});
}

TEST(GradientCheck, PassesTheTruth) { EXPECT_TRUE(check(1).passed) << check(1).largest_error; }
TEST(GradientCheck, FindsAWrongFactor) {
  EXPECT_FALSE(check(1.001).passed);
  EXPECT_NEAR(check(1.001).largest_error, 0.001, 1e-5);
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

}  // namespace
}  // namespace neurarium
