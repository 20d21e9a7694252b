// Sounds made into spikes by our inner ear (cochlea.hpp), in the layout of the Heidelberg digits (spike_file.hpp).
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "neurarium/core/pool.hpp"
#include "neurarium/data/cochlea.hpp"
#include "neurarium/data/wav.hpp"

namespace neurarium {

/// What is heard of a sound without the silence at its ends.
TimedSpikes spikes_of_sound(const Sound& sound, const CochleaParams& params);

/// Writes a file of spikes whose samples are made by `make`, some at a time by all threads of the pool; `made` is told
/// how many there are. The same file for any number of threads.
void write_spikes_made_in_parallel(const std::filesystem::path& path, const SpikeFileHead& head,
                                   const std::function<TimedSpikes(std::size_t sample)>& make, WorkerPool& pool,
                                   const std::function<void(std::size_t)>& made = {}, std::stop_token stop = {});

/// FOLDER/CLASS/….wav, at any depth below CLASS: files and classes by name, byte by byte. Names that begin with '.' are
/// left out.
struct SoundFolder {
  std::vector<std::string> classes;
  std::vector<std::filesystem::path> files;
  std::vector<std::int64_t> labels;
};
/// DataError if there are no such files.
SoundFolder find_sounds(const std::filesystem::path& folder);

struct EncodedSounds {
  std::size_t samples = 0, classes = 0, spikes = 0;
  double seconds = 0;  ///< of the longest sample, until its last spike
};
/// find_sounds(folder), as spikes in the file `out`.
EncodedSounds encode_sounds(const std::filesystem::path& folder, const std::filesystem::path& out,
                            const CochleaParams& params, WorkerPool& pool,
                            const std::function<void(std::size_t done, std::size_t total)>& progress = {},
                            std::stop_token stop = {});

}  // namespace neurarium
