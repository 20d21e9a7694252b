// Times by hand in both orders, units that are silent, the unit that always fires, the way back, and what is refused.
#include "neurarium/models/latency_encoder/latency_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

template <class T>
Activity<T> samples_of(const Shape& shape, const std::vector<double>& numbers) {
  Activity<T> activity(shape);
  std::ranges::transform(numbers, activity.dense().data(), [](double x) { return static_cast<T>(x); });
  return activity;
}

using Spikes = std::vector<std::pair<double, int>>;

template <class T>
Spikes spikes_of(const SpikeTimes<T>& times, std::size_t sample) {
  Spikes found;
  for (std::size_t k = 0; k < times.count(sample); ++k)
    found.emplace_back(std::round(static_cast<double>(times.times(sample)[k]) * 1e6) / 1e6, times.units_of(sample)[k]);
  return found;
}

template <class T>
class LatencyEncoderOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(LatencyEncoderOf, Scalars);

TYPED_TEST(LatencyEncoderOf, MakesTimesInEitherOrder) {
  using T = TypeParam;
  const Activity<T> in = samples_of<T>({2, 2, 2}, {0, 0.25, 1, 0.5, 0.75, 0.75, 0.5, -5e-7});
  const auto times_of = [&](const LatencyEncoderParams& params) {
    LatencyEncoder<T> layer(params);
    EXPECT_EQ(layer.build({2, 2}, "eye", 0), Shape{params.bias_time >= 0 ? 5u : 4u});
    Tape tape;
    Activity<T> out;
    layer.forward(in, out, {}, tape);
    EXPECT_EQ(out.times().duration(), 0.06);
    EXPECT_EQ(out.times().samples(), 2u);
    return std::pair(spikes_of(out.times(), 0), spikes_of(out.times(), 1));
  };
  LatencyEncoderParams params{"", 0.002, 0.022, 0.06, "larger_first", -1, -1};
  EXPECT_EQ(times_of(params), std::pair(Spikes({{0.002, 2}, {0.012, 3}, {0.017, 1}, {0.022, 0}}),
                                        Spikes({{0.007, 0}, {0.007, 1}, {0.012, 2}, {0.022, 3}})));
  params.order = "larger_later", params.bias_time = 0.012;
  EXPECT_EQ(times_of(params), std::pair(Spikes({{0.002, 0}, {0.007, 1}, {0.012, 3}, {0.012, 4}, {0.022, 2}}),
                                        Spikes({{0.002, 3}, {0.012, 2}, {0.012, 4}, {0.017, 0}, {0.017, 1}})));
  params.silent_below = 0.5;
  EXPECT_EQ(times_of(params),
            std::pair(Spikes({{0.012, 4}, {0.022, 2}}), Spikes({{0.012, 4}, {0.017, 0}, {0.017, 1}})));
  params.silent_below = 0;  // what rounding moved below 0 is silent too
  EXPECT_EQ(times_of(params).second.size(), 4u);
}

TYPED_TEST(LatencyEncoderOf, SendsEachTimesGradientBackToItsNumber) {
  using T = TypeParam;
  const Activity<T> in = samples_of<T>({2, 3}, {0.25, 1, 0.125, 0.5, 0, 0.75});
  for (const double sign : {-1.0, 1.0}) {
    LatencyEncoder<T> layer({"", 0, 0.02, 0.05, sign < 0 ? "larger_first" : "larger_later", 0.125, 0.001});
    layer.build({3}, "eye", 0);
    Tape tape;
    Activity<T> out, slope, back;
    layer.forward(in, out, {}, tape);
    const std::span<T> per_event = slope.make_per_event(out.times());
    ASSERT_EQ(per_event.size(), 6u);  // two and two of six, and the unit that always fires
    std::vector<double> expected(6);
    for (std::size_t i = 0, e = 0; i < 2; ++i)
      for (const auto unit : out.times().units_of(i)) {
        per_event[e] = static_cast<T>(100 + 10 * i + unit);
        if (unit < 3) expected[3 * i + unit] = sign * 0.02 * static_cast<double>(per_event[e]);
        ++e;
      }
    layer.backward(slope, &back, tape, {});
    ASSERT_EQ(back.shape(), (Shape{2, 3}));
    for (std::size_t e = 0; e < 6; ++e)
      EXPECT_NEAR(static_cast<double>(back.dense().flat()[e]), expected[e], 1e-6) << e;
    EXPECT_EQ(expected[2], 0);  // 1/8 is silent
    EXPECT_EQ(expected[4], 0);
  }
}

TYPED_TEST(LatencyEncoderOf, RefusesWhatHasNoTime) {
  using T = TypeParam;
  LatencyEncoder<T> layer(LatencyEncoderParams{});
  layer.build({3}, "eye", 0);
  const auto said = [&](double number, const Context& context) -> std::string {
    Tape tape;
    Activity<T> out;
    try {
      layer.forward(samples_of<T>({2, 3}, {0.5, 0.5, 0.5, 0.5, number, 0.5}), out, context, tape);
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said(1 + 9e-7, {}), "");
  EXPECT_NE(said(1.5, {}).find("eye: number 1 of sample 1 is 1.5"), std::string::npos) << said(1.5, {});
  const std::vector<std::uint64_t> ids = {40, 17};
  EXPECT_NE(said(-0.25, {Mode::train, 0, 0, 0, ids}).find("number 1 of sample 17 is -0.25"), std::string::npos);
  EXPECT_THROW(said(std::nan(""), {}), NumericError);
  EXPECT_THROW(said(INFINITY, {}), NumericError);
  EXPECT_THROW(layer.build({300, 300}, "eye", 0), ShapeError);
  EXPECT_THROW(layer.build({0}, "eye", 0), ShapeError);
  EXPECT_NO_THROW(layer.build({65536}, "eye", 0));
  LatencyEncoder<T> with_bias({"", 0, 0.02, 0.05, "larger_first", -1, 0});
  EXPECT_THROW(with_bias.build({65536}, "eye", 0), ShapeError);
}

TEST(LatencyEncoder, RefusesTimesInAnImpossibleOrder) {
  const auto make = [](double earliest, double latest, double duration, double bias) {
    LatencyEncoder<float>({"", earliest, latest, duration, "larger_first", -1, bias});
  };
  EXPECT_NO_THROW(make(0.01, 0.01, 0.01, 0.01));
  EXPECT_THROW(make(0.02, 0.01, 0.05, -1), SpecError);
  EXPECT_THROW(make(0, 0.01, 0.005, -1), SpecError);
  EXPECT_THROW(make(0, 0.01, 0.02, 0.03), SpecError);
}

}  // namespace
}  // namespace neurarium
