// The vectors against the plain loop: the same spikes, on every instruction set, whatever the number of places.
#include "neurarium/kernels/cochlea.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

/// Places that ring at different frequencies, with the constants of data/cochlea.cpp at 20,000 samples per second,
/// easily excited.
HairCells cells_of(std::size_t places) {
  HairCells cells;
  for (std::size_t i = 0; i < places; ++i) {
    const double angle = 0.02 + 1.9 * static_cast<double>(i) / 700, decay = 0.99 - 0.2 * static_cast<double>(i) / 700;
    cells.pole_re.push_back(static_cast<float>(decay * std::cos(angle)));
    cells.pole_im.push_back(static_cast<float>(decay * std::sin(angle)));
    cells.gain.push_back(static_cast<float>(1 - decay));
  }
  cells.A = 5, cells.B = 300, cells.g = 0.1f, cells.y = 2.5e-4f, cells.l_and_r = 0.454f, cells.r = 0.329f;
  cells.x = 3.3e-3f, cells.h = 50000, cells.alpha = 0.02f, cells.threshold = 90, cells.dead = 7;
  cells.q = 0.35f, cells.c = 1.2e-3f, cells.w = 0.12f;
  return cells;
}

class CochleaKernel : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
};

TEST_F(CochleaKernel, HearsWhatThePlainLoopHearsWithTheSameBitsEverywhere) {
  std::vector<float> sound(1500);
  fill_uniform(Stream(2, "sound"), {}, -3000.0, 3000.0, sound);
  for (const std::size_t places : {1u, 5u, 16u, 37u}) {
    const HairCells cells = cells_of(places);
    std::vector<PlaceSpike> expected;
    for (std::size_t place = 0; place < places; ++place)
      for (const auto sample : hear_at(cells, sound, place).spikes)
        expected.push_back({sample, static_cast<std::uint32_t>(place)});
    std::ranges::stable_sort(expected, {}, &PlaceSpike::sample);  // places of one sample rise already
    ASSERT_GT(expected.size(), places * 5);
    for (const std::int64_t target : runnable_targets()) {
      force_target(target);
      std::vector<PlaceSpike> spikes = {{9, 9}};  // what is there stays in front
      hear(cells, sound, spikes);
      EXPECT_EQ(spikes.front(), (PlaceSpike{9, 9}));
      spikes.erase(spikes.begin());
      EXPECT_EQ(spikes, expected) << places << " places, target " << target;
    }
  }
}

TEST_F(CochleaKernel, RefractoryPlacesAreSilent) {
  HairCells cells = cells_of(1);
  cells.threshold = 1;  // it fires whenever it may
  const auto trace = hear_at(cells, std::vector<float>(100), 0);
  ASSERT_GT(trace.spikes.size(), 5u);
  for (std::size_t k = 1; k < trace.spikes.size(); ++k) EXPECT_EQ(trace.spikes[k] - trace.spikes[k - 1], 8u);
  cells.pole_re.clear();
  std::vector<PlaceSpike> spikes;
  EXPECT_THROW(hear(cells, {}, spikes), ShapeError);
}

}  // namespace
}  // namespace neurarium::kernels
