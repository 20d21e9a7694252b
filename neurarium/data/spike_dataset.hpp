// Files of spikes (spike_file.hpp) as data sets that have a name:
//
//   shd, ssc, spoken-digits                  HOME/shd, HOME/ssc, HOME/spoken-digits
//   shd:/where/they/are,dt=0.002             another folder, and settings as in TOML, separated by commas
//   spikes:FOLDER or spikes:FILE.h5          your own
//
// Of a folder, the file whose name ends in "train.h5" is what is learned from and the one in "test.h5" the test, which
// may be missing; a file alone is what is learned from. A sample is spikes of [steps, channels]: step = ⌊t/dt⌋, where a
// time within 10⁻⁹ of a step's beginning belongs to that step, and channel = ⌊unit · channels / units⌋.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include "neurarium/core/schema.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium {

struct SpikeDatasetParams {
  std::string path;                         ///< file or folder; empty: HOME/KIND
  double dt = 1e-3;                         ///< s
  double duration = 0;                      ///< s; 0: until the last spike
  std::int64_t units = 700;                 ///< the files'
  std::int64_t channels = 0;                ///< 0: as many as units
  std::vector<std::int64_t> test_speakers;  ///< empty: the test file is the test
  std::int64_t training_samples = 0;        ///< 0: all
  std::int64_t test_samples = 0;            ///< 0: all
  bool sort = false;
  static Schema fields();
};

bool is_spike_dataset(const std::string& name);
/// SpecError for unknown settings and such out of range.
SpikeDatasetParams spike_dataset_params(const std::string& name);
/// The file or folder that a name means, or nothing if it means the folder of its kind in the data home.
std::optional<std::filesystem::path> path_of_spike_dataset(const std::string& name);
/// The name with another file or folder in it.
std::string spike_dataset_with_path(const std::string& name, const std::filesystem::path& path);
/// The name with these speakers as the test.
std::string spike_dataset_with_test_speakers(const std::string& name, const std::vector<std::int64_t>& speakers);

/// Whether the file to learn from is there.
bool is_spike_dataset_present(const std::string& name, const std::filesystem::path& home);
/// With `speaker`, one for each sample, if the files say who spoke. DataError naming file, sample and spike for times that fall (unless `sort`), are negative, NaN or infinite, and for
/// units out of range.
Dataset load_spike_dataset(const std::string& name, const std::filesystem::path& home, std::stop_token stop = {});

}  // namespace neurarium
