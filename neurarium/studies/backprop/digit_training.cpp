#include "neurarium/studies/backprop/digit_training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "neurarium/train/hold_out.hpp"

namespace neurarium {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Samples [0, count) as a view.
SplitView first_of(const Split& split, std::size_t count) {
  return {split.x.view().rows(0, count), split.y.view().rows(0, count)};
}

std::size_t used(const Split& split, std::int64_t wanted) {
  return wanted > 0 ? std::min(split.samples(), static_cast<std::size_t>(wanted)) : split.samples();
}

}  // namespace

TrainingImages::TrainingImages(const Split& split, std::int64_t samples, double held_out,
                               const EarlyStoppingParams& stopping, std::uint64_t seed)
    : seen_(first_of(split, used(split, samples))) {
  if (stopping.wanted())
    stopping_kept_ = hold_out(seed, seen_.samples(), stopping.held_out, "train.early_stopping.held_out").kept;
  if (held_out <= 0) return;
  const HeldOut parts = hold_out(seed, seen_.samples(), held_out);
  learned_ = rows_of(seen_, parts.kept);
  apart_ = rows_of(seen_, parts.held_out);
  seen_ = learned_;
}

Split TrainingImages::first_learned(std::size_t most) const {
  std::vector<std::uint64_t> ids = stopping_kept_;
  if (ids.empty()) {
    ids.resize(seen_.samples());
    std::iota(ids.begin(), ids.end(), std::uint64_t{0});
  }
  return rows_of(seen_, std::span(ids).first(std::min(most, ids.size())));
}

DigitTraining train_on(const TrainingImages& images, double divisor, Trainable& model, const TrainParams& params,
                       RunContext& context) {
  DigitTraining done;
  Rows apart("digit-cnn.held_out", 2);
  double looking = 0, steps = 0;
  TrainCallbacks callbacks;
  callbacks.extra = apart.state();
  callbacks.after_step = [&](std::uint64_t) { ++steps; };
  callbacks.after_epoch = [&](const EpochResult& result) {
    EpochResult epoch = result;
    if (images.apart().samples() > 0) {
      if (apart.size() < epoch.epoch) {  // else the checkpoint had it
        const double start = now();
        const EpochResult found = evaluate(model, images.apart(), divisor, context);
        apart.add({found.loss, found.accuracy});
        looking += now() - start;
      }
      epoch.has_held_out = true;
      epoch.held_out_loss = apart(epoch.epoch - 1, 0);
      epoch.held_out_accuracy = apart(epoch.epoch - 1, 1);
    }
    std::vector<std::pair<std::string, double>> row = {
        {"epoch", static_cast<double>(epoch.epoch)}, {"train_loss", epoch.loss}, {"train_accuracy", epoch.accuracy}};
    if (epoch.has_held_out) {
      row.emplace_back("held_out_loss", epoch.held_out_loss);
      row.emplace_back("held_out_accuracy", epoch.held_out_accuracy);
    }
    context.metrics(row);
    done.history.push_back(epoch);
  };
  const double start = now();
  train(model, images.seen(), divisor, params, context, callbacks);
  done.seconds = now() - start - looking;
  // A step is a batch, or with the full-batch methods (train/full_batch.hpp) at least one pass over everything.
  const bool by_batches = context.registry().can_make<Optimiser>("optimiser", params.optimiser.type);
  const auto samples = static_cast<double>(images.learned_from());
  done.images = steps * samples / (by_batches ? std::ceil(samples / static_cast<double>(params.batch_size)) : 1);
  return done;
}

}  // namespace neurarium
