#include "neurarium/core/spike_times.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

TEST(SpikeTimes, LieSampleByTimeByUnit) {
  SpikeTimes<double> spikes(3, 0.05);
  spikes.add(0.02, 1), spikes.add(0.01, 2), spikes.add(0.01, 0);
  spikes.end_sample();
  spikes.end_sample();  // a silent one
  spikes.add(0.04, 2);
  spikes.end_sample();
  ASSERT_EQ(spikes.samples(), 3u);
  EXPECT_EQ(spikes.events(), 4u);
  EXPECT_EQ(std::vector<double>(spikes.times(0).begin(), spikes.times(0).end()),
            (std::vector<double>{0.01, 0.01, 0.02}));
  EXPECT_EQ(std::vector<int>(spikes.units_of(0).begin(), spikes.units_of(0).end()), (std::vector<int>{0, 2, 1}));
  EXPECT_EQ(spikes.count(1), 0u);
  EXPECT_EQ(spikes.first(2), 3u);
  EXPECT_EQ(spikes.units_of(2)[0], 2);
}

TEST(SpikeTimes, TooManyUnitsAreRefused) { EXPECT_THROW((SpikeTimes<float>(65537, 1)), ShapeError); }

}  // namespace
}  // namespace neurarium
