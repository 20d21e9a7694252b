#include "neurarium/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "neurarium/data/sampler.hpp"
#include "neurarium/kernels/finite.hpp"
#include "neurarium/nn/full_batch_method.hpp"
#include "neurarium/train/full_batch.hpp"
#include "neurarium/train/model_checkpoint.hpp"
#include "neurarium/train/sharded_step.hpp"

namespace neurarium {

Schema TrainParams::fields() {
  using P = TrainParams;
  return Schema::of<P>({
      field("epochs", &P::epochs, "Passes over the data.").at_least(0),
      field("batch_size", &P::batch_size, "Samples per step.").at_least(1),
      field("shard_size", &P::shard_size, "Samples that one thread takes at a time; part of the result's bits.")
          .at_least(1),
      field("shuffle", &P::shuffle, "New order in each epoch."),
      field("reduction", &P::reduction, "Whether a step follows the mean or the sum of the batch's gradients.")
          .one_of({"mean", "sum"}),
      component("optimiser", &P::optimiser, "optimiser", "How gradients move the parameters."),
      component("schedule", &P::schedule, "schedule", "How the learning rate changes while training goes on."),
      field("ease_in", &P::ease_in, "How the learning rate grows in the first steps, whatever the schedule says."),
      field("clip_norm", &P::clip_norm, "Longest gradient (over all parameters) that a step follows; 0 = any.")
          .at_least(0),
      field("augmentation", &P::augmentation, "How pictures are changed a little, each time they are seen."),
      field("blend", &P::blend, "How samples of spikes are mixed with others of their class, each time they are seen."),
      field("adversarial", &P::adversarial, "Whether samples are changed to fool the network that learns from them."),
      field("early_stopping", &P::early_stopping, "Stop when held-out samples stop getting better."),
      field("checkpoint_seconds", &P::checkpoint_seconds, "Longest time between two checkpoints.")
          .unit("s")
          .at_least(0),
  });
}

namespace {

void require_finite(const Gradient& gradient, const std::vector<NamedView>& parameters, std::uint64_t step) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const bool finite =
        with_floating(gradient[i].dtype(), [&]<class T>() { return kernels::all_finite(gradient[i].as<T>()); });
    if (!finite)
      throw NumericError("gradient of " + parameters[i].name, step, first_non_finite(gradient[i]),
                         "lower train.optimiser.learning_rate");
  }
}

/// Where a training stands: epochs done, batches done in the running epoch and what that epoch has summed up so far, and
/// the epochs before it.
struct Position {
  std::uint64_t epoch = 0, batch = 0;
  Evaluation sum;
  EpochHistory history;

  static constexpr const char* running = "trainer.running_epoch";
  void save(NamedArrays& arrays) const {
    save_history(history, arrays);
    Array array(DType::f64, {4});
    const auto n = array.as<double>();
    n(0) = sum.loss, n(1) = sum.correct, n(2) = sum.has_accuracy, n(3) = static_cast<double>(sum.samples);
    arrays.emplace_back(running, std::move(array));
  }
  void restore(const Checkpoint& checkpoint, std::uint64_t epochs, std::uint64_t batches) {
    epoch = counter_of(checkpoint, "epoch", epochs);
    batch = counter_of(checkpoint, "batch", epoch < epochs ? batches - 1 : 0);
    history = saved_history(checkpoint);
    const Array* array = checkpoint.find(running);
    if (!array || array->shape() != Shape{4} || array->dtype() != DType::f64 || history.size() != epoch)
      throw ResumeError(std::string("the checkpoint's ") + running + " is missing or damaged");
    const auto n = array->as<double>();
    sum = {n(0), n(1), n(2) != 0, static_cast<std::size_t>(n(3))};
  }
};

}  // namespace

double clip(Gradient& gradient, double clip_norm) {
  double squares = 0;
  for (const Array& array : gradient)
    with_floating(array.dtype(), [&]<class T>() {
      for (const T g : array.as<T>().flat()) squares += static_cast<double>(g) * static_cast<double>(g);
    });
  const double norm = std::sqrt(squares);
  const double factor = clip_norm / (norm + 1e-6);
  if (factor < 1) scale(gradient, factor);
  return norm;
}

EpochHistory train(Trainable& model, const SplitView& split, double divisor, const TrainParams& params,
                   RunContext& context, const TrainCallbacks& callbacks, const SplitView* validation) {
  if (split.samples() == 0 || split.y.empty())
    throw DataError("training data", "has no answers y to learn", "save them beside x: labels 0, 1, 2 … or targets");
  require_bounds(params.adversarial.bounds, "train.adversarial.bounds");
  model.require_answers(split.y, "training data");
  for (const auto& [what, chosen] : model.choices()) context.choice(what, chosen);
  if (context.registry().can_make<FullBatchMethod>("optimiser", params.optimiser.type))
    return train_full_batch(model, split, divisor, params, context, callbacks, validation);
  const auto optimiser = context.registry().make<Optimiser>("optimiser", params.optimiser, "train.optimiser");
  const auto schedule = context.registry().make<Schedule>("schedule", params.schedule, "train.schedule");
  EarlyStopping stopping(params.early_stopping, model, split, divisor, context, validation);
  const std::size_t samples = stopping.kept().size();
  const auto batch_size = static_cast<std::size_t>(params.batch_size);
  if (batch_size > samples && params.batch_size != TrainParams{}.batch_size)
    throw SpecError("train.batch_size: a batch of " + std::to_string(batch_size) + " is more than the " +
                        std::to_string(samples) + " samples to learn from",
                    "give at most " + std::to_string(samples));
  const auto epochs = static_cast<std::uint64_t>(params.epochs);
  const std::size_t batches = (samples + batch_size - 1) / batch_size;

  Position at;
  const auto save = [&] {
    require_finite(model, optimiser.get(), at.epoch * batches + at.batch);
    Checkpoint checkpoint = checkpoint_of(model, optimiser.get(),
                                          {{"epoch", std::to_string(at.epoch)}, {"batch", std::to_string(at.batch)}});
    at.save(checkpoint.arrays);
    stopping.save(checkpoint.arrays);
    if (callbacks.extra.save)
      for (auto& item : callbacks.extra.save()) checkpoint.arrays.push_back(std::move(item));
    context.save(checkpoint);
  };
  if (const auto checkpoint = context.resumed()) {
    restore_kept(*checkpoint, model, optimiser.get());
    if (callbacks.extra.restore) callbacks.extra.restore(*checkpoint);
    stopping.restore(*checkpoint);
    at.restore(*checkpoint, epochs, batches);
    if (callbacks.after_epoch)
      for (const EpochResult& result : at.history) callbacks.after_epoch(result);
  }

  // Both look at the samples once, when they are made.
  std::optional<SpikeBlender> blender;
  std::optional<ShardedStep> step;
  const auto parameters = model.parameters();
  for (; at.epoch < epochs && !stopping.stopped(); ++at.epoch, at.batch = 0, at.sum = {}) {
    const auto epoch = static_cast<std::uint32_t>(at.epoch);
    const bool draws = callbacks.draw_samples && epoch > 0;
    if (draws) callbacks.draw_samples(epoch);
    if (draws || !step) {
      blender.emplace(params.blend, split, stopping.kept());
      step.emplace(model, split, divisor, static_cast<std::size_t>(params.shard_size), params.augmentation, *blender,
                   params.adversarial, context.registry(), !callbacks.draw_samples, context.pool());
    }
    auto order = epoch_order(context.seed(), epoch, samples, params.shuffle);
    for (std::uint64_t& id : order) id = stopping.kept()[id];
    for (; at.batch < batches; ++at.batch) {
      const std::uint64_t steps_done = at.epoch * batches + at.batch;
      if (context.stop_requested()) {
        save();
        throw Interrupted("stopped in epoch " + std::to_string(at.epoch + 1));
      }
      if (context.checkpoint_due(params.checkpoint_seconds)) save();
      const std::size_t first = at.batch * batch_size;
      const auto ids = std::span(order).subspan(first, std::min(batch_size, samples - first));
      at.sum += step->run(ids, {Mode::train, context.seed(), epoch, steps_done, {}},
                          params.reduction == "mean" ? 1.0 / static_cast<double>(ids.size()) : 1.0);
      Gradient& gradient = step->gradient();
      if (callbacks.after_gradient) callbacks.after_gradient(gradient);
      require_finite(gradient, parameters, steps_done);
      if (params.clip_norm > 0) clip(gradient, params.clip_norm);
      optimiser->step(parameters, gradient,
                      schedule->factor(steps_done, batches, epochs * batches) * params.ease_in.factor(steps_done),
                      &context.pool());
      if (callbacks.after_step) callbacks.after_step(steps_done + 1);
      context.progress({"train", static_cast<double>(at.epoch * samples + first + ids.size()),
                        static_cast<double>(epochs * samples), "samples",
                        "loss " + std::to_string(mean_of(at.sum).loss)});
    }
    require_finite(model, optimiser.get(), (at.epoch + 1) * batches);
    EpochResult result = mean_of(at.sum, at.epoch + 1);
    stopping.watch(result, at.history);
    at.history.push_back(result);
    if (callbacks.after_epoch) callbacks.after_epoch(result);
  }
  stopping.put_back();
  save();
  return at.history;
}

}  // namespace neurarium
