// Batch statistics against their definition, the running ones against closed forms, and what must not count.
#include "neurarium/models/batch_norm/batch_norm.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/normal.hpp"

namespace neurarium {
namespace {

template <class T>
Activity<T> noise(std::size_t samples, const Shape& entry, double mean, Layout layout, const char* path = "x") {
  Activity<T> dense(entry.with_leading(samples)), activity;
  for (std::size_t i = 0; i < dense.dense().size(); ++i)
    dense.dense().flat()[i] = static_cast<T>(mean + normal(Stream(1, path), {static_cast<std::uint32_t>(i), 0, 0, 0}));
  convert(dense, layout, activity);
  return activity;
}

constexpr Context training{Mode::train, 0, 0, 0, {}};

template <class T>
class BatchNormOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(BatchNormOf, Scalars);

TYPED_TEST(BatchNormOf, EachChannelGetsMeanZeroAndVarianceOneEvenFarFromZero) {
  using T = TypeParam;
  constexpr bool wide = sizeof(T) == 8;
  for (const double mean : {0.0, wide ? 1e6 : 300.0}) {
    BatchNorm<T> layer({});
    layer.build({2, 3, 5}, "batch_norm1", 0);
    Activity<T> in = noise<T>(37, {2, 3, 5}, mean, Layout::sample_minor), out, dense;
    const std::size_t line = line_length<T>(37);
    for (std::size_t row = 0; row < 30; ++row)  // what lies beyond the last sample must not count
      for (std::size_t n = 37; n < line; ++n) in.lines().data()[row * line + n] = T(9999);
    Tape tape;
    layer.forward(in, out, training, tape);
    convert(out, Layout::sample_major, dense);
    for (std::size_t c = 0; c < 2; ++c) {
      double sum = 0, squares = 0;
      for (std::size_t n = 0; n < 37; ++n)
        for (std::size_t k = 0; k < 15; ++k) {
          const double y = static_cast<double>(dense.dense().flat()[n * 30 + c * 15 + k]);
          sum += y, squares += y * y;
        }
      const double m = 37 * 15, tolerance = wide ? (mean > 0 ? 1e-9 : 1e-12) : (mean > 0 ? 1e-4 : 1e-6);
      EXPECT_NEAR(sum / m, 0, tolerance);
      EXPECT_NEAR(squares / m, 1, 2e-5 + tolerance);  // ε = 1e-5 makes it a little less
      EXPECT_LT(squares / m, 1);
    }
    for (std::size_t row = 0; row < 30; ++row)
      for (std::size_t n = 37; n < line; ++n) EXPECT_EQ(out.lines().data()[row * line + n], T(0));
  }
}

TYPED_TEST(BatchNormOf, TheRunningStatisticsFollowTheBatchAndServeEvaluation) {
  using T = TypeParam;
  BatchNorm<T> layer({"", 1e-5, 0.25});
  layer.build({1}, "batch_norm1", 0);
  Activity<T> in(Shape{3, 1}), out;
  in.dense()(0, 0) = T(1), in.dense()(1, 0) = T(2), in.dense()(2, 0) = T(6);  // mean 3, variance 14/3, unbiased 7
  Tape tape;
  layer.forward(in, out, training, tape);
  layer.keep_statistics(tape);
  const auto running = [&](std::size_t i) { return static_cast<double>(layer.buffers()[i]->value(0)); };
  EXPECT_NEAR(running(0), 0.25 * 3, 1e-7);
  EXPECT_NEAR(running(1), 0.75 * 1 + 0.25 * 7, 1e-6);
  layer.parameters()[0]->value(0) = T(2);
  layer.parameters()[1]->value(0) = T(-1);
  layer.forward(in, out, {}, tape);
  EXPECT_NEAR(static_cast<double>(out.dense()(2, 0)), 2 * (6 - 0.75) / std::sqrt(2.5 + 1e-5) - 1, 1e-5);
  layer.keep_statistics(tape);  // a pass outside of training moves nothing
  EXPECT_NEAR(running(0), 0.25 * 3, 1e-7);
}

TYPED_TEST(BatchNormOf, GradientsAreZeroBeyondTheLastSample) {
  using T = TypeParam;
  BatchNorm<T> layer({});
  layer.build({1, 2, 2}, "batch_norm1", 0);
  const Activity<T> in = noise<T>(5, {1, 2, 2}, 1, Layout::sample_minor),
                    slope = noise<T>(5, {1, 2, 2}, 1, Layout::sample_minor, "slope");
  Activity<T> out, back;
  Tape tape;
  layer.forward(in, out, training, tape);
  Tensor<T> weight(Shape{1}), bias(Shape{1});
  const std::vector<View<T>> gradient = {weight.view(), bias.view()};
  layer.backward(slope, &back, tape, gradient);
  const std::size_t line = line_length<T>(5);
  double sum = 0;
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t n = 0; n < line; ++n) {
      EXPECT_TRUE(n < 5 || back.lines().data()[row * line + n] == T(0));
      sum += static_cast<double>(back.lines().data()[row * line + n]);
    }
  EXPECT_NEAR(sum, 0, 1e-5);  // moving all x together moves no y
  EXPECT_GT(std::abs(static_cast<double>(back.lines().data()[0])), 1e-3);
}

TEST(BatchNorm, RefusesToTrainWithOneValuePerChannel) {
  BatchNorm<float> layer({});
  layer.build({4}, "batch_norm3", 0);
  const Activity<float> in(Shape{1, 4});
  Activity<float> out;
  Tape tape;
  try {
    layer.forward(in, out, training, tape);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("batch_norm3"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("batch_size"), std::string::npos);
  }
  EXPECT_NO_THROW(layer.forward(in, out, {}, tape));
}

}  // namespace
}  // namespace neurarium
