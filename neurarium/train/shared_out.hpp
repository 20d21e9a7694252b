// Trainings of one study, shared out over the threads: each is done by one thread, so that what comes out has the same bits for any
// number of threads. A run that is stopped goes on with the trainings that were not done.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "neurarium/nn/study.hpp"

namespace neurarium {

struct TrainParams;

/// What the trainings of a study are; k = 0 … count − 1. What comes of training k is the study's to hold.
struct SharedTrainings {
  std::size_t count = 0;
  std::string seeds;  ///< names the stream of their seeds: seed_of_training(run's seed, seeds, k)
  double checkpoint_seconds = 60;
  /// Does training k, on the thread and with the seed of its context.
  std::function<void(std::size_t k, RunContext& own)> train;
  /// What came of training k, for the checkpoint; asked once it is done.
  std::function<NamedArrays(std::size_t k)> save;
  /// The same from a checkpoint. ResumeError unless it is that.
  std::function<void(std::size_t k, const Checkpoint& part)> restore;
};

/// The first number of Stream(seed, seeds) at counter (0, k): more trainings leave the earlier ones as they are.
std::uint64_t seed_of_training(std::uint64_t seed, const std::string& seeds, std::size_t k);

/// Does those trainings that no checkpoint of the run holds. Interrupted, once what is done is saved; the error of the first training
/// that fails, when the others have ended.
void train_shared_out(const SharedTrainings& trainings, RunContext& context);

/// SpecError if `train.epochs` is 0: for studies that show what every epoch brought, and what stands after the last.
void require_an_epoch(const TrainParams& train);

/// The error of a checkpoint that holds something else for training k.
[[noreturn]] void refuse_training(std::size_t k);

}  // namespace neurarium
