// Spikes as HDF5, in the layout of the Heidelberg digits (SHD, SSC: B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke: The
// Heidelberg Spiking Data Sets for the Systematic Evaluation of Spiking Neural Networks, IEEE TNNLS 33, 2744, 2022):
//   spikes/times   [n] lists of floating-point numbers of any width: seconds from the sample's beginning, not falling
//   spikes/units   [n] lists of whole numbers: which unit fired
//   labels         [n] whole numbers 0 …
//   extra/keys     names of the classes, if any
//   extra/speaker  [n] whole numbers: who spoke, if it is known
// The file is read in a child process (hdf5_program.hpp): a damaged one can crash that, or stall it, and it becomes a
// DataError here.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace neurarium {

struct SpikeFileHead {
  std::vector<std::int64_t> labels;    ///< one for each sample
  std::vector<std::int64_t> speakers;  ///< one for each sample, or empty
  std::vector<std::string> classes;    ///< may be empty
};

/// One sample: time and unit of each spike.
struct TimedSpikes {
  std::vector<double> times;  ///< s
  std::vector<std::int64_t> units;
};

/// Reads the file, a sample at a time, so that it need not fit into memory: `begin` is called once, `take` for each
/// sample in order. Checked here: labels ≥ 0 and, if there are names, among them; the lists' types and lengths. Times
/// and units come as they are in the file. DataError naming the file; Interrupted when `stop` is requested; whatever
/// the two functions throw. `seconds` is how long 32 samples may be computed at before the file counts as damaged;
/// waiting for a disk doesn't count.
void read_spike_file(const std::filesystem::path& path, const std::function<void(const SpikeFileHead&)>& begin,
                     const std::function<void(std::size_t sample, const TimedSpikes&)>& take, std::stop_token stop = {},
                     double seconds = 10);

/// Writes such a file, whole or not at all; `give` is asked for each sample in order. Times as 32-bit numbers, units as
/// 16 bits. Error if it can't be written.
void write_spike_file(const std::filesystem::path& path, const SpikeFileHead& head,
                      const std::function<TimedSpikes(std::size_t sample)>& give, std::stop_token stop = {});

}  // namespace neurarium
