// What digit-cnn trains on, and how long that took.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// Training images to learn from and those kept apart. Owns copies only where it has to.
class TrainingImages {
 public:
  /// The first `samples` of `split` (0 = all), of which the share `held_out` is kept apart: which ones is a pure function of
  /// the seed (train/hold_out.hpp). Throws a SpecError if that leaves nothing to learn from.
  TrainingImages(const Split& split, std::int64_t samples, double held_out, std::uint64_t seed);
  TrainingImages(const TrainingImages&) = delete;
  TrainingImages& operator=(const TrainingImages&) = delete;
  SplitView seen() const { return seen_; }
  const Split& apart() const { return apart_; }  ///< empty if nothing is kept apart

 private:
  Split learned_, apart_;
  SplitView seen_;
};

struct DigitTraining {
  EpochHistory history;     ///< with the figures of the images kept apart, if there are any
  std::size_t samples = 0;  ///< that it learned from
  double seconds = 0;       ///< of learning in this process, without looks at the images kept apart
  double images = 0;        ///< that learning went through in this process, each epoch anew
};

/// Trains the model and writes a row of metrics per epoch. Goes on from the run's checkpoint if there is one.
DigitTraining train_on(const TrainingImages& images, double divisor, Trainable& model, const TrainParams& params,
                       RunContext& context);

}  // namespace neurarium
