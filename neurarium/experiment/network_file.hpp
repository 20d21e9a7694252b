// network.safetensors: a network that a run has learned or made, in a file that says itself what it holds.
//   arrays       parameters and buffers, by name
//   texts        format = "neurarium model 1", type and settings (JSON): as a model saved from Python
//                dataset, dataset_sha256: what it learned; a name below inputs/ lies in the run's own folder
//                seed of the run that trained it
//                neurarium.sha256: of all of this, as in a checkpoint (checkpoint_file.hpp)
// A file without dataset, or without the last, was written by other software, and is read as it is.
#pragma once

#include <filesystem>

#include "neurarium/nn/network_state.hpp"

namespace neurarium {

inline constexpr const char* network_file = "network.safetensors";

/// Writes it, whole or not at all. NumericError if a number is not finite: what is there stays.
void write_network(const std::filesystem::path& file, const TrainedNetwork& network);

/// DataError if it is damaged, has another format, or a number that is not finite.
TrainedNetwork read_network(const std::filesystem::path& file);

}  // namespace neurarium
