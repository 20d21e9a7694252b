#include "neurarium/train/evaluation.hpp"

#include <algorithm>

#include "neurarium/train/tape_store.hpp"

namespace neurarium {
namespace {

/// task(number of the shard, its first sample, its samples)
template <class Task>
void each_shard(std::size_t samples, std::size_t shard_size, WorkerPool& pool, const Task& task) {
  pool.run((samples + shard_size - 1) / shard_size,
           [&](std::size_t i) { task(i, i * shard_size, std::min(shard_size, samples - i * shard_size)); });
}

}  // namespace

EpochResult evaluate(const Trainable& model, const SplitView& split, double divisor, RunContext& context,
                     std::size_t shard_size) {
  if (split.samples() == 0) throw DataError("evaluation", "there are no samples");
  model.require_answers(split.y, "answers");
  std::vector<Evaluation> results((split.samples() + shard_size - 1) / shard_size);
  TapeStore tapes;  // else every shard would ask the system for its memory anew
  each_shard(split.samples(), shard_size, context.pool(), [&](std::size_t i, std::size_t first, std::size_t count) {
    const auto tape = tapes.take();
    const ArrayView answers = split.y.rows(first, count);
    const Batch batch = split.spikes ? Batch{{}, answers, 1, split.spikes.part(first, count)}
                                     : Batch{split.x.rows(first, count), answers, divisor};
    results[i] = model.evaluate(batch, {Mode::eval, context.seed(), 0, 0, {}}, *tape);
  });
  Evaluation sum;
  for (const Evaluation& result : results) sum += result;
  return mean_of(sum);
}

Array answers_of(const Model& model, ArrayView x, double divisor, RunContext& context, std::size_t shard_size) {
  const std::size_t samples = x.shape()[0];
  std::vector<Array> parts((samples + shard_size - 1) / shard_size);
  each_shard(samples, shard_size, context.pool(), [&](std::size_t i, std::size_t first, std::size_t count) {
    const Array seen = scaled(x.rows(first, count), divisor, model.scalar());
    parts[i] = std::move(model.outputs(seen, {Mode::eval, context.seed(), 0, 0, {}}).front().second);
  });
  return joined_rows(parts);
}

Array answers_of(const Model& model, const StepSpikes& spikes, RunContext& context, std::size_t shard_size) {
  std::vector<Array> parts((spikes.samples() + shard_size - 1) / shard_size);
  each_shard(spikes.samples(), shard_size, context.pool(), [&](std::size_t i, std::size_t first, std::size_t count) {
    const SpikesView some(spikes, first, count);
    parts[i] = std::move(model.outputs(some, {Mode::eval, context.seed(), 0, 0, {}}).front().second);
  });
  return joined_rows(parts);
}

}  // namespace neurarium
