// A network's answers to a whole split, and how good they are: in evaluation mode, in shards, with the pool's threads.
#pragma once

#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/epoch_history.hpp"

namespace neurarium {

/// Samples that a thread takes at a time; who wants the same bits takes as many.
constexpr std::size_t evaluation_shard_size = 64;

/// Mean loss and accuracy.
EpochResult evaluate(const Trainable& model, const SplitView& split, double divisor, RunContext& context,
                     std::size_t shard_size = evaluation_shard_size);

/// The model's first output for samples x [n, …], as [n, …] in the model's own type; n ≥ 1. What it sees is x / divisor.
Array answers_of(const Model& model, ArrayView x, double divisor, RunContext& context,
                 std::size_t shard_size = evaluation_shard_size);
/// The same for spikes.
Array answers_of(const Model& model, const StepSpikes& spikes, RunContext& context,
                 std::size_t shard_size = evaluation_shard_size);

}  // namespace neurarium
