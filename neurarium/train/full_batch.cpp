#include "neurarium/train/full_batch.hpp"

#include <algorithm>
#include <numeric>

#include "neurarium/core/digits.hpp"
#include "neurarium/train/model_checkpoint.hpp"
#include "neurarium/train/network_objective.hpp"

namespace neurarium {
namespace {

void require_sense(const Trainable& model, const TrainParams& params, std::size_t samples,
                   const TrainCallbacks& callbacks) {
  const std::string method = params.optimiser.type;
  std::vector<Fault> faults;
  const auto fault = [&](const char* key, const std::string& what, const char* mend) {
    faults.push_back({{}, std::string("train.") + key, what, mend});
  };
  const auto batch_size = static_cast<std::uint64_t>(params.batch_size);
  if (params.batch_size != TrainParams{}.batch_size && batch_size < samples)
    fault("batch_size",
          method + " looks at all " + std::to_string(samples) + " samples in each step, not at " +
              std::to_string(batch_size),
          "leave it out, or use adam");
  if (params.schedule.type != "constant")
    fault("schedule", method + " chooses the length of its steps itself; there is no learning rate to change",
          "leave it out");
  if (params.clip_norm > 0)
    fault("clip_norm", method + " needs gradients as they are", "leave it out; its steps never lead to a larger error");
  if (params.augmentation.wanted())
    fault("augmentation", method + " makes one error small, the same in every step",
          "leave it out, or use sgd or adam");
  if (model.couples_samples())
    fault("optimiser", method + " can't train layers that couple the samples of a batch (batch_norm)",
          "use sgd or adam, or leave those layers out");
  if (callbacks.after_gradient)
    fault("optimiser", method + " can't be used where gradients are changed before a step", "use sgd or adam");
  if (!faults.empty()) throw SpecError(std::move(faults));
}

EpochResult result_of(std::uint64_t epoch, const Evaluation& sum) {
  const double n = static_cast<double>(std::max<std::size_t>(sum.samples, 1));
  return {epoch, sum.loss / n, sum.correct / n, sum.has_accuracy, false, 0, 0};
}

constexpr const char* history_name = "full_batch.history";
constexpr std::size_t columns = 6;

Array array_of(const std::vector<EpochResult>& history) {
  Array array(DType::f64, {history.size(), columns});
  const auto rows = array.as<double>();
  for (std::size_t i = 0; i < history.size(); ++i) {
    const EpochResult& r = history[i];
    rows(i, 0) = r.loss, rows(i, 1) = r.accuracy, rows(i, 2) = r.has_accuracy;
    rows(i, 3) = r.has_held_out, rows(i, 4) = r.held_out_loss, rows(i, 5) = r.held_out_accuracy;
  }
  return array;
}

std::vector<EpochResult> history_of(const Checkpoint& checkpoint) {
  const Array* array = checkpoint.find(history_name);
  if (!array || array->dtype() != DType::f64 || array->shape().axes() != 2 || array->shape()[1] != columns)
    throw ResumeError(std::string("the checkpoint's ") + history_name + " is missing or damaged");
  const auto rows = array->as<double>();
  std::vector<EpochResult> history;
  for (std::size_t i = 0; i < array->shape()[0]; ++i)
    history.push_back({i + 1, rows(i, 0), rows(i, 1), rows(i, 2) != 0, rows(i, 3) != 0, rows(i, 4), rows(i, 5)});
  return history;
}

}  // namespace

std::vector<EpochResult> train_full_batch(Trainable& model, const SplitView& split, double divisor,
                                          const TrainParams& params, RunContext& context,
                                          const TrainCallbacks& callbacks) {
  const auto method = context.registry().make<FullBatchMethod>("optimiser", params.optimiser, "train.optimiser");
  require_sense(model, params, split.samples(), callbacks);
  if (const auto checkpoint = context.resumed()) {  // only a training that came to its end leaves one
    restore(*checkpoint, model, nullptr);
    if (callbacks.extra.restore) callbacks.extra.restore(*checkpoint);
    const auto history = history_of(*checkpoint);
    if (callbacks.after_epoch)
      for (const EpochResult& result : history) callbacks.after_epoch(result);
    return history;
  }

  HeldOut apart;
  Split held_out;
  EarlyStopping stopping(params.early_stopping, model);
  if (params.early_stopping.wanted()) {
    apart = hold_out(context.seed(), split.samples(), params.early_stopping.held_out);
    held_out = {gather_rows(split.x, apart.held_out), gather_rows(split.y, apart.held_out)};
    if (params.early_stopping.on == "accuracy" && !held_out.has_labels())
      throw SpecError("train.early_stopping.on: the data have no labels, so there is no accuracy", "watch \"loss\"");
  } else {
    apart.kept.resize(split.samples());
    std::iota(apart.kept.begin(), apart.kept.end(), std::uint64_t{0});
  }

  const double factor = params.reduction == "mean" ? 1 / static_cast<double>(apart.kept.size()) : 1;
  NetworkObjective objective(model, split, divisor, apart.kept, factor, static_cast<std::size_t>(params.shard_size),
                             context);
  const auto epochs = static_cast<std::uint64_t>(params.epochs);
  std::vector<EpochResult> history;
  std::vector<double> w = objective.parameters(), reached = w;
  Evaluation before = objective.measure(reached);
  const auto after_iteration = [&](std::span<const double> now) {
    EpochResult result = result_of(history.size() + 1, before);
    before = objective.measure(now);  // for the next one
    objective.set_parameters(now);
    reached.assign(now.begin(), now.end());
    if (callbacks.after_step) callbacks.after_step(result.epoch);
    if (params.early_stopping.wanted()) {
      const EpochResult found = evaluate(model, held_out, divisor, context);
      result.has_held_out = true, result.held_out_loss = found.loss, result.held_out_accuracy = found.accuracy;
      stopping.watch(result.epoch, found.loss, found.accuracy);
    }
    history.push_back(result);
    context.progress({"train", static_cast<double>(result.epoch), static_cast<double>(epochs), "epochs",
                      "loss " + std::to_string(result_of(0, before).loss)});
    if (callbacks.after_epoch) callbacks.after_epoch(result);
    return history.size() < epochs && !stopping.stopped();
  };
  try {
    if (epochs > 0) method->minimise(objective, w, after_iteration);
  } catch (...) {  // not at a point that was only tried
    objective.set_parameters(reached);
    throw;
  }
  objective.set_parameters(reached);
  stopping.put_back();
  require_finite(model, nullptr, history.size());
  Checkpoint checkpoint = checkpoint_of(model, nullptr, {{"epoch", std::to_string(history.size())}, {"batch", "0"}});
  checkpoint.arrays.emplace_back(history_name, array_of(history));
  if (callbacks.extra.save)
    for (auto& item : callbacks.extra.save()) checkpoint.arrays.push_back(std::move(item));
  context.save(checkpoint);
  return history;
}

}  // namespace neurarium
