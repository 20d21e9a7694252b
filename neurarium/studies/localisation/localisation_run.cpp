#include "neurarium/studies/localisation/localisation_run.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "neurarium/core/array_of.hpp"
#include "neurarium/data/interaural_dataset.hpp"
#include "neurarium/data/spike_statistics.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/classes.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {

LocalisationSettings::LocalisationSettings() {
  train.epochs = 30, train.batch_size = 64, train.shard_size = 16;
  train.optimiser = {"adam", Value::table()};
  train.optimiser.settings.set("learning_rate", 0.01);
  train.early_stopping.window = 10;
}

void LocalisationSettings::check() const {
  try {
    task.check();
  } catch (const SpecError& error) {
    std::vector<Fault> faults = error.faults();
    for (Fault& fault : faults) fault.key = fault.key.empty() ? "task" : "task." + fault.key;
    throw SpecError(std::move(faults));
  }
}

std::vector<FieldInfo> localisation_fields() {
  using S = LocalisationSettings;
  return {
      field("task", &S::task, "The tones, the ears, and how fibres fire."),
      field("model", &S::model, "The network."),
      field("train", &S::train, "How it learns."),
      field("training_samples", &S::training_samples, "Sounds to learn from.").at_least(1),
      field("validation_samples", &S::validation_samples, "Sounds by which training is stopped.").at_least(1),
      field("test_samples", &S::test_samples, "Sounds of the test.").at_least(1),
  };
}

LocalisationSet::LocalisationSet(const InterauralPhaseParams& task, std::size_t samples, std::uint64_t seed,
                                 const std::string& name, std::uint32_t epoch, WorkerPool& pool)
    : stimuli(make_interaural_phase(task, samples, seed, name, epoch, &pool)),
      labels(array_of(stimuli.labels)),
      task_(task),
      seed_(seed),
      name_(name) {}

void LocalisationSet::draw_again(std::uint32_t epoch, WorkerPool& pool) {
  stimuli = make_interaural_phase(task_, stimuli.labels.size(), seed_, name_, epoch, &pool);
}

std::string name_of_sounds(const LocalisationSettings& settings, std::uint64_t seed) {
  InterauralDatasetParams named;
  static_cast<InterauralPhaseParams&>(named) = settings.task;
  named.seed = seed, named.training_samples = settings.training_samples, named.test_samples = settings.test_samples;
  return interaural_dataset_name(named);
}

LocalisationScore score(const Trainable& model, const LocalisationSet& set, std::int64_t classes, RunContext& context) {
  LocalisationScore found;
  const EpochResult result = evaluate(model, set.view(), 1, context);
  found.accuracy = result.accuracy, found.loss = result.loss;
  const Tensor<double> logits = to_tensor<double>(answers_of(model, set.stimuli.spikes, context).view());
  for (std::size_t i = 0; i < logits.shape()[0]; ++i)
    found.answers.push_back(static_cast<std::int64_t>(strongest(logits.view()[i].flat())));
  found.mean_absolute_error_deg = mean_absolute_error_deg(found.answers, set.stimuli.ipd, classes);
  return found;
}

StepSpikes hidden_spikes(const Model& model, const StepSpikes& sounds, WorkerPool& pool) {
  const auto& layered = dynamic_cast<const Layered&>(model);
  constexpr std::size_t at_once = 256;
  std::vector<StepSpikes> parts((sounds.samples() + at_once - 1) / at_once);
  pool.run(parts.size(), [&](std::size_t p) {
    const std::size_t count = std::min(at_once, sounds.samples() - p * at_once);
    const NamedArrays all = layered.activities(SpikesView(sounds, p * at_once, count), {});
    const auto hidden = std::ranges::find(all, "hidden", &NamedArrays::value_type::first);
    if (hidden == all.end()) throw InternalError("the network has no layer 'hidden'");
    const Tensor<double> fired = to_tensor<double>(hidden->second.view());
    const std::size_t steps = fired.shape()[1], units = fired.shape()[2];
    parts[p].reset(steps, units);
    std::vector<StepSpikes::Unit> now;
    for (std::size_t row = 0; row < count * steps; ++row) {
      now.clear();
      for (std::size_t j = 0; j < units; ++j)
        if (fired.flat()[row * units + j] > 0) now.push_back(static_cast<StepSpikes::Unit>(j));
      parts[p].add_known_step(now.data(), now.size());
    }
  });
  StepSpikes spikes = std::move(parts.front());
  for (std::size_t p = 1; p < parts.size(); ++p) spikes.append(parts[p]);
  return spikes;
}

TrainedLocalisation train_localisation(const LocalisationSettings& settings, const LocalisationSet& training,
                                       const LocalisationSet& validation, const LocalisationSet& test,
                                       RunContext& context) {
  TrainedLocalisation found;
  found.description =
      with_seed(localisation_network(settings.model, settings.task), context.registry(), context.seed());
  found.model = build_model<Trainable>(found.description, context.registry(), "training by gradients");
  const auto start = std::chrono::steady_clock::now();
  const SplitView watched = validation.view();
  TrainCallbacks callbacks;
  std::optional<LocalisationSet> drawn;  // what is learned from, where each epoch has its own
  if (settings.task.phase == "per_epoch") {
    drawn.emplace(training);
    callbacks.draw_samples = [&](std::uint64_t epoch) {
      drawn->draw_again(static_cast<std::uint32_t>(epoch), context.pool());
    };
  }
  found.history =
      train(*found.model, (drawn ? *drawn : training).view(), 1, settings.train, context, callbacks, &watched);
  found.train_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::int64_t classes = settings.task.classes;
  found.training = score(*found.model, training, classes, context);
  found.validation = score(*found.model, validation, classes, context);
  found.test = score(*found.model, test, classes, context);
  found.hidden_rates = firing_rates(hidden_spikes(*found.model, test.stimuli.spikes, context.pool()), settings.task.dt);
  return found;
}

}  // namespace neurarium
