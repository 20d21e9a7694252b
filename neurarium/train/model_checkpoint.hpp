// What a checkpoint holds of a model and an optimiser, and how it is put back.
#pragma once

#include <limits>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/optimiser.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

/// Parameters and buffers of `model` under their own names, optimiser state under "optimiser.", and `metadata`.
Checkpoint checkpoint_of(Model& model, Optimiser* optimiser, std::vector<std::pair<std::string, std::string>> metadata);

/// Puts the arrays of `checkpoint` back. A missing array, or one of another shape or type, is a ResumeError.
void restore(const Checkpoint& checkpoint, Model& model, Optimiser* optimiser);

/// The same for what a run has kept: no run writes a number that is not finite, so one there is damage, a DataError.
void restore_kept(const Checkpoint& checkpoint, Model& model, Optimiser* optimiser);

/// A counter from the metadata; a ResumeError if it is missing, no number, or larger than `most`.
std::uint64_t counter_of(const Checkpoint& checkpoint, const std::string& key,
                         std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// Parameters, buffers and, if there is an optimiser, its state: everything that a checkpoint keeps.
std::vector<NamedView> state_of(Model& model, Optimiser* optimiser = nullptr);

/// Throws NumericError naming the first entry of state_of() that is not finite: a damaged state must never replace a
/// good checkpoint.
void require_finite(Model& model, Optimiser* optimiser, std::uint64_t step);

}  // namespace neurarium
