#include "neurarium/train/full_batch.hpp"

#include "neurarium/core/digits.hpp"
#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/train/model_checkpoint.hpp"
#include "neurarium/train/network_objective.hpp"

namespace neurarium {
namespace {

void require_sense(Trainable& model, const TrainParams& params, std::size_t samples, const TrainCallbacks& callbacks) {
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
  if (params.ease_in.wanted())
    fault("ease_in", method + " has no learning rate that could grow", "leave it out, or use sgd or adam");
  if (params.clip_norm > 0)
    fault("clip_norm", method + " needs gradients as they are", "leave it out; its steps never lead to a larger error");
  if (params.augmentation.wanted())
    fault("augmentation", method + " makes one error small, the same in every step",
          "leave it out, or use sgd or adam");
  if (params.blend.wanted())
    fault("blend", method + " makes one error small, the same in every step", "leave it out, or use sgd or adam");
  if (callbacks.draw_samples)
    fault("optimiser",
          method +
              " makes one error small, the same in every step: it can't learn from samples that are drawn anew for "
              "each epoch",
          "use sgd or adam, or keep the samples");
  if (params.adversarial.wanted())
    fault("adversarial", "samples that change with the network make another error in every step of " + method,
          "leave it out, or use sgd or adam");
  if (model.couples_samples())
    fault("optimiser", method + " can't train layers that couple the samples of a batch (batch_norm)",
          "use sgd or adam, or leave those layers out");
  for (const NamedView& parameter : model.parameters())
    if (parameter.signs && is_projected(parameter.signs->rule))
      fault("optimiser",
            method + " can't keep the signs of " + parameter.name +
                ": that rule changes each step of an optimiser, and this method chooses its steps by where they lead",
            "use sgd or adam, or dale.rule = \"abs\", \"square\" or \"softplus\"");
  if (callbacks.after_gradient)
    fault("optimiser", method + " can't be used where gradients are changed before a step", "use sgd or adam");
  if (!faults.empty()) throw SpecError(std::move(faults));
}

}  // namespace

EpochHistory train_full_batch(Trainable& model, const SplitView& split, double divisor, const TrainParams& params,
                              RunContext& context, const TrainCallbacks& callbacks, const SplitView* validation) {
  const auto method = context.registry().make<FullBatchMethod>("optimiser", params.optimiser, "train.optimiser");
  require_sense(model, params, split.samples(), callbacks);
  if (const auto checkpoint = context.resumed()) {  // only a training that came to its end leaves one
    restore_kept(*checkpoint, model, nullptr);
    if (callbacks.extra.restore) callbacks.extra.restore(*checkpoint);
    EpochHistory history = saved_history(*checkpoint);
    if (callbacks.after_epoch)
      for (const EpochResult& result : history) callbacks.after_epoch(result);
    return history;
  }

  EarlyStopping stopping(params.early_stopping, model, split, divisor, context, validation);
  const double factor = params.reduction == "mean" ? 1 / static_cast<double>(stopping.kept().size()) : 1;
  NetworkObjective objective(model, split, divisor, stopping.kept(), factor,
                             static_cast<std::size_t>(params.shard_size), context);
  const auto epochs = static_cast<std::uint64_t>(params.epochs);
  EpochHistory history;
  std::vector<double> w = objective.parameters(), reached = w;
  Evaluation before = objective.measure(reached);
  const auto after_iteration = [&](std::span<const double> now) {
    EpochResult result = mean_of(before, history.size() + 1);
    before = objective.measure(now);  // for the next one
    objective.set_parameters(now);
    reached.assign(now.begin(), now.end());
    if (callbacks.after_step) callbacks.after_step(result.epoch);
    stopping.watch(result, history);
    history.push_back(result);
    context.progress({"train", static_cast<double>(result.epoch), static_cast<double>(epochs), "epochs",
                      "loss " + std::to_string(mean_of(before).loss)});
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
  save_history(history, checkpoint.arrays);
  if (callbacks.extra.save)
    for (auto& item : callbacks.extra.save()) checkpoint.arrays.push_back(std::move(item));
  context.save(checkpoint);
  return history;
}

}  // namespace neurarium
