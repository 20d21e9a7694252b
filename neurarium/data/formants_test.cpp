// Made-up words as spikes: where they begin and end, that a shorter set is the beginning of a longer one, and what is refused.
#include "neurarium/data/formants.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/errors.hpp"
#include "neurarium/data/catalogue.hpp"

namespace neurarium {
namespace {

TEST(Formants, WanderFromTheirBeginningToTheirEnd) {
  // Many samples of "ai" by many voices: on average its formants begin at 0.45 and 0.55 and end at 0.2 and 0.8.
  const Dataset data =
      load_dataset("formants:training_samples=1600,training_voices=400,channels=100,duration=0.5,test_samples=16", {});
  ASSERT_EQ(data.train.entry_shape(), (Shape{125, 100}));
  EXPECT_EQ(data.classes.size(), 8u);
  EXPECT_EQ(data.test.samples(), 16u);
  double begin = 0, low_end = 0, high_end = 0, all = 0;
  double begins = 0, lows = 0, highs = 0, samples = 0;
  for (std::size_t k = 0; k < 1600; k += 8, ++samples) {
    EXPECT_EQ(std::as_const(data.train.y).as<std::int64_t>()(k), 0);
    for (std::size_t step = 0; step < 125; ++step)
      for (const StepSpikes::Unit unit : data.train.spikes->at(k, step)) {
        ++all;
        if (step < 10) begin += unit + 0.5, ++begins;
        if (step >= 55 && step < 62 && unit < 50) low_end += unit + 0.5, ++lows;
        if (step >= 55 && step < 62 && unit >= 50) high_end += unit + 0.5, ++highs;
      }
  }
  EXPECT_NEAR(all / samples, 80, 0.5);
  EXPECT_NEAR(begin / begins, 50, 2);
  EXPECT_NEAR(low_end / lows, 22, 4);
  EXPECT_NEAR(high_end / highs, 78, 4);
}

TEST(Formants, SamplesAreFunctionsOfSeedSetAndNumber) {
  const Dataset few = formants_dataset("formants:training_samples=20"), many = formants_dataset("formants");
  EXPECT_EQ(*few.train.spikes, SpikesView(*many.train.spikes, 0, 20).copy());
  EXPECT_EQ(*few.test.spikes, *many.test.spikes);
  EXPECT_FALSE(*formants_dataset("formants:training_samples=20,seed=1").train.spikes == *few.train.spikes);
  EXPECT_EQ(formants_dataset("formants").sha256, many.sha256);
}

TEST(Formants, RefusesWhatMakesNoSense) {
  EXPECT_THROW(formants_dataset("formants:dt=0"), SpecError);
  EXPECT_THROW(formants_dataset("formants:dt=1e-9"), SpecError);
  EXPECT_THROW(formants_dataset("formants:voices=3"), SpecError);
  EXPECT_THROW(formants_dataset("formants:training_samples=0"), SpecError);
}

}  // namespace
}  // namespace neurarium
