// One batch over the pool: each shard works with a tape and a gradient of its own, and gradients are added in the order of shards, so that
// the sum has the same bits for any number of threads. A gradient is added as soon as those before it are, while it is still close to the
// processor, and goes with its tape to the next shard: a batch takes the memory of about as many shards as there are threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/augmentation.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/stretches.hpp"
#include "neurarium/train/adversarial.hpp"
#include "neurarium/train/spike_blend.hpp"

namespace neurarium {

class ShardedStep {
 public:
  /// For batches of samples of `split`, cut into shards of `shard_size`. `samples_stay`: nobody draws others in their place, so
  /// that a copy which the model reads faster is worth while.
  ShardedStep(Trainable& model, const SplitView& split, double divisor, std::size_t shard_size,
              const AugmentationParams& augmentation, const SpikeBlender& blender, const AdversarialParams& adversarial,
              const Registry& registry, bool samples_stay, WorkerPool& pool);

  /// Evaluates the samples `ids`, augmented or blended and then changed by an adversary if that is wanted, and leaves factor · Σ of their gradients in gradient(). Where
  /// the model couples samples, its shards advance together and its running statistics follow.
  Evaluation run(std::span<const std::uint64_t> ids, const Context& context, double factor);
  Gradient& gradient() noexcept { return total_; }

 private:
  /// What one thread needs for a shard.
  struct Shard {
    std::span<const std::uint64_t> ids;
    Array x, y;  ///< copies, unless the samples lie one after the other in the split
    std::vector<std::uint64_t> spike_ids;
    StepSpikes blended;
    Batch batch;  ///< those, or the split's own
    std::unique_ptr<Adversary> adversary;
    Tape tape;
    Gradient gradient;                        ///< zero before a shard and after it is added up
    std::atomic<std::size_t> pieces_left{0};  ///< of the gradient, to be added up
  };
  /// What one thread adds up at a time.
  struct Piece {
    Stretch stretch;
    std::size_t next = 0;                       ///< the shard whose turn it is
    std::atomic_flag taken = ATOMIC_FLAG_INIT;  ///< by a thread that adds
  };
  Context context_of(const Shard& shard, const Context& context) const;
  void take_samples(Shard& shard, std::span<const std::uint64_t> ids, const Context& context);
  Shard& free_shard();
  void add_up(Piece& piece, double factor);

  Trainable& model_;
  SplitView split_;
  SpikesByUnit turned_;  ///< its spikes by unit, where the model reads them so
  double divisor_;
  std::size_t shard_size_;
  AugmentationParams augmentation_;
  const SpikeBlender& blender_;
  AdversarialParams adversarial_;
  Bounds bounds_;
  const Registry& registry_;
  WorkerPool& pool_;
  Gradient total_;
  std::deque<Piece> pieces_;
  std::mutex mutex_;          ///< of the next two
  std::deque<Shard> shards_;  ///< as many as were ever at work at a time
  std::vector<Shard*> free_;
  std::vector<std::atomic<Shard*>> done_;  ///< of this batch, by number; null: not yet
  std::vector<Evaluation> results_;
};

}  // namespace neurarium
