// First spikes by hand: of several, of none, of one beyond the end; and where gradients go.
#include "neurarium/models/first_spike/first_spike.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

template <class T>
class FirstSpikeOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(FirstSpikeOf, Scalars);

TYPED_TEST(FirstSpikeOf, ReadsFirstSpikesAndSendsTheirGradientsBack) {
  using T = TypeParam;
  FirstSpike<T> layer({"", 2e-3});
  ASSERT_EQ(layer.build({4}, "who", 0), Shape{4});
  Activity<T> in, out, slope, back;
  SpikeTimes<T>& spikes = in.make_times(3, 4, 0.03);
  const auto add = [&](double time, int unit) {
    spikes.add(static_cast<T>(time), static_cast<typename SpikeTimes<T>::Unit>(unit));
  };
  add(0.010, 1), add(0.004, 3), add(0.008, 1), add(0.042, 0), add(0.006, 3);  // sorted: 3, 3, 1, 1, 0
  spikes.end_sample();
  spikes.end_sample();  // silent
  add(0, 2);
  spikes.end_sample();
  Tape tape;
  layer.forward(in, out, {}, tape);
  const std::vector<double> expected = {-21, -4, -15, -2, -15, -15, -15, -15, -15, -15, 0, -15};
  ASSERT_EQ(out.shape(), (Shape{3, 4}));
  for (std::size_t e = 0; e < 12; ++e) EXPECT_NEAR(static_cast<double>(out.dense().flat()[e]), expected[e], 1e-5) << e;
  const View<T> given = slope.make_dense({3, 4});
  for (std::size_t e = 0; e < 12; ++e) given.flat()[e] = static_cast<T>(e + 1);
  layer.backward(slope, &back, tape, {});
  const std::vector<double> per_event = {-4 / 2e-3, 0, -2 / 2e-3, 0, -1 / 2e-3, -11 / 2e-3};
  ASSERT_EQ(back.per_event().size(), per_event.size());
  for (std::size_t e = 0; e < per_event.size(); ++e)
    EXPECT_NEAR(static_cast<double>(back.per_event()[e]), per_event[e], 1e-3) << e;
  EXPECT_THROW(layer.build({3, 4}, "who", 0), ShapeError);
}

}  // namespace
}  // namespace neurarium
