// What eventprop-digits learned: one network, or one for each voice that is left out.
#pragma once

#include <string>

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/eventprop_training/digits_network.hpp"
#include "neurarium/studies/eventprop_training/hidden_spikes.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

/// Spikes on a grid: what is learned from, what the best epoch is chosen by (it may be empty), and the test.
struct DigitsData {
  Split training, validation, test;
  std::vector<std::string> classes;
  std::size_t class_count = 0;
  double dt = 1e-3;  ///< s
};

/// What is counted after each epoch, on samples that the network does not learn from if there are such.
struct DigitsCourse {
  std::vector<double> hidden_spikes;  ///< per sample, all hidden units together
  std::vector<double> silent_units;   ///< share of hidden units that fired in none of the training samples looked at
};
constexpr std::size_t counted_digits = 256;  ///< at most so many samples are looked at after each epoch

struct DigitsOutcome {
  EpochHistory history;
  DigitsCourse course;
  double epoch_seconds = 0;  ///< median over epochs of training alone, those of this process
  NetworkState network;
};

/// Trains one network, with checkpoints if `context` has them.
DigitsOutcome train_digits(const DigitsNetworkParams& network, const TrainParams& train, double silent_push,
                           const DigitsData& data, RunContext& context);

/// What became of it on the test.
struct DigitsTest {
  double loss = 0, accuracy = 0;
  HiddenSpikes spikes;
  Array scores;  ///< [samples, classes]
};
DigitsTest test_digits(const DigitsOutcome& outcome, const DigitsData& data, RunContext& context);

/// A test sample that is understood: spikes of its channels, and of the hidden units.
Picture digits_picture(const DigitsOutcome& outcome, const DigitsTest& test, const DigitsData& data,
                       const Registry& registry);
void add_digits_report(RunContext& context, const DigitsOutcome& outcome, const DigitsTest& test,
                       const DigitsData& data, const EarlyStoppingParams& stopping);
/// One network for each of `speakers`, which it did not hear; accuracies on them.
void add_left_out_report(RunContext& context, const std::vector<std::int64_t>& speakers,
                         const std::vector<EpochHistory>& histories, const EarlyStoppingParams& stopping);

void register_eventprop_digits(Registry& registry);

}  // namespace neurarium
