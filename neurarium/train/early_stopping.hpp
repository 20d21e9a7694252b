// Early stopping: a share of the training samples is held out (train/hold_out.hpp), unless there are samples for validation;
// training stops when the figure reached on them has not become better for `patience` epochs, or when, in epoch `first` or
// later, the best of the last `window` figures is the oldest of them (of equal ones the oldest counts). Then the weights of
// the best epoch are put back; a training that comes to its last epoch instead gets those that `at_limit` says.
// Sources: Prechelt, "Early stopping – but when?", 1998; the window is the founding notebook's rule.
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
  std::int64_t window = 0;
  std::int64_t first = 12;
  std::string at_limit = "best";
  static Schema fields();
  bool wanted() const noexcept { return patience > 0 || window > 0; }
};

/// Whether these rules end a training after the last epoch of `history`.
bool has_stopped(const EpochHistory& history, const EarlyStoppingParams& params);
/// The first of the epochs with the best watched figure. `history` is not empty.
const EpochResult& best_epoch(const EpochHistory& history, const EarlyStoppingParams& params);

/// The epoch whose weights are the model's, in the end: the best, or the last.
const EpochResult& kept_epoch(const EpochHistory& history, const EarlyStoppingParams& params);

/// Holds samples out, watches the figure that is reached on them, keeps the best weights, and survives a checkpoint.
/// Unless it is wanted, it keeps every sample and never stops anything; samples for validation are watched in any case.
class EarlyStopping {
 public:
  /// Throws SpecError if nothing would be left to learn from, or if accuracy is to be watched and there are no labels.
  EarlyStopping(const EarlyStoppingParams& params, Trainable& model, const SplitView& split, double divisor,
                RunContext& context, const SplitView* validation = nullptr);
  EarlyStopping(const EarlyStopping&) = delete;  // it watches what it holds out
  EarlyStopping& operator=(const EarlyStopping&) = delete;
  /// The samples to learn from, in rising order.
  const std::vector<std::uint64_t>& kept() const noexcept { return kept_; }
  /// After an epoch (1, 2, …) that follows those of `before`: adds the held-out figures to its result, and keeps the weights if
  /// they are the best so far.
  void watch(EpochResult& result, const EpochHistory& before);
  /// Whether training has come to its end early.
  bool stopped() const noexcept { return stopped_; }
  /// The model gets the weights of the best epoch, if there was one and it shall have them.
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
  SplitView watched_;
  std::uint64_t best_epoch_ = 0;
  double best_ = 0;
  bool stopped_ = false;
  NamedArrays best_weights_;
};

}  // namespace neurarium
