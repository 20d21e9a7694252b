// checkpoint.safetensors of a run directory, with two texts that let a reader trust it:
//   neurarium.experiment_hash   the experiment (run.json's own) whose run wrote it
//   neurarium.sha256            of every array's name, type, shape and bytes, and of all other texts, in any order
// A file without them was written by an earlier version, or by other software, and is read as it is.
#pragma once

#include <optional>

#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

inline constexpr const char* checkpoint_file = "checkpoint.safetensors";

/// The key of the second text, and what it is to be: the SHA-256 of all else.
inline constexpr const char* seal_key = "neurarium.sha256";
std::string seal_of(const Checkpoint& checkpoint);

/// Writes it, whole or not at all, with both texts.
void write_checkpoint(const RunDirectory& directory, Checkpoint checkpoint);

/// The checkpoint in the directory, if there is one. A DataError says that it is damaged, a ResumeError that it belongs to
/// another experiment.
std::optional<Checkpoint> read_checkpoint(const RunDirectory& directory);

/// Without the texts "neurarium.…", which are not the study's.
void erase_own_texts(Checkpoint& checkpoint);

}  // namespace neurarium
