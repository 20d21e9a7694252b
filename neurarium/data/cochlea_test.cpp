// The inner ear against NumPy's, which convolves with the gammatone's impulse response in closed form, and against
// SciPy's integrals.
#include "neurarium/data/cochlea.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi, fs = 22050;

struct Stored {
  std::map<std::string, Array> arrays;
  Stored() {
    for (auto& [name, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/spikes/cochlea.npz"))
      arrays.emplace(name, std::move(array));
  }
  View<const double> operator[](const std::string& name) const { return arrays.at(name).as<double>(); }
};

std::vector<float> tone(double frequency, double seconds = 0.3) {
  std::vector<float> sound(static_cast<std::size_t>(seconds * fs));
  for (std::size_t k = 0; k < sound.size(); ++k)
    sound[k] = static_cast<float>(std::sin(2 * pi * frequency * static_cast<double>(k) / fs));
  return sound;
}

TEST(Cochlea, EachStageIsThatOfNumPy) {
  const Stored stored;
  CochleaParams params;
  params.level = 76;
  const Cochlea ear(params, fs);
  std::vector<float> sound;
  for (const double x : stored["sound"].flat()) sound.push_back(static_cast<float>(x));
  const auto heard = ear.at_level(sound);
  for (std::size_t k = 0; k < sound.size(); ++k) ASSERT_NEAR(heard[k], stored["heard"].flat()[k], 1e-3);
  const auto places = stored.arrays.at("places").as<std::int64_t>().flat();
  const auto spikes = stored.arrays.at("spikes").as<std::uint8_t>();
  std::size_t all = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<std::size_t>(places[i]);
    EXPECT_NEAR(ear.frequencies()[place], stored["frequencies"].flat()[i], 1e-9);
    const auto trace = kernels::hear_at(ear.cells(), heard, place);
    const auto membrane = stored["membrane"], rate = stored["rate"], potential = stored["potential"];
    const std::size_t shown = membrane.shape()[1];
    double loudest = 0;
    for (std::size_t k = 0; k < shown; ++k) loudest = std::max(loudest, std::abs(membrane(i, k)));
    for (std::size_t k = 0; k < shown; ++k) {
      ASSERT_NEAR(trace.membrane[7 * k], membrane(i, k), 1e-4 * loudest) << place << " " << k;
      ASSERT_NEAR(trace.rate[7 * k], rate(i, k), 1e-3 * rate(i, k) + 0.01) << place << " " << k;
      ASSERT_NEAR(trace.potential[7 * k], potential(i, k), 0.5) << place << " " << k;
    }
    std::vector<std::uint32_t> expected;
    for (std::uint32_t k = 0; k < spikes.shape()[1]; ++k)
      if (spikes(i, k)) expected.push_back(k);
    EXPECT_EQ(trace.spikes, expected) << place;
    all += expected.size();
  }
  EXPECT_GT(all, 20u);
}

TEST(Cochlea, ToneOfItsFrequencyPassesAndHalfAnErbAwayIsThatMuchWeaker) {
  const Stored stored;
  const Cochlea ear({}, fs);
  const auto places = stored.arrays.at("places").as<std::int64_t>().flat();
  const auto loudness = [&](std::size_t place, double frequency) {
    std::vector<float> sound = tone(frequency);
    for (float& x : sound) x *= 2;
    const auto trace = kernels::hear_at(ear.cells(), sound, place).membrane;
    return *std::max_element(trace.end() - 1200, trace.end());  // the beginning is over
  };
  for (std::size_t i = 1; i < places.size(); ++i) {  // at 80 Hz the mirror image of the tone passes, too
    const auto place = static_cast<std::size_t>(places[i]);
    const double f = ear.frequencies()[place], erb = 24.7 * (1 + 0.00437 * f);
    const double at_top = loudness(place, f), beside = loudness(place, f + erb / 2);
    EXPECT_NEAR(at_top, 1, 0.02) << f;
    EXPECT_NEAR(20 * std::log10(at_top / beside), stored["gammatone"].flat()[i], 0.15) << f;
  }
}

TEST(Cochlea, ToneIsHeardWhereItBelongsAndSilenceNowhere) {
  const Cochlea ear({}, fs);
  EXPECT_TRUE(ear.hear(std::vector<float>(22050)).times.empty());
  EXPECT_TRUE(ear.hear({}).times.empty());
  for (const double f : {400.0, 1500.0, 5000.0}) {
    const TimedSpikes spikes = ear.hear(tone(f));
    ASSERT_GT(spikes.times.size(), 50u) << f;
    EXPECT_TRUE(std::ranges::is_sorted(spikes.times));
    std::vector<std::int64_t> units = spikes.units;
    std::ranges::nth_element(units, units.begin() + static_cast<std::ptrdiff_t>(units.size() / 2));
    const double middle = ear.frequencies()[static_cast<std::size_t>(units[units.size() / 2])];
    EXPECT_NEAR(middle / f, 1, 0.15) << f;
    EXPECT_LE(spikes.times.back(), 0.33);
  }
  // Loudness is made equal: half as loud is the same.
  std::vector<float> quiet = tone(700);
  for (float& x : quiet) x /= 2;
  EXPECT_EQ(ear.hear(quiet).units, ear.hear(tone(700)).units);
}

TEST(Cochlea, RefusesWhatCannotBeHeard) {
  CochleaParams params;
  EXPECT_THROW(Cochlea(params, 8000), SpecError);
  params.highest = 9000;
  EXPECT_THROW(Cochlea(params, 16000), SpecError);
  EXPECT_NO_THROW(Cochlea(params, 22050));
  params = {}, params.lowest = 8000;
  EXPECT_THROW(Cochlea(params, 48000), SpecError);
  params = {}, params.threshold = 60;
  try {
    const Cochlea ear(params, fs);
    FAIL() << "not refused";
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("in silence"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace neurarium
