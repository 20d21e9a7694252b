// Trainer: gradient descent on anything Trainable.
//
// Each epoch walks a permutation of the samples that is a pure function of (seed, epoch). A batch is cut into shards of
// `shard_size` samples; shards may run on any thread, their gradients are added in shard order. So the result has the
// same bits for any number of threads, and after a resume.
#pragma once

#include <functional>

#include "neurarium/nn/augmentation.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/optimiser.hpp"
#include "neurarium/nn/schedule.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/adversarial.hpp"
#include "neurarium/train/early_stopping.hpp"
#include "neurarium/train/epoch_history.hpp"
#include "neurarium/train/evaluation.hpp"
#include "neurarium/train/extra_state.hpp"
#include "neurarium/train/spike_blend.hpp"

namespace neurarium {

struct TrainParams {
  std::int64_t epochs = 10;
  std::int64_t batch_size = 32;
  std::int64_t shard_size = 32;
  bool shuffle = true;
  std::string reduction = "mean";
  Component optimiser{"sgd", Value::table()};
  Component schedule{"constant", Value::table()};
  EaseInParams ease_in;
  double clip_norm = 0;
  AugmentationParams augmentation;
  SpikeBlendParams blend;
  AdversarialParams adversarial;
  EarlyStoppingParams early_stopping;
  double checkpoint_seconds = 60;
  static Schema fields();
};

/// Looks in from outside; every function may be empty.
struct TrainCallbacks {
  std::function<void(Gradient&)> after_gradient;        ///< may change the gradient before it is clipped and followed
  std::function<void(std::uint64_t step)> after_step;   ///< optimiser steps done so far
  std::function<void(const EpochResult&)> after_epoch;  ///< on a resume, called again for the epochs done before
  /// Puts new samples in the place of the split's, as many and of the same shapes, before epoch 1, 2, … begins or goes on. Null: all epochs
  /// have the same, and nobody may change them meanwhile.
  std::function<void(std::uint64_t epoch)> draw_samples;
  ExtraState extra;
};

/// Trains on `split` (at least one batch, but for the default batch_size) until `params.epochs` are done, from the run's checkpoint if there is one. Throws Interrupted (with
/// the state saved) when the run context asks to stop, NumericError naming layer and step when a value stops being finite.
/// With early stopping (early_stopping.hpp) the history is as long as training went on, and the model has the best weights. With
/// samples for `validation` (x / divisor, too) no training samples are held out, and the history says in any case how good the
/// model is on them after each epoch.
EpochHistory train(Trainable& model, const SplitView& split, double divisor, const TrainParams& params,
                   RunContext& context, const TrainCallbacks& callbacks = {}, const SplitView* validation = nullptr);

/// Brings the length of the whole gradient, ‖g‖ = √Σ g² over all parameters, down to `clip_norm` if it is longer:
/// g ← g · min(1, clip_norm / (‖g‖ + 10⁻⁶)), as torch.nn.utils.clip_grad_norm_. Returns ‖g‖ before.
/// Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
double clip(Gradient& gradient, double clip_norm);

}  // namespace neurarium
