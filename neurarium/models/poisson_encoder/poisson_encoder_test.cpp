// The draws: from single blocks of Philox, whatever the shards; how many fire; what repeats while evaluated; and the way back.
#include "neurarium/models/poisson_encoder/poisson_encoder.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace neurarium {
namespace {

template <class T>
Activity<T> samples_of(std::size_t n, const std::vector<double>& row) {
  Activity<T> activity(Shape{n, row.size()});
  const View<T> x = activity.dense();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t e = 0; e < row.size(); ++e) x(i, e) = static_cast<T>(row[e]);
  return activity;
}

template <class T>
PoissonEncoder<T> encoder(const PoissonEncoderParams& params, std::size_t features) {
  PoissonEncoder<T> layer(params);
  layer.build({features}, "eye", 0);
  return layer;
}

template <class T>
StepSpikes spikes_of(const PoissonEncoder<T>& layer, const Activity<T>& in, const Context& context) {
  Tape tape;
  Activity<T> out;
  layer.forward(in, out, context, tape);
  return out.spikes().copy();
}

bool fires(const StepSpikes& spikes, std::size_t sample, std::size_t step, std::size_t unit) {
  const auto row = spikes.at(sample, step);
  return std::ranges::find(row, unit) != row.end();
}

template <class T>
class PoissonEncoderOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(PoissonEncoderOf, Scalars);

TYPED_TEST(PoissonEncoderOf, DrawsEachSpikeFromItsOwnCounterInAnyShard) {
  using T = TypeParam;
  const std::vector<double> x = {0, 0.125, 0.5, 1, 0.75, 1.5, -1};  // P = 0.4 x, so that 1.5 is 0.6 and −1 is 0
  const auto layer = encoder<T>({"", 8, 2e-3, 100, 2, false}, x.size());
  const std::vector<std::uint64_t> ids = {8, 3, 1000000, 0};
  const Context context{Mode::train, 5, 2, 0, ids};
  const StepSpikes found = spikes_of(layer, samples_of<T>(ids.size(), x), context);
  for (std::size_t i = 0; i < ids.size(); ++i)
    for (std::uint32_t t = 0; t < 8; ++t)
      for (std::uint32_t e = 0; e < x.size(); ++e) {
        const auto block = philox(Stream(5, "eye"), {2, static_cast<std::uint32_t>(ids[i]), t, e / 4});
        EXPECT_EQ(fires(found, i, t, e), static_cast<double>(block[e % 4]) < std::floor(0.4 * x[e] * 0x1p32))
            << i << ' ' << t << ' ' << e;
      }
  Context tail = context;
  tail.sample_ids = std::span(ids).subspan(2);
  const StepSpikes part = spikes_of(layer, samples_of<T>(2, x), tail);
  EXPECT_EQ(part, SpikesView(found, 2, 2).copy());
  Context next = context;
  next.epoch = 3;
  EXPECT_NE(spikes_of(layer, samples_of<T>(ids.size(), x), next), found);
}

TYPED_TEST(PoissonEncoderOf, FiresAsOftenAsItsProbabilitySaysEachStepForItself) {
  using T = TypeParam;
  const auto layer = encoder<T>({"", 50, 1e-3, 300, 1, false}, 4);
  constexpr std::size_t n = 400;
  const StepSpikes found = spikes_of(layer, samples_of<T>(n, {1, 0.5, 0.1, 0}), {Mode::train, 1, 0, 0, {}});
  const double p[] = {0.3, 0.15, 0.03, 0};
  for (std::size_t e = 0; e < 4; ++e) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double count = 0;
      for (std::size_t t = 0; t < 50; ++t) count += fires(found, i, t, e);
      sum += count, squares += count * count;
    }
    const double mean = sum / n, variance = squares / n - mean * mean, expected = 50 * p[e] * (1 - p[e]);
    EXPECT_NEAR(mean, 50 * p[e], 5 * std::sqrt(expected / n)) << e;
    EXPECT_NEAR(variance, expected, 5 * expected * std::sqrt(2.0 / n)) << e;  // binomial: steps are independent
  }
}

TYPED_TEST(PoissonEncoderOf, WhileEvaluatedTheAnswerIsAFunctionOfTheSampleAndTheSeed) {
  using T = TypeParam;
  const auto layer = encoder<T>({"", 10, 1e-3, 500, 1, false}, 6);
  Activity<T> in = samples_of<T>(3, {0.9, 0.1, 0.5, 0.3, 0.7, 1});
  in.dense()(1, 0) = 0;
  const StepSpikes found = spikes_of(layer, in, {Mode::eval, 4, 0, 0, {}});
  EXPECT_EQ(SpikesView(found, 0, 1).copy(), SpikesView(found, 2, 1).copy());
  const std::vector<std::uint64_t> other_ids = {7, 9, 2};
  EXPECT_EQ(spikes_of(layer, in, {Mode::eval, 4, 8, 100, other_ids}), found);
  EXPECT_NE(spikes_of(layer, in, {Mode::eval, 5, 0, 0, {}}), found);
  for (std::size_t t = 0; t < 10; ++t) {
    const auto block = philox(Stream(4, "eye.evaluation"), {0, 0, static_cast<std::uint32_t>(t), 1});
    EXPECT_EQ(fires(found, 0, t, 5), static_cast<double>(block[1]) < 0.5 * 0x1p32);
  }
}

TYPED_TEST(PoissonEncoderOf, ProbabilitiesAreCutAtNothingAndAtCertainty) {
  using T = TypeParam;
  const PoissonEncoderParams params{"", 3, 1e-3, 500, 4, false};  // P = 2 x
  const StepSpikes found = spikes_of(encoder<T>(params, 3), samples_of<T>(20, {0.5, 7, -0.5}), {});
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t t = 0; t < 3; ++t)
      EXPECT_TRUE(fires(found, i, t, 0) && fires(found, i, t, 1) && !fires(found, i, t, 2));
  PoissonEncoderParams soft = params;
  soft.soft_spikes = true;
  Tape tape;
  Activity<T> out;
  encoder<T>(soft, 3).forward(samples_of<T>(1, {0.2, 7, -0.5}), out, {}, tape);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_NEAR(out.dense()(0, t, 0), 0.4, 1e-7);
    EXPECT_EQ(out.dense()(0, t, 1), T{1});
    EXPECT_EQ(out.dense()(0, t, 2), T{0});
  }
}

TYPED_TEST(PoissonEncoderOf, GradientsGoStraightThroughTheSpikesTheEndsIncluded) {
  using T = TypeParam;
  const auto layer = encoder<T>({"", 4, 1e-3, 250, 2, false}, 5);  // P = x / 2
  const Activity<T> in = samples_of<T>(2, {0.3, 0, 2, 2.5, -0.1});
  Tape tape;
  Activity<T> out, slope, back;
  layer.forward(in, out, {}, tape);
  const auto numbers = slope.make_dense({2, 4, 5}).flat();
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(i % 7) - 2;
  layer.backward(slope, &back, tape, {});
  ASSERT_EQ(back.shape(), (Shape{2, 5}));
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t e = 0; e < 5; ++e) {
      double sum = 0;
      for (std::size_t t = 0; t < 4; ++t) sum += static_cast<double>(((i * 4 + t) * 5 + e) % 7) - 2;
      EXPECT_NEAR(static_cast<double>(back.dense()(i, e)), e < 3 ? sum / 2 : 0.0, 1e-6) << i << ' ' << e;
    }
}

TYPED_TEST(PoissonEncoderOf, BadInputIsTold) {
  using T = TypeParam;
  const auto layer = encoder<T>({"", 4, 1e-3, 250, 2, false}, 3);
  for (const double bad : {std::nan(""), static_cast<double>(INFINITY)})
    EXPECT_THROW(spikes_of(layer, samples_of<T>(2, {0.3, bad, 0.1}), {}), NumericError);
  PoissonEncoder<T> other({});
  EXPECT_THROW(other.build({0}, "eye", 0), ShapeError);
  EXPECT_THROW(other.build({300, 300}, "eye", 0), ShapeError);
  EXPECT_EQ(other.build({28, 28}, "eye", 0), (Shape{25, 784}));
}

}  // namespace
}  // namespace neurarium
