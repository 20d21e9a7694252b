// Early stopping: a share of the training samples is held out (train/hold_out.hpp); training stops when the held-out figure
// has not become better for `patience` epochs, and the weights of the best epoch are put back.
// Source: Prechelt, "Early stopping – but when?", 1998.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/epoch_history.hpp"

namespace neurarium {

struct EarlyStoppingParams {
  std::int64_t patience = 0;
  std::string on = "loss";
  double held_out = 0.1;
  static Schema fields();
  bool wanted() const noexcept { return patience > 0; }
};

/// The first of the epochs with the best watched figure: its weights are the model's, in the end. `history` is not empty.
const EpochResult& best_epoch(const EpochHistory& history, const EarlyStoppingParams& params);

/// Holds samples out, watches the figure that is reached on them, keeps the best weights, and survives a checkpoint.
/// Unless it is wanted, it keeps every sample and never stops anything.
class EarlyStopping {
 public:
  /// Throws SpecError if nothing would be left to learn from, or if accuracy is to be watched and there are no labels.
  EarlyStopping(const EarlyStoppingParams& params, Trainable& model, const SplitView& split, double divisor,
                RunContext& context);
  /// The samples to learn from, in rising order.
  const std::vector<std::uint64_t>& kept() const noexcept { return kept_; }
  /// After an epoch (1, 2, …): adds the held-out figures to its result, and keeps the weights if they are the best so far.
  void watch(EpochResult& result);
  /// Whether patience is at its end.
  bool stopped() const noexcept { return stopped_; }
  /// The model gets the weights of the best epoch, if there was one.
  void put_back() const;

  void save(NamedArrays& arrays) const;
  void restore(const Checkpoint& checkpoint);

 private:
  EarlyStoppingParams params_;
  Trainable& model_;
  double divisor_;
  RunContext& context_;
  std::vector<std::uint64_t> kept_;
  Split held_out_;
  std::uint64_t best_epoch_ = 0;
  double best_ = 0;
  bool stopped_ = false;
  NamedArrays best_weights_;
};

}  // namespace neurarium
