// Draws from single blocks of Philox, their share, and gradients of what stays.
#include "neurarium/models/spike_dropout/spike_dropout.hpp"

#include <cmath>

#include "neurarium/nn/spike_mover_test.hpp"

namespace neurarium {
namespace {

TEST(SpikeDropout, LeavesOutWhatItsDrawsSay) {
  SpikeDropout<double> layer({"", 0.25});
  std::vector<MovedSample::Spike> spikes;
  for (int k = 0; k < 10; ++k) spikes.push_back({0.001 * k, k % 3});
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 0; id < 200; ++id) ids.push_back(3 * id);
  const auto all = moved(layer, spikes, 3, 0.1, ids, {Mode::train, 2, 7, 0, {}});
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::vector<MovedSample::Spike> expected;
    std::vector<double> back(10);
    double one = 1;
    for (std::uint32_t k = 0; k < 10; ++k) {
      const auto block = philox(Stream(2, "mover"), {7, static_cast<std::uint32_t>(ids[i]), 0, k / 4});
      if (block[k % 4] < 0x40000000U) continue;
      expected.push_back(spikes[k]);
      back[k] = one, one *= 10;
    }
    EXPECT_EQ(all[i].spikes, expected);
    EXPECT_EQ(all[i].back, back);
    kept += expected.size();
  }
  EXPECT_NEAR(static_cast<double>(kept), 1500, 5 * std::sqrt(2000 * 0.25 * 0.75));
  for (const auto& sample : moved(layer, spikes, 3, 0.1, ids, {})) EXPECT_EQ(sample.spikes, spikes);
}

}  // namespace
}  // namespace neurarium
