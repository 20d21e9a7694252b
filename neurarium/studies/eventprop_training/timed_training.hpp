// One training of an EventProp study: the network, what it learned epoch by epoch, and how much it spoke.
#pragma once

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/eventprop_training/timed_network.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// What is counted after an epoch, over the test samples (at most `counted_samples` of them).
struct EpochCounts {
  double test_accuracy = 0, test_loss = 0;
  double hidden_spikes = 0;  ///< per sample, all hidden layers together
  double output_spikes = 0;  ///< per sample; NaN where no output fires
  double silent_labels = 0;  ///< share of samples whose label's unit does not fire; NaN where no output fires
};
constexpr std::size_t counted_samples = 1000;

struct TimedOutcome {
  EpochHistory history;
  std::vector<EpochCounts> counts;
  double epoch_seconds = 0;  ///< median over epochs, of training alone
  NetworkState network;
};

/// The training samples and the test samples of a run, and what turns them into [0, 1].
struct TimedData {
  Split training, test;
  double divisor = 1;
  std::size_t classes = 0;
};

/// Looks in from outside; either may be empty.
struct TimedCallbacks {
  std::function<void(Gradient&)> after_gradient;  ///< may change the gradient before it is followed
  std::function<void(Trainable&)> before_epoch;   ///< before each epoch, and once more after the last
};

/// What came of a training, for a checkpoint, and back; all but the network's description. ResumeError unless it is one of training k.
NamedArrays saved(const TimedOutcome& outcome);
TimedOutcome restored_outcome(std::size_t k, const Checkpoint& part);

/// One network to be trained.
struct TimedJob {
  TimedNetworkParams network;
  std::string who;  ///< as errors call it
};

/// Trains one on the thread and with the seed of `context`. NumericError names `who` besides.
TimedOutcome train_timed(const TimedJob& job, const TrainParams& train, const TimedData& data, RunContext& context,
                         const TimedCallbacks& callbacks = {});

/// All of them, shared out over the threads (train/shared_out.hpp).
std::vector<TimedOutcome> train_timed_networks(const std::vector<TimedJob>& jobs, const TrainParams& train,
                                               const TimedData& data, RunContext& context);

}  // namespace neurarium
