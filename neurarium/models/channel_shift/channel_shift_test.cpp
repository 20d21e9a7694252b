// Every shift from its own draw, at both ends; nothing while evaluated.
#include "neurarium/models/channel_shift/channel_shift.hpp"

#include <cmath>
#include <set>

#include "neurarium/nn/spike_mover_test.hpp"

namespace neurarium {
namespace {

TEST(ChannelShift, ShiftsASampleByItsOwnDraw) {
  ChannelShift<double> layer({"", 2});
  const std::vector<MovedSample::Spike> spikes = {{0.01, 0}, {0.01, 4}, {0.02, 3}, {0.03, 1}};
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 40; id > 0; --id) ids.push_back(id);
  std::set<std::int64_t> seen;
  const auto all = moved(layer, spikes, 5, 0.1, ids, {Mode::train, 9, 3, 0, {}});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const double draw = uniform(Stream(9, "mover"), {3, static_cast<std::uint32_t>(ids[i]), 0, 0});
    const auto shift = static_cast<std::int64_t>(std::floor(draw * 5)) - 2;
    std::vector<MovedSample::Spike> expected;
    std::vector<double> back(4);
    double one = 1;
    for (std::size_t k = 0; k < 4; ++k)
      if (const auto unit = spikes[k].unit + shift; unit >= 0 && unit < 5) {
        expected.push_back({spikes[k].time, static_cast<int>(unit)});
        back[k] = one, one *= 10;
      }
    EXPECT_EQ(all[i].spikes, expected) << shift;
    EXPECT_EQ(all[i].back, back) << shift;
    seen.insert(shift);
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  for (const auto& sample : moved(layer, spikes, 5, 0.1, ids, {Mode::eval, 9, 3, 0, {}})) {
    EXPECT_EQ(sample.spikes, spikes);
    EXPECT_EQ(sample.back, (std::vector<double>{1, 10, 100, 1000}));
  }
}

}  // namespace
}  // namespace neurarium
