// Sounds of the localisation task (interaural_phase.hpp) as a data set that has a name, so that whoever learns by data sets can learn them,
// and a network that has learned them can be asked again:
//
//   interaural-phase:                                          the defaults
//   interaural-phase:seed=3,steps=200,phase="per_sample"       settings as in TOML, separated by commas
//
// Settings are those of InterauralPhaseParams, and seed, training_samples, test_samples. Training and test are the first samples of the
// sets "training" and "test" of that seed, as the study dale-localisation draws them with it; sounds of per_epoch are those of epoch 0.
#pragma once

#include <optional>

#include "neurarium/data/dataset.hpp"
#include "neurarium/data/interaural_phase.hpp"

namespace neurarium {

struct InterauralDatasetParams : InterauralPhaseParams {
  std::uint64_t seed = 0;
  std::int64_t training_samples = 4096;
  std::int64_t test_samples = 2048;
  static Schema fields();
};

/// Whether a data set of that name is one of these.
bool is_interaural_dataset(const std::string& name);
/// The settings that a name tells. SpecError if it does not begin with "interaural-phase:", for unknown settings and such out of range.
InterauralDatasetParams interaural_dataset_params(const std::string& name);
/// The name that tells the seed, and whatever is not as by default.
std::string interaural_dataset_name(const InterauralDatasetParams& params);
/// Spikes and classes, hashed, and about them interaural_phase (rad) and stimulus_phase (cycles). The same bits with any pool.
Dataset interaural_dataset(const InterauralDatasetParams& params, WorkerPool* pool = nullptr);
Dataset interaural_dataset(const std::string& name, WorkerPool* pool = nullptr);

}  // namespace neurarium
