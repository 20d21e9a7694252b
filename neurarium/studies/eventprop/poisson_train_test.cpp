// Random trains: as many spikes as the rate says, where it says, and each a function of its own place.
#include "neurarium/studies/eventprop/poisson_train.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/eventprop/stored_anatomy_test.hpp"

namespace neurarium::anatomy {
namespace {

TEST(EventpropTrains, SpikesAreAsManyAsTheRateSays) {
  const StoredAnatomy stored;
  const std::vector<double> rates = stored.numbers("poisson/rates");
  const auto expected = stored.array("poisson/expected").as<double>();
  const auto variance = stored.array("poisson/variance").as<double>();
  constexpr std::size_t trains = 400;
  for (std::size_t which = 0; which < rates.size(); ++which) {
    double counts[3] = {}, squares = 0;
    for (std::size_t repeat = 0; repeat < trains; ++repeat) {
      const auto steps = poisson_steps({rates[which]}, 1, 1400, Stream(5, "poisson_train_test"), which, repeat);
      for (const std::size_t step : steps) ++counts[step < 200 ? 0 : step < 400 ? 1 : 2];
      squares += static_cast<double>(steps.size() * steps.size());
    }
    double mean = 0, spread = 0, total = 0;
    for (std::size_t part = 0; part < 3; ++part) {
      const double error = std::sqrt(variance(which, part) / trains);
      EXPECT_NEAR(counts[part] / trains, expected(which, part), 4 * error) << rates[which] << " Hz, part " << part;
      mean += expected(which, part), spread += variance(which, part), total += counts[part] / trains;
    }
    EXPECT_NEAR(total, mean, 4 * std::sqrt(spread / trains));
    // Independent steps: the variance of the count, whose own standard error is about √(2/n) of it.
    EXPECT_NEAR(squares / trains - total * total, spread, 4 * spread * std::sqrt(2. / trains) + 4 * spread / trains);
  }
}

TEST(EventpropTrains, EachIsItsOwn) {
  const Stream stream(1, "poisson_train_test");
  const auto train = [&](std::size_t which, std::size_t repeat) {
    return poisson_steps({200}, 1, 1400, stream, which, repeat);
  };
  EXPECT_EQ(train(2, 3), train(2, 3));
  EXPECT_NE(train(2, 3), train(2, 4));
  EXPECT_NE(train(2, 3), train(3, 3));
  EXPECT_NE(train(2, 3), poisson_steps({200}, 1, 1400, Stream(2, "poisson_train_test"), 2, 3));
}

TEST(EventpropTrains, ProbabilityIsTheNotebooksBump) {
  const RateBump rate{50, 200, 100};
  EXPECT_DOUBLE_EQ(rate.probability(200, 1), 0.05);
  EXPECT_DOUBLE_EQ(rate.probability(400, 0.5), 0.025);
  EXPECT_DOUBLE_EQ(rate.probability(300, 1), 0.05 * std::exp(-0.5));
  EXPECT_TRUE(poisson_steps({0}, 1, 1400, Stream(1, "x"), 0, 0).empty());
}

}  // namespace
}  // namespace neurarium::anatomy
