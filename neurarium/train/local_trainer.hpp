// Training of rules without a loss gradient: epochs of samples shown one after the other to a LocalLearner.
#pragma once

#include <functional>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/extra_state.hpp"

namespace neurarium {

struct LocalTrainParams {
  std::int64_t epochs = 1;
  std::int64_t samples = 0;
  bool shuffle = true;
  ArraySource order;
  double checkpoint_seconds = 60;
  static Schema fields();
};

/// Shows the samples of `x` [n, …] in the order of each epoch: a permutation that is a pure function of (seed, epoch), or
/// `params.order`. `after_epoch` sees the number of epochs done (before the epoch's checkpoint is written). Continues from
/// the run's checkpoint if there is one; a stop saves one and throws Interrupted; checkpoints are written after each epoch
/// and every `checkpoint_seconds`. A NumericError names epoch and sample when a number is no longer finite, or when, at a
/// checkpoint or the end of an epoch, a parameter is larger than 10¹²; such a state is never saved.
void train_locally(LocalLearner& model, const Array& x, double divisor, const LocalTrainParams& params,
                   RunContext& context, const std::function<void(std::uint64_t epochs_done)>& after_epoch = {},
                   const ExtraState& extra = {});

}  // namespace neurarium
