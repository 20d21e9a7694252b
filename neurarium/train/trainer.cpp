#include "neurarium/train/trainer.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/data/sampler.hpp"
#include "neurarium/kernels/finite.hpp"
#include "neurarium/nn/full_batch_method.hpp"
#include "neurarium/train/full_batch.hpp"
#include "neurarium/train/model_checkpoint.hpp"
#include "neurarium/train/tape_store.hpp"

namespace neurarium {

Schema TrainParams::fields() {
  using P = TrainParams;
  return Schema::of<P>({
      field("epochs", &P::epochs, "Passes over the data.").at_least(0),
      field("batch_size", &P::batch_size, "Samples per step.").at_least(1),
      field("shard_size", &P::shard_size, "Samples that one thread takes at a time; part of the result's bits.")
          .at_least(1),
      field("shuffle", &P::shuffle, "New order in each epoch."),
      field("reduction", &P::reduction, "Whether a step follows the mean or the sum of the batch's gradients.")
          .one_of({"mean", "sum"}),
      component("optimiser", &P::optimiser, "optimiser", "How gradients move the parameters."),
      component("schedule", &P::schedule, "schedule", "How the learning rate changes while training goes on."),
      field("clip_norm", &P::clip_norm, "Longest gradient (over all parameters) that a step follows; 0 = any.")
          .at_least(0),
      field("augmentation", &P::augmentation, "How pictures are changed a little, each time they are seen."),
      field("early_stopping", &P::early_stopping, "Stop when held-out samples stop getting better."),
      field("checkpoint_seconds", &P::checkpoint_seconds, "Longest time between two checkpoints.")
          .unit("s")
          .at_least(0),
  });
}

namespace {

/// One batch over the pool: shard i works with its own tape and gradient, and sums are taken in shard order.
class ShardedStep {
 public:
  ShardedStep(Trainable& model, const SplitView& split, double divisor, const TrainParams& params, WorkerPool& pool)
      : model_(model),
        split_(split),
        divisor_(divisor),
        shard_size_(static_cast<std::size_t>(params.shard_size)),
        augmentation_(params.augmentation),
        pool_(pool),
        total_(make_gradient(model)) {
    for (std::size_t p = 0; p < total_.size(); ++p)
      for (std::size_t first = 0; first < total_[p].size(); first += piece_size)
        pieces_.push_back({p, first, std::min(piece_size, total_[p].size() - first)});
  }

  /// Σ of the batch's gradients, times the factor of run().
  Gradient& gradient() { return total_; }

  Evaluation run(std::span<const std::uint64_t> ids, const Context& context, double factor) {
    const std::size_t count = (ids.size() + shard_size_ - 1) / shard_size_;
    while (shards_.size() < count) shards_.push_back({{}, {}, {}, {}, make_gradient(model_), {}});
    const auto context_of = [&](const Shard& shard) {
      Context here = context;
      here.sample_ids = shard.ids;
      return here;
    };
    const auto take = [&](std::size_t i) -> Shard& {
      Shard& shard = shards_[i];
      shard.ids = ids.subspan(i * shard_size_, std::min(shard_size_, ids.size() - i * shard_size_));
      gather_rows(split_.x, shard.ids, shard.x);
      gather_rows(split_.y, shard.ids, shard.y);
      if (augmentation_.wanted()) shard.x = augmented(shard.x, augmentation_, context_of(shard));
      return shard;
    };
    if (model_.couples_samples()) {
      pool_.run(count, take);
      std::vector<ShardOfBatch> parts;
      for (std::size_t i = 0; i < count; ++i) {
        Shard& shard = shards_[i];
        parts.push_back({{shard.x, shard.y, divisor_}, context_of(shard), &shard.tape, &shard.gradient, {}});
      }
      model_.evaluate_together(parts, pool_);
      model_.keep_statistics(shards_.front().tape);
      for (std::size_t i = 0; i < count; ++i) shards_[i].result = parts[i].result;
    } else {
      pool_.run(count, [&](std::size_t i) {
        Shard& shard = take(i);
        shard.result =
            model_.evaluate_with_gradient({shard.x, shard.y, divisor_}, context_of(shard), shard.tape, shard.gradient);
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

 private:
  struct Shard {
    std::span<const std::uint64_t> ids;
    Array x, y;
    Tape tape;
    Gradient gradient;  ///< zero before and after a step
    Evaluation result;
  };
  /// Some numbers of one parameter: what one thread adds up over the shards.
  struct Piece {
    std::size_t parameter, first, count;
  };
  static constexpr std::size_t piece_size = 1 << 15;

  void add_up(const Piece& piece, std::size_t shards, double factor) {
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

  Trainable& model_;
  SplitView split_;
  double divisor_;
  std::size_t shard_size_;
  AugmentationParams augmentation_;
  WorkerPool& pool_;
  Gradient total_;
  std::vector<Piece> pieces_;
  std::vector<Shard> shards_;
};

void require_finite(const Gradient& gradient, const std::vector<NamedView>& parameters, std::uint64_t step) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const bool finite =
        with_floating(gradient[i].dtype(), [&]<class T>() { return kernels::all_finite(gradient[i].as<T>()); });
    if (!finite)
      throw NumericError("gradient of " + parameters[i].name, step, first_non_finite(gradient[i]),
                         "lower train.optimiser.learning_rate");
  }
}

EpochResult result_of(std::uint64_t epoch, const Evaluation& sum) {
  const double n = static_cast<double>(std::max<std::size_t>(sum.samples, 1));
  return {epoch, sum.loss / n, sum.correct / n, sum.has_accuracy, false, 0, 0};
}

/// Where a training stands: epochs done, batches done in the running epoch and what that epoch has summed up so far, and
/// the epochs before it.
struct Position {
  std::uint64_t epoch = 0, batch = 0;
  Evaluation sum;
  std::vector<EpochResult> history;

  static constexpr std::size_t columns = 7;
  /// One row per epoch, and a last one for the running sum.
  Array array() const {
    Array progress(DType::f64, {history.size() + 1, columns});
    const auto rows = progress.as<double>();
    for (std::size_t i = 0; i < history.size(); ++i) {
      const EpochResult& r = history[i];
      rows(i, 0) = r.loss, rows(i, 1) = r.accuracy, rows(i, 2) = r.has_accuracy, rows(i, 3) = 0;
      rows(i, 4) = r.has_held_out, rows(i, 5) = r.held_out_loss, rows(i, 6) = r.held_out_accuracy;
    }
    rows(history.size(), 0) = sum.loss, rows(history.size(), 1) = sum.correct;
    rows(history.size(), 2) = sum.has_accuracy, rows(history.size(), 3) = static_cast<double>(sum.samples);
    return progress;
  }
  void restore(const Checkpoint& checkpoint) {
    epoch = counter_of(checkpoint, "epoch");
    batch = counter_of(checkpoint, "batch");
    const Array* progress = checkpoint.find("trainer.history");
    if (!progress || progress->shape() != Shape{epoch + 1, columns} || progress->dtype() != DType::f64)
      throw ResumeError("the checkpoint's trainer.history is missing or damaged");
    const auto rows = progress->as<double>();
    for (std::size_t i = 0; i < epoch; ++i)
      history.push_back({i + 1, rows(i, 0), rows(i, 1), rows(i, 2) != 0, rows(i, 4) != 0, rows(i, 5), rows(i, 6)});
    sum = {rows(epoch, 0), rows(epoch, 1), rows(epoch, 2) != 0, static_cast<std::size_t>(rows(epoch, 3))};
  }
};

/// A split of the chosen samples, as copies.
Split chosen(const SplitView& split, std::span<const std::uint64_t> ids) {
  return {gather_rows(split.x, ids), gather_rows(split.y, ids)};
}

}  // namespace

double clip(Gradient& gradient, double clip_norm) {
  double squares = 0;
  for (const Array& array : gradient)
    with_floating(array.dtype(), [&]<class T>() {
      for (const T g : array.as<T>().flat()) squares += static_cast<double>(g) * static_cast<double>(g);
    });
  const double norm = std::sqrt(squares);
  const double factor = clip_norm / (norm + 1e-6);
  if (factor < 1) scale(gradient, factor);
  return norm;
}

std::vector<EpochResult> train(Trainable& model, const SplitView& split, double divisor, const TrainParams& params,
                               RunContext& context, const TrainCallbacks& callbacks) {
  if (split.samples() == 0 || split.y.empty())
    throw DataError("training data", "has no answers y to learn", "save them beside x: labels 0, 1, 2 … or targets");
  if (context.registry().can_make<FullBatchMethod>("optimiser", params.optimiser.type))
    return train_full_batch(model, split, divisor, params, context, callbacks);
  const auto optimiser = context.registry().make<Optimiser>("optimiser", params.optimiser, "train.optimiser");
  const auto schedule = context.registry().make<Schedule>("schedule", params.schedule, "train.schedule");
  HeldOut apart;
  Split held_out;
  EarlyStopping stopping(params.early_stopping, model);
  if (params.early_stopping.wanted()) {
    apart = hold_out(context.seed(), split.samples(), params.early_stopping.held_out);
    held_out = chosen(split, apart.held_out);
    if (params.early_stopping.on == "accuracy" && !held_out.has_labels())
      throw SpecError("train.early_stopping.on: the data have no labels, so there is no accuracy", "watch \"loss\"");
  }
  const std::size_t samples = split.samples() - apart.held_out.size();
  const auto batch_size = static_cast<std::size_t>(params.batch_size);
  const auto epochs = static_cast<std::uint64_t>(params.epochs);
  const std::size_t batches = (samples + batch_size - 1) / batch_size;

  Position at;
  const auto save = [&] {
    require_finite(model, optimiser.get(), at.epoch * batches + at.batch);
    Checkpoint checkpoint = checkpoint_of(model, optimiser.get(),
                                          {{"epoch", std::to_string(at.epoch)}, {"batch", std::to_string(at.batch)}});
    checkpoint.arrays.emplace_back("trainer.history", at.array());
    if (params.early_stopping.wanted()) stopping.save(checkpoint.arrays);
    if (callbacks.extra.save)
      for (auto& item : callbacks.extra.save()) checkpoint.arrays.push_back(std::move(item));
    context.save(checkpoint);
  };
  if (const auto checkpoint = context.resumed()) {
    restore(*checkpoint, model, optimiser.get());
    if (callbacks.extra.restore) callbacks.extra.restore(*checkpoint);
    if (params.early_stopping.wanted()) stopping.restore(*checkpoint);
    at.restore(*checkpoint);
    if (callbacks.after_epoch)
      for (const EpochResult& result : at.history) callbacks.after_epoch(result);
  }

  ShardedStep step(model, split, divisor, params, context.pool());
  const auto parameters = model.parameters();
  for (; at.epoch < epochs && !stopping.stopped(); ++at.epoch, at.batch = 0, at.sum = {}) {
    const auto epoch = static_cast<std::uint32_t>(at.epoch);
    auto order = epoch_order(context.seed(), epoch, samples, params.shuffle);
    if (!apart.kept.empty())
      for (std::uint64_t& id : order) id = apart.kept[id];
    for (; at.batch < batches; ++at.batch) {
      const std::uint64_t steps_done = at.epoch * batches + at.batch;
      if (context.stop_requested()) {
        save();
        throw Interrupted("stopped in epoch " + std::to_string(at.epoch + 1));
      }
      if (context.checkpoint_due(params.checkpoint_seconds)) save();
      const std::size_t first = at.batch * batch_size;
      const auto ids = std::span(order).subspan(first, std::min(batch_size, samples - first));
      at.sum += step.run(ids, {Mode::train, context.seed(), epoch, steps_done, {}},
                         params.reduction == "mean" ? 1.0 / static_cast<double>(ids.size()) : 1.0);
      Gradient& gradient = step.gradient();
      if (callbacks.after_gradient) callbacks.after_gradient(gradient);
      require_finite(gradient, parameters, steps_done);
      if (params.clip_norm > 0) clip(gradient, params.clip_norm);
      optimiser->step(parameters, gradient, schedule->factor(steps_done, batches, epochs * batches));
      if (callbacks.after_step) callbacks.after_step(steps_done + 1);
      context.progress({"train", static_cast<double>(at.epoch * samples + first + ids.size()),
                        static_cast<double>(epochs * samples), "samples",
                        "loss " + std::to_string(result_of(0, at.sum).loss)});
    }
    require_finite(model, optimiser.get(), (at.epoch + 1) * batches);
    EpochResult result = result_of(at.epoch + 1, at.sum);
    if (params.early_stopping.wanted()) {
      const EpochResult found = evaluate(model, held_out, divisor, context);
      result.has_held_out = true, result.held_out_loss = found.loss, result.held_out_accuracy = found.accuracy;
      stopping.watch(result.epoch, found.loss, found.accuracy);
    }
    at.history.push_back(result);
    if (callbacks.after_epoch) callbacks.after_epoch(result);
  }
  stopping.put_back();
  save();
  return at.history;
}

EpochResult evaluate(const Trainable& model, const SplitView& split, double divisor, RunContext& context,
                     std::size_t shard_size) {
  const std::size_t samples = split.samples(), count = (samples + shard_size - 1) / shard_size;
  std::vector<Evaluation> results(count);
  TapeStore tapes;  // else every shard would ask the system for its memory anew
  context.pool().run(count, [&](std::size_t i) {
    const std::size_t first = i * shard_size, size = std::min(shard_size, samples - first);
    const auto tape = tapes.take();
    results[i] = model.evaluate({split.x.rows(first, size), split.y.rows(first, size), divisor},
                                {Mode::eval, context.seed(), 0, 0, {}}, *tape);
  });
  Evaluation sum;
  for (const Evaluation& result : results) sum += result;
  return result_of(0, sum);
}

}  // namespace neurarium
