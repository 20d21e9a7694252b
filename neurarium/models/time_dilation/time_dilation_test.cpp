// Each sample's factor from its own draw; spikes behind the end are gone; gradients are multiplied.
#include "neurarium/models/time_dilation/time_dilation.hpp"

#include <cmath>

#include "neurarium/nn/spike_mover_test.hpp"

namespace neurarium {
namespace {

TEST(TimeDilation, MakesASampleFasterOrSlowerByItsOwnDraw) {
  TimeDilation<double> layer({"", 0.5});
  const std::vector<MovedSample::Spike> spikes = {{0, 2}, {0.01, 0}, {0.06, 1}, {0.06, 2}};
  const std::vector<std::uint64_t> ids = {5, 1, 8, 3, 4, 11, 2, 30};
  const auto all = moved(layer, spikes, 3, 0.08, ids, {Mode::train, 4, 6, 0, {}});
  std::size_t lost = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const double draw = uniform(Stream(4, "mover"), {6, static_cast<std::uint32_t>(ids[i]), 0, 0});
    const double factor = 0.5 + draw;
    const std::size_t count = 0.06 * factor < 0.08 ? 4 : 2;
    lost += 4 - count;
    ASSERT_EQ(all[i].spikes.size(), count);
    double one = 1;
    for (std::size_t k = 0; k < 4; ++k, one *= 10) {
      EXPECT_NEAR(all[i].back[k], k < count ? factor * one : 0, 1e-10);
      if (k >= count) continue;
      EXPECT_NEAR(all[i].spikes[k].time, factor * spikes[k].time, 1e-16);
      EXPECT_EQ(all[i].spikes[k].unit, spikes[k].unit);
    }
  }
  EXPECT_GT(lost, 0u);
  EXPECT_LT(lost, 16u);
  for (const auto& sample : moved(layer, spikes, 3, 0.08, ids, {})) EXPECT_EQ(sample.spikes, spikes);
}

}  // namespace
}  // namespace neurarium
