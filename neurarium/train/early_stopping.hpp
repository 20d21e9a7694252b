// Early stopping: a share of the training samples is held out; training stops when the held-out figure has not become
// better for `patience` epochs, and the weights of the best epoch are put back.
//
// Which samples are held out is a pure function of the run's seed: the last ⌈share · n⌉ of the permutation of 0 … n−1 by the
// stream "data.held_out". They are never trained on.
// Source: Prechelt, "Early stopping – but when?", 1998.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

struct EarlyStoppingParams {
  std::int64_t patience = 0;
  std::string on = "loss";
  double held_out = 0.1;
  static Schema fields();
  bool wanted() const noexcept { return patience > 0; }
};

/// Samples to learn from and samples held out, both in rising order.
struct HeldOut {
  std::vector<std::uint64_t> kept, held_out;
};
/// Throws SpecError if `share` leaves nothing on one side of the n samples.
HeldOut hold_out(std::uint64_t seed, std::uint64_t n, double share);

/// Watches the held-out figure, keeps the best weights, and survives a checkpoint.
class EarlyStopping {
 public:
  EarlyStopping(const EarlyStoppingParams& params, Model& model) : params_(params), model_(model) {}
  /// The figure after an epoch (1, 2, …). Keeps the weights if it is the best so far.
  void watch(std::uint64_t epoch, double loss, double accuracy);
  /// Whether patience is at its end.
  bool stopped() const noexcept { return stopped_; }
  std::uint64_t best_epoch() const noexcept { return best_epoch_; }
  /// The model gets the weights of the best epoch, if there was one.
  void put_back() const;

  void save(NamedArrays& arrays) const;
  void restore(const Checkpoint& checkpoint);

 private:
  EarlyStoppingParams params_;
  Model& model_;
  std::uint64_t best_epoch_ = 0;
  double best_ = 0;
  bool stopped_ = false;
  NamedArrays best_weights_;
};

}  // namespace neurarium
