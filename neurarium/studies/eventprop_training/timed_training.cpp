#include "neurarium/studies/eventprop_training/timed_training.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "neurarium/core/quantile.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/evaluation.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Spikes of hidden layers per sample, and the share of labels whose unit is silent.
void count_spikes(const Trainable& model, const TimedData& data, bool fires_at_output, EpochCounts& counts) {
  const std::size_t n = std::min(counted_samples, data.test.samples());
  const Array x = scaled(data.test.x.view().rows(0, n), data.divisor, model.scalar());
  const NamedArrays layers = dynamic_cast<const Layered&>(model).activities(x, {});
  const auto labels = std::as_const(data.test.y).as<std::int64_t>().flat();
  std::vector<const Array*> firing;
  for (const auto& [name, activity] : layers)
    if (name.starts_with("eventprop_lif")) firing.push_back(&activity);
  const auto per_sample = [&](const Tensor<double>& spikes) {
    return std::accumulate(spikes.flat().begin(), spikes.flat().end(), 0.0) / static_cast<double>(n);
  };
  counts.silent_labels = counts.output_spikes = NAN;
  if (fires_at_output) {
    const auto spikes = to_tensor<double>(firing.back()->view());
    counts.output_spikes = per_sample(spikes);
    std::size_t silent = 0;
    for (std::size_t i = 0; i < n; ++i) silent += spikes(i, static_cast<std::size_t>(labels[i])) == 0;
    counts.silent_labels = static_cast<double>(silent) / static_cast<double>(n);
    firing.pop_back();
  }
  for (const Array* layer : firing) counts.hidden_spikes += per_sample(to_tensor<double>(layer->view()));
}

constexpr std::size_t numbers_counted = 5;

Array rows_of(const std::vector<EpochCounts>& counts) {
  Array rows(DType::f64, {counts.size(), numbers_counted});
  for (std::size_t e = 0; e < counts.size(); ++e) {
    const double row[] = {counts[e].test_accuracy, counts[e].test_loss, counts[e].hidden_spikes,
                          counts[e].output_spikes, counts[e].silent_labels};
    std::ranges::copy(row, rows.as<double>()[e].flat().begin());
  }
  return rows;
}

}  // namespace

TimedOutcome restored_outcome(std::size_t k, const Checkpoint& part) {
  const Array* rows = part.find("counts");
  const Array* seconds = part.find("epoch_seconds");
  if (!rows || !seconds || rows->shape().axes() != 2 || rows->shape()[1] != numbers_counted) refuse_training(k);
  TimedOutcome outcome;
  outcome.history = saved_history(part);
  const auto numbers = rows->as<double>();
  for (std::size_t e = 0; e < rows->shape()[0]; ++e)
    outcome.counts.push_back({numbers(e, 0), numbers(e, 1), numbers(e, 2), numbers(e, 3), numbers(e, 4)});
  outcome.epoch_seconds = seconds->as<double>().flat()[0];
  const std::string prefix = "network.";
  for (const auto& [name, array] : part.arrays)
    if (name.starts_with(prefix)) outcome.network.arrays.emplace_back(name.substr(prefix.size()), array);
  return outcome;
}

NamedArrays saved(const TimedOutcome& outcome) {
  NamedArrays arrays;
  save_history(outcome.history, arrays);
  arrays.emplace_back("counts", rows_of(outcome.counts));
  Array seconds(DType::f64, {1});
  seconds.as<double>().flat()[0] = outcome.epoch_seconds;
  arrays.emplace_back("epoch_seconds", std::move(seconds));
  for (const auto& [name, array] : outcome.network.arrays) arrays.emplace_back("network." + name, array);
  return arrays;
}

TimedOutcome train_timed(const TimedJob& job, const TrainParams& train, const TimedData& data, RunContext& context,
                         const TimedCallbacks& looks) {
  const TimedNetworkParams& params = job.network;
  const Component description = timed_network(params, data.training.entry_shape(), data.classes, context.seed());
  const auto model = build_model<Trainable>(description, context.registry(), "this study");
  TimedOutcome outcome;
  std::vector<double> seconds;
  const auto look = [&] {
    if (looks.before_epoch) looks.before_epoch(*model);
  };
  look();
  auto start = Clock::now();
  TrainCallbacks callbacks;
  const auto parameters = model->parameters();
  callbacks.after_gradient = [&](Gradient& gradient) {
    if (looks.after_gradient) looks.after_gradient(gradient);
    for (std::size_t k = 0; k < gradient.size(); ++k)
      if (params.holds(parameters[k].name)) gradient[k] = Array(gradient[k].dtype(), gradient[k].shape());
  };
  callbacks.after_epoch = [&](const EpochResult&) {
    seconds.push_back(seconds_since(start));
    const EpochResult test = evaluate(*model, data.test, data.divisor, context);
    EpochCounts counts{test.accuracy, test.loss};
    count_spikes(*model, data, params.fires_at_output(), counts);
    outcome.counts.push_back(counts);
    look();
    start = Clock::now();
  };
  try {
    outcome.history = neurarium::train(*model, data.training, data.divisor, train, context, callbacks);
  } catch (const NumericError& error) {
    throw NumericError(job.who + ": " + error.where(), error.step(), error.first_bad_index(),
                       "lower train.optimiser.learning_rate");
  }
  outcome.epoch_seconds = seconds.empty() ? 0 : quantile(seconds, 0.5);
  outcome.network = state_of_network(description, *model);
  return outcome;
}

std::vector<TimedOutcome> train_timed_networks(const std::vector<TimedJob>& jobs, const TrainParams& train,
                                               const TimedData& data, RunContext& context) {
  std::vector<TimedOutcome> all(jobs.size());
  SharedTrainings trainings{jobs.size(), "eventprop.runs", train.checkpoint_seconds, {}, {}, {}};
  trainings.train = [&](std::size_t k, RunContext& own) { all[k] = train_timed(jobs[k], train, data, own); };
  trainings.save = [&](std::size_t k) { return saved(all[k]); };
  trainings.restore = [&](std::size_t k, const Checkpoint& part) {
    all[k] = restored_outcome(k, part);
    all[k].network.description = timed_network(jobs[k].network, data.training.entry_shape(), data.classes,
                                               seed_of_training(context.seed(), trainings.seeds, k));
  };
  train_shared_out(trainings, context);
  return all;
}

}  // namespace neurarium
