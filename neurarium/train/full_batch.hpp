// Training by a full-batch method (nn/full_batch_method.hpp): one iteration is one epoch.
//
// Nothing is kept between iterations: a training that was stopped begins anew when the run is resumed, and comes to the same
// bits. Settings that speak of steps on parts of the data (batch_size, schedule, clip_norm) are refused; early stopping works
// as with any optimiser. It may end before `epochs`: at a minimum, or where rounding hides the way down.
#pragma once

#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// As train(), for an optimiser that makes a FullBatchMethod.
EpochHistory train_full_batch(Trainable& model, const SplitView& split, double divisor, const TrainParams& params,
                              RunContext& context, const TrainCallbacks& callbacks,
                              const SplitView* validation = nullptr);

}  // namespace neurarium
