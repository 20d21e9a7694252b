// Sounds by name: the name tells all of them, and what it can't mean is refused.
#include "neurarium/data/interaural_dataset.hpp"

#include <gtest/gtest.h>

#include "neurarium/data/catalogue.hpp"

namespace neurarium {
namespace {

TEST(InterauralDataset, HoldsTheSetsOfThoseNames) {
  const std::string name =
      "interaural-phase:seed=5,training_samples=9,test_samples=4,steps=20,fibres=3,classes=4,phase=\"per_sample\"";
  const Dataset data = load_dataset(name, "");
  EXPECT_EQ(data.name, name);
  InterauralPhaseParams task;
  task.steps = 20, task.fibres = 3, task.classes = 4, task.phase = "per_sample";
  const auto training = make_interaural_phase(task, 9, 5, "training"), test = make_interaural_phase(task, 4, 5, "test");
  EXPECT_EQ(*data.train.spikes, training.spikes);
  EXPECT_EQ(*data.test.spikes, test.spikes);
  EXPECT_EQ(data.train.entry_shape(), (Shape{20, 6}));
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(data.train.y.as<std::int64_t>()(i), training.labels[i]);
  ASSERT_EQ(data.train.about.size(), 2u);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(data.train.about[0].second.as<double>()(i), training.ipd[i]) << "interaural_phase";
    EXPECT_EQ(data.train.about[1].second.as<double>()(i), training.phase[i]) << "stimulus_phase";
  }
  EXPECT_EQ(data.dt, 1e-3);
  EXPECT_EQ(data.divisor, 1);
  EXPECT_EQ(data.sha256, load_dataset(name, "").sha256);
  EXPECT_NE(data.sha256, load_dataset("interaural-phase:seed=6" + name.substr(name.find(',')), "").sha256);
  EXPECT_TRUE(is_present(name, ""));
}

TEST(InterauralDataset, NameTellsAll) {
  EXPECT_EQ(interaural_dataset_name({}), "interaural-phase:seed=0");
  InterauralDatasetParams params;
  params.seed = 9223372036854775807u, params.dt = 1e-4, params.phase = "per_epoch";
  params.spontaneous_rates = {0.5, 20}, params.fibres = 1;
  const std::string name = interaural_dataset_name(params);
  const InterauralDatasetParams again = interaural_dataset_params(name);
  EXPECT_EQ(interaural_dataset_name(again), name);
  EXPECT_EQ(again.seed, params.seed);
  EXPECT_EQ(again.dt, 1e-4);
  EXPECT_EQ(again.phase, "per_epoch");
  EXPECT_EQ(again.spontaneous_rates, params.spontaneous_rates);
  EXPECT_EQ(again.steps, 100);
}

TEST(InterauralDataset, RefusesWhatIsNone) {
  for (const char* name : {"interaural-phase:stepps=3", "interaural-phase:steps=0", "interaural-phase:seed", "mnist",
                           "interaural-phase:dt=0.1", "interaural-phase:phase=never"})
    EXPECT_THROW(interaural_dataset_params(name), SpecError) << name;
  // those who need numbers say so
  try {
    require_arrays(load_dataset("interaural-phase:training_samples=1,test_samples=0", ""));
    FAIL() << "not refused";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("spikes"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace neurarium
