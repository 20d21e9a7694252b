#include <algorithm>
#include <chrono>

#include "neurarium/core/quantile.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;

SpikesView first_of(const SplitView& split, std::size_t most) {
  return split.spikes.part(0, std::min(most, split.samples()));
}

}  // namespace

DigitsOutcome train_digits(const DigitsNetworkParams& params, const TrainParams& train, double silent_push,
                           const DigitsData& data, RunContext& context) {
  const Component description =
      digits_network(params, data.training.entry_shape(), data.dt, data.class_count, context.seed());
  const auto model = build_model<Trainable>(description, context.registry(), "this study");
  DigitsOutcome outcome;
  Rows course("digits.course", 2);
  std::vector<double> seconds;
  auto start = Clock::now();
  const SplitView training = data.training, watched = data.validation.samples() > 0 ? data.validation : data.training;
  TrainCallbacks callbacks;
  callbacks.extra = course.state();
  callbacks.after_epoch = [&](const EpochResult& epoch) {
    if (epoch.epoch <= course.size()) return;  // done before a stop: counted and pushed then
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    const HiddenSpikes heard = count_hidden_spikes(*model, first_of(watched, counted_digits), context.pool());
    const HiddenSpikes learned = data.validation.samples() > 0
                                     ? count_hidden_spikes(*model, first_of(training, counted_digits), context.pool())
                                     : heard;
    course.add({heard.per_sample(), learned.silent_share()});
    if (silent_push > 0) push_silent_units(*model, learned, silent_push);
    std::vector<std::pair<std::string, double>> row = {{"epoch", static_cast<double>(epoch.epoch)},
                                                       {"train_loss", epoch.loss},
                                                       {"train_accuracy", epoch.accuracy},
                                                       {"hidden_spikes", heard.per_sample()}};
    if (epoch.has_held_out) row.emplace_back("validation_accuracy", epoch.held_out_accuracy);
    context.metrics(row);
    start = Clock::now();
  };
  const SplitView validation = data.validation;
  outcome.history = neurarium::train(*model, training, 1, train, context, callbacks,
                                     data.validation.samples() > 0 ? &validation : nullptr);
  outcome.course = {course.column(0), course.column(1)};
  outcome.epoch_seconds = seconds.empty() ? 0 : quantile(seconds, 0.5);
  outcome.network = state_of_network(description, *model);
  return outcome;
}

DigitsTest test_digits(const DigitsOutcome& outcome, const DigitsData& data, RunContext& context) {
  const auto model = network_with<Trainable>(outcome.network, context.registry(), "this study");
  const EpochResult found = evaluate(*model, data.test, 1, context);
  return {found.loss, found.accuracy, count_hidden_spikes(*model, *data.test.spikes, context.pool()),
          answers_of(*model, *data.test.spikes, context)};
}

}  // namespace neurarium
