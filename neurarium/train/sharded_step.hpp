// One batch over the pool: shard i works with its own tape and gradient, and gradients are added in shard order, so that the
// sum has the same bits for any number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/augmentation.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/train/adversarial.hpp"
#include "neurarium/train/spike_blend.hpp"

namespace neurarium {

class ShardedStep {
 public:
  /// For batches of samples of `split`, cut into shards of `shard_size`.
  ShardedStep(Trainable& model, const SplitView& split, double divisor, std::size_t shard_size,
              const AugmentationParams& augmentation, const SpikeBlender& blender, const AdversarialParams& adversarial,
              const Registry& registry, WorkerPool& pool);

  /// Evaluates the samples `ids`, augmented or blended and then changed by an adversary if that is wanted, and leaves factor · Σ of their gradients in gradient(). Where
  /// the model couples samples, its shards advance together and its running statistics follow.
  Evaluation run(std::span<const std::uint64_t> ids, const Context& context, double factor);
  Gradient& gradient() noexcept { return total_; }

 private:
  struct Shard {
    std::span<const std::uint64_t> ids;
    Array x, y;  ///< copies, unless the samples lie one after the other in the split
    std::vector<std::uint64_t> spike_ids;
    StepSpikes blended;
    Batch batch;  ///< those, or the split's own
    std::unique_ptr<Adversary> adversary;
    Tape tape;
    Gradient gradient;  ///< zero before and after a step
    Evaluation result;
  };
  /// Some numbers of one parameter: what one thread adds up over the shards.
  struct Piece {
    std::size_t parameter, first, count;
  };
  void add_up(const Piece& piece, std::size_t shards, double factor);

  Trainable& model_;
  SplitView split_;
  double divisor_;
  std::size_t shard_size_;
  AugmentationParams augmentation_;
  const SpikeBlender& blender_;
  AdversarialParams adversarial_;
  Bounds bounds_;
  const Registry& registry_;
  WorkerPool& pool_;
  Gradient total_;
  std::vector<Piece> pieces_;
  std::vector<Shard> shards_;
};

}  // namespace neurarium
