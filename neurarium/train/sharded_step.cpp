#include "neurarium/train/sharded_step.hpp"

#include <algorithm>

namespace neurarium {
namespace {

Bounds bounds_for(const AdversarialParams& adversarial, const SplitView& split, double divisor) {
  if (split.spikes && adversarial.wanted())
    throw SpecError("train.adversarial: the samples are spikes, but it changes numbers", "leave it out");
  return adversarial_bounds(adversarial, split.x, split.y, divisor);
}

}  // namespace

ShardedStep::ShardedStep(Trainable& model, const SplitView& split, double divisor, std::size_t shard_size,
                         const AugmentationParams& augmentation, const SpikeBlender& blender,
                         const AdversarialParams& adversarial, const Registry& registry, WorkerPool& pool)
    : model_(model),
      split_(split),
      divisor_(divisor),
      shard_size_(shard_size),
      augmentation_(augmentation),
      blender_(blender),
      adversarial_(adversarial),
      bounds_(bounds_for(adversarial, split, divisor)),
      registry_(registry),
      pool_(pool),
      total_(make_gradient(model)) {
  if (split.spikes && augmentation.wanted())
    throw SpecError("train.augmentation: the samples are spikes, but it changes pictures",
                    "leave it out; train.blend is for spikes");
  constexpr std::size_t piece_size = 1 << 15;
  for (std::size_t p = 0; p < total_.size(); ++p)
    for (std::size_t first = 0; first < total_[p].size(); first += piece_size)
      pieces_.push_back({p, first, std::min(piece_size, total_[p].size() - first)});
}

Evaluation ShardedStep::run(std::span<const std::uint64_t> ids, const Context& context, double factor) {
  const std::size_t count = (ids.size() + shard_size_ - 1) / shard_size_;
  while (shards_.size() < count) {
    Shard& shard = shards_.emplace_back();
    shard.gradient = make_gradient(model_);
    shard.adversary = make_adversary(adversarial_, model_, bounds_, registry_);
  }
  const auto context_of = [&](const Shard& shard) {
    Context here = context;
    here.sample_ids = shard.ids;
    return here;
  };
  const auto take = [&](std::size_t i) -> Shard& {
    Shard& shard = shards_[i];
    shard.ids = ids.subspan(i * shard_size_, std::min(shard_size_, ids.size() - i * shard_size_));
    if (split_.spikes) {
      gather_rows(split_.y, shard.ids, shard.y);
      shard.batch = {{}, shard.y, 1, {}};
      if (blender_.wanted()) {
        blender_.blend(shard.ids, context, shard.blended);
        shard.batch.spikes = SpikesView(shard.blended);
      } else {
        shard.batch.spikes = split_.spikes.chosen(shard.ids, shard.spike_ids);
      }
      return shard;
    }
    const bool as_they_lie = !augmentation_.wanted() && std::ranges::adjacent_find(shard.ids, [](auto a, auto b) {
                                                          return b != a + 1;
                                                        }) == shard.ids.end();
    if (as_they_lie) {
      shard.batch = {split_.x.rows(shard.ids.front(), shard.ids.size()),
                     split_.y.rows(shard.ids.front(), shard.ids.size()), divisor_};
    } else {
      gather_rows(split_.x, shard.ids, shard.x);
      gather_rows(split_.y, shard.ids, shard.y);
      if (augmentation_.wanted()) shard.x = augmented(shard.x, augmentation_, context_of(shard));
      shard.batch = {shard.x, shard.y, divisor_};
    }
    if (shard.adversary)
      shard.batch = {shard.adversary->changed(shard.batch.x, shard.batch.y, divisor_, context_of(shard)), shard.batch.y,
                     1};
    return shard;
  };
  if (model_.couples_samples()) {
    pool_.run(count, take);
    std::vector<ShardOfBatch> parts;
    for (std::size_t i = 0; i < count; ++i) {
      Shard& shard = shards_[i];
      parts.push_back({shard.batch, context_of(shard), &shard.tape, &shard.gradient, {}});
    }
    model_.evaluate_together(parts, pool_);
    model_.keep_statistics(shards_.front().tape);
    for (std::size_t i = 0; i < count; ++i) shards_[i].result = parts[i].result;
  } else {
    pool_.run(count, [&](std::size_t i) {
      Shard& shard = take(i);
      shard.result = model_.evaluate_with_gradient(shard.batch, context_of(shard), shard.tape, shard.gradient);
    });
  }
  if (pieces_.size() > total_.size())  // else they are few numbers: waking a thread takes longer
    pool_.run(pieces_.size(), [&](std::size_t i) { add_up(pieces_[i], count, factor); });
  else
    for (const Piece& piece : pieces_) add_up(piece, count, factor);
  Evaluation sum;
  for (std::size_t i = 0; i < count; ++i) sum += shards_[i].result;
  return sum;
}

void ShardedStep::add_up(const Piece& piece, std::size_t shards, double factor) {
  with_floating(total_[piece.parameter].dtype(), [&]<class T>() {
    const auto part = [&](Gradient& gradient) {
      return gradient[piece.parameter].as<T>().flat().subspan(piece.first, piece.count);
    };
    const auto total = part(total_);
    for (std::size_t i = 0; i < shards; ++i) {
      const auto from = part(shards_[i].gradient);
      const bool last = i + 1 == shards;
      const T times = last ? static_cast<T>(factor) : T{1};
      if (i == 0)
        for (std::size_t j = 0; j < total.size(); ++j) total[j] = from[j] * times;
      else
        for (std::size_t j = 0; j < total.size(); ++j) total[j] = (total[j] + from[j]) * times;
      std::ranges::fill(from, T{0});
    }
  });
}

}  // namespace neurarium
