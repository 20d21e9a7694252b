// What digit-cnn trains on, and how long that took.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// Training images to learn from and those kept apart, by the study or by early stopping. Owns copies only where it has to.
class TrainingImages {
 public:
  /// The first `samples` of `split` (0 = all), of which the share `held_out` is kept apart: which ones is a pure function of
  /// the seed (train/hold_out.hpp). Throws a SpecError if that leaves nothing to learn from.
  TrainingImages(const Split& split, std::int64_t samples, double held_out, const EarlyStoppingParams& stopping,
                 std::uint64_t seed);
  TrainingImages(const TrainingImages&) = delete;
  TrainingImages& operator=(const TrainingImages&) = delete;
  /// What the trainer is given: with early stopping, it keeps some of them apart by itself.
  SplitView seen() const { return seen_; }
  std::size_t learned_from() const { return stopping_kept_.empty() ? seen_.samples() : stopping_kept_.size(); }
  /// The first of those that are learned from, `most` at most.
  Split first_learned(std::size_t most) const;
  const Split& apart() const { return apart_; }  ///< empty if nothing is kept apart

 private:
  Split learned_, apart_;
  SplitView seen_;
  std::vector<std::uint64_t> stopping_kept_;  ///< empty without early stopping
};

struct DigitTraining {
  EpochHistory history;  ///< with the figures of the images kept apart, if there are any
  double seconds = 0;    ///< of learning in this process, without the study's looks at images kept apart
  double images = 0;     ///< that learning went through in this process, each epoch anew
};

/// Trains the model and writes a row of metrics per epoch. Goes on from the run's checkpoint if there is one.
DigitTraining train_on(const TrainingImages& images, double divisor, Trainable& model, const TrainParams& params,
                       RunContext& context);

}  // namespace neurarium
