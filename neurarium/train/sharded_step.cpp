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
                         const AdversarialParams& adversarial, const Registry& registry, bool samples_stay,
                         WorkerPool& pool)
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
  if (split.spikes && samples_stay && !blender.wanted() && model.reads_turned_spikes() &&
      split.spikes.are_worth_turning()) {
    turned_ = split.spikes.turned_copy(pool);
    split_.spikes.set_turned(turned_);
  }
  std::vector<std::size_t> sizes;
  for (const Array& array : total_) sizes.push_back(array.size());
  for (const Stretch& stretch : stretches_of(sizes)) pieces_.emplace_back().stretch = stretch;
}

Context ShardedStep::context_of(const Shard& shard, const Context& context) const {
  Context here = context;
  here.sample_ids = shard.ids;
  return here;
}

void ShardedStep::take_samples(Shard& shard, std::span<const std::uint64_t> ids, const Context& context) {
  shard.ids = ids;
  if (split_.spikes) {
    gather_rows(split_.y, shard.ids, shard.y);
    shard.batch = {{}, shard.y, 1, {}};
    if (blender_.wanted()) {
      blender_.blend(shard.ids, context, shard.blended);
      shard.batch.spikes = SpikesView(shard.blended);
    } else {
      shard.batch.spikes = split_.spikes.chosen(shard.ids, shard.spike_ids);
    }
    return;
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
    if (augmentation_.wanted()) shard.x = augmented(shard.x, augmentation_, context_of(shard, context));
    shard.batch = {shard.x, shard.y, divisor_};
  }
  if (shard.adversary)
    shard.batch = {shard.adversary->changed(shard.batch.x, shard.batch.y, divisor_, context_of(shard, context)),
                   shard.batch.y, 1};
}

ShardedStep::Shard& ShardedStep::free_shard() {
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) {
    Shard& shard = *free_.back();
    free_.pop_back();
    return shard;
  }
  Shard& shard = shards_.emplace_back();
  shard.gradient = make_gradient(model_);
  shard.adversary = make_adversary(adversarial_, model_, bounds_, registry_);
  return shard;
}

Evaluation ShardedStep::run(std::span<const std::uint64_t> ids, const Context& context, double factor) {
  const std::size_t count = (ids.size() + shard_size_ - 1) / shard_size_;
  const auto ids_of = [&](std::size_t i) {
    return ids.subspan(i * shard_size_, std::min(shard_size_, ids.size() - i * shard_size_));
  };
  done_ = std::vector<std::atomic<Shard*>>(count);
  results_.resize(count);
  for (Piece& piece : pieces_) piece.next = 0;
  free_.clear();
  for (Shard& shard : shards_) free_.push_back(&shard);
  const auto is_done = [&](std::size_t i, Shard& shard) {
    shard.pieces_left.store(pieces_.size(), std::memory_order_relaxed);
    done_[i].store(&shard, std::memory_order_release);
  };
  if (model_.couples_samples()) {
    std::vector<ShardOfBatch> parts(count);
    for (std::size_t i = 0; i < count; ++i) is_done(i, free_shard());
    pool_.run(count, [&](std::size_t i) {
      Shard& shard = *done_[i];
      take_samples(shard, ids_of(i), context);
      parts[i] = {shard.batch, context_of(shard, context), &shard.tape, &shard.gradient, {}};
    });
    model_.evaluate_together(parts, pool_);
    model_.keep_statistics(done_.front().load()->tape);
    for (std::size_t i = 0; i < count; ++i) results_[i] = parts[i].result;
  } else {
    const auto threads = static_cast<std::size_t>(pool_.threads());
    pool_.run(count, [&](std::size_t i) {
      Shard& shard = free_shard();
      take_samples(shard, ids_of(i), context);
      results_[i] = model_.evaluate_with_gradient(shard.batch, context_of(shard, context), shard.tape, shard.gradient);
      is_done(i, shard);
      if (i + threads >= count) return;  // the last ones are added by all threads together, below
      for (std::size_t k = 0, p = pieces_.size() * i / count; k < pieces_.size(); ++k, p = (p + 1) % pieces_.size())
        add_up(pieces_[p], factor);
    });
  }
  share_stretches(pieces_.size(), total_.size(), &pool_, [&](std::size_t i) { add_up(pieces_[i], factor); });
  Evaluation sum;
  for (const Evaluation& result : results_) sum += result;
  return sum;
}

void ShardedStep::add_up(Piece& piece, double factor) {
  if (piece.taken.test_and_set(std::memory_order_acquire)) return;  // what is not added now is at the end of the batch
  with_floating(total_[piece.stretch.parameter].dtype(), [&]<class T>() {
    const auto part = [&](Gradient& gradient) {
      return piece.stretch.of(gradient[piece.stretch.parameter].as<T>().flat());
    };
    const auto total = part(total_);
    for (; piece.next < done_.size(); ++piece.next) {
      Shard* const shard = done_[piece.next].load(std::memory_order_acquire);
      if (!shard) break;
      const auto from = part(shard->gradient);
      const bool last = piece.next + 1 == done_.size();
      const T times = last ? static_cast<T>(factor) : T{1};
      if (piece.next == 0)
        for (std::size_t j = 0; j < total.size(); ++j) total[j] = from[j] * times;
      else
        for (std::size_t j = 0; j < total.size(); ++j) total[j] = (total[j] + from[j]) * times;
      std::ranges::fill(from, T{0});
      if (shard->pieces_left.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        const std::lock_guard lock(mutex_);
        free_.push_back(shard);
      }
    }
  });
  piece.taken.clear(std::memory_order_release);
}

}  // namespace neurarium
