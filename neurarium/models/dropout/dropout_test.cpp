// The masks: from single blocks of Philox, whatever the layout and the shards, and as many zeros as the rate says.
#include "neurarium/models/dropout/dropout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

template <class T>
Activity<T> ones(std::size_t samples, const Shape& entry) {
  Activity<T> activity(entry.with_leading(samples));
  std::ranges::fill(activity.dense().flat(), T{1});
  return activity;
}

template <class T>
Tensor<T> masks(const Dropout<T>& layer, const Activity<T>& in, const Context& context) {
  Tape tape;
  Activity<T> out, dense;
  layer.forward(in, out, context, tape);
  convert(out, Layout::sample_major, dense);
  Tensor<T> copy(dense.shape());
  std::ranges::copy(dense.dense().flat(), copy.flat().begin());
  return copy;
}

template <class T>
class DropoutOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(DropoutOf, Scalars);

TYPED_TEST(DropoutOf, DrawsEachMaskFromItsOwnCounterInAnyLayoutAndShard) {
  using T = TypeParam;
  Dropout<T> layer({"", 0.3});
  const Shape entry{3, 5, 2};
  layer.build(entry, "dropout7", 0);
  const std::vector<std::uint64_t> ids = {8, 3, 1000000, 0, 12};
  const Context context{Mode::train, 5, 2, 0, ids};
  const Activity<T> in = ones<T>(ids.size(), entry);
  const Tensor<T> found = masks(layer, in, context);
  for (std::size_t n = 0; n < ids.size(); ++n)
    for (std::size_t e = 0; e < entry.elements(); ++e) {
      const auto block =
          philox(Stream(5, "dropout7"), {2, static_cast<std::uint32_t>(ids[n]), 0, static_cast<std::uint32_t>(e / 4)});
      const bool left_out = static_cast<double>(block[e % 4]) < std::floor(0.3 * 0x1p32);
      EXPECT_EQ(found.flat()[n * entry.elements() + e], left_out ? T{0} : static_cast<T>(1 / 0.7)) << n << ' ' << e;
    }
  Activity<T> lines;
  convert(in, Layout::sample_minor, lines);
  EXPECT_TRUE(std::ranges::equal(masks(layer, lines, context).flat(), found.flat()));
  Context second_shard = context;
  second_shard.sample_ids = std::span(ids).subspan(3);
  const Tensor<T> tail = masks(layer, ones<T>(2, entry), second_shard);
  EXPECT_TRUE(std::ranges::equal(tail.flat(), found.flat().subspan(3 * entry.elements())));
}

TYPED_TEST(DropoutOf, LeavesOutAsManyAsItsRateSaysAndOthersInTheNextEpoch) {
  using T = TypeParam;
  Dropout<T> layer({"", 0.2});
  layer.build({1000}, "dropout1", 0);
  const Activity<T> in = ones<T>(100, {1000});
  const Tensor<T> first = masks(layer, in, {Mode::train, 1, 0, 0, {}});
  const Tensor<T> second = masks(layer, in, {Mode::train, 1, 1, 0, {}});
  std::size_t zeros = 0, both = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    zeros += first.flat()[i] == T{0};
    both += first.flat()[i] == T{0} && second.flat()[i] == T{0};
  }
  EXPECT_NEAR(static_cast<double>(zeros), 20000, 5 * std::sqrt(1e5 * 0.2 * 0.8));
  EXPECT_NEAR(static_cast<double>(both), 4000, 5 * std::sqrt(1e5 * 0.04 * 0.96));
}

TYPED_TEST(DropoutOf, SendsGradientsThroughTheSameMaskAndDoesNothingInEvaluation) {
  using T = TypeParam;
  Dropout<T> layer({"", 0.5});
  layer.build({40}, "dropout1", 0);
  const Activity<T> in = ones<T>(3, {40});
  Tape tape;
  Activity<T> out, back;
  layer.forward(in, out, {Mode::train, 1, 0, 0, {}}, tape);
  layer.backward(in, &back, tape, {});
  EXPECT_TRUE(std::ranges::equal(back.dense().flat(), out.dense().flat()));
  EXPECT_TRUE(std::ranges::find(out.dense().flat(), T{0}) != out.dense().flat().end());
  layer.forward(in, out, {}, tape);
  EXPECT_TRUE(std::ranges::equal(out.dense().flat(), in.dense().flat()));
  layer.backward(in, &back, tape, {});
  EXPECT_TRUE(std::ranges::equal(back.dense().flat(), in.dense().flat()));
}

}  // namespace
}  // namespace neurarium
