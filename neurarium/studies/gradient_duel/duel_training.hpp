// One duel: a network learns by surrogate gradients and, from the same start, through the same batches, by EventProp. Along both paths,
// epoch by epoch, all gradients are taken at the weights of that moment.
#pragma once

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/gradient_duel/gradients_at.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

struct DuelParams : DuelNetworkParams {
  std::int64_t probe_samples = 256;
  bool exact = true;
  std::vector<double> slopes{1, 2, 5, 10, 20, 50, 100};
  std::vector<double> sizes{0.003, 0.01, 0.03, 0.1, 0.3};
  std::int64_t directions = 100;
  TrainParams train;
};

/// The three comparisons: surrogate beside grid, surrogate beside exact, grid beside exact.
struct ThreeCosines {
  double surrogate_grid = 0, surrogate_exact = 0, grid_exact = 0;
};
/// What the probe said at one moment of a path. What is exact is NaN where it was not asked for.
struct Moment {
  double epoch = 0;
  double test_accuracy = 0, test_loss = 0,
         hidden_spikes = 0;  ///< over the test samples, at most counted_samples for spikes
  ThreeCosines hidden;       ///< of all hidden weights together
  ThreeCosines unit;         ///< of single hidden units, the median
  double surrogate_length = 0, grid_length = 0, exact_length = 0;  ///< of the gradient at the hidden weights
  double readout = 0;                                              ///< cosine of surrogate and grid at the readout
  double same_counts = 0, answer_difference = 0;
  std::vector<ThreeCosines> of_weight;  ///< of each weight, in their order
  std::vector<double>
      of_slope;  ///< cosine at the hidden weights for each of `slopes`, beside the exact gradient or the grid's
};
constexpr std::size_t counted_samples = 500;

/// At one moment: correlations, one for each of `sizes`. Then exact ones are NaN where they were not asked for.
struct Foresight {
  std::vector<double> surrogate, grid, exact;
};

/// One path.
struct DuelPath {
  EpochHistory history;
  std::vector<Moment> moments;  ///< the first before learning
  double epoch_seconds = 0;     ///< median, of training alone
  Foresight at_end;
  NetworkState network;
};

struct Duel {
  DuelPath surrogate, eventprop;
  std::vector<std::string> weights;  ///< their names
  Foresight at_start;
};

/// What both learn: spikes on one grid.
struct DuelData {
  Split training, test;
  std::size_t classes = 0;
};

/// On the thread and with the seed of `context`. NumericError names the side besides.
Duel fight(const DuelParams& params, const DuelData& data, RunContext& context);

/// For the checkpoint, and back: all but the networks' descriptions.
NamedArrays saved_duel(const Duel& duel);
/// ResumeError for duel k unless it is one.
Duel restored_duel(std::size_t k, const Checkpoint& part);

}  // namespace neurarium
