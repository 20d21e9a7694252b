// What training knows after each epoch, and how a checkpoint keeps it.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

struct EpochResult {
  std::uint64_t epoch = 0;  ///< 1 = after the first
  double loss = 0;          ///< mean over the samples, each measured before the step it took part in
  double accuracy = 0;      ///< likewise; meaningless unless has_accuracy
  bool has_accuracy = false;
  bool has_held_out = false;                        ///< with early stopping: the held-out samples after the epoch
  double held_out_loss = 0, held_out_accuracy = 0;  ///< mean; the latter meaningless unless has_accuracy
};

using EpochHistory = std::vector<EpochResult>;

/// The means of sums over samples; zeros if there were none.
EpochResult mean_of(const Evaluation& sum, std::uint64_t epoch = 0);

/// Adds "trainer.history" to what a checkpoint keeps, a row for each epoch.
void save_history(const EpochHistory& history, NamedArrays& arrays);
/// Throws a ResumeError if it is missing or not what was saved.
EpochHistory saved_history(const Checkpoint& checkpoint);

}  // namespace neurarium
