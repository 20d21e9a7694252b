// dale-localisation: a spiking network under Dale's law tells from which side a sound came (founding notebook: "Sound
// localisation with excitatory-only inputs and Dale's law").
#include <algorithm>
#include <chrono>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/data/ideal_observer.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

struct Params {
  InterauralPhaseParams task;
  LocalisationNetworkParams model;
  TrainParams train;
  std::int64_t training_samples = 4096;
  std::int64_t validation_samples = 4096;
  std::int64_t test_samples = 2048;
  std::int64_t observer_samples = 2048;
  Params() {
    train.epochs = 30, train.batch_size = 64, train.shard_size = 16;
    train.optimiser = {"adam", Value::table()};
    train.optimiser.settings.set("learning_rate", 0.01);
    train.early_stopping.window = 10;
  }
  static Schema fields() {
    return Schema::of<Params>({
        field("task", &Params::task, "The tones, the ears, and how fibres fire."),
        field("model", &Params::model, "The network."),
        field("train", &Params::train, "How it learns."),
        field("training_samples", &Params::training_samples, "Sounds to learn from.").at_least(1),
        field("validation_samples", &Params::validation_samples, "Sounds by which training is stopped.").at_least(1),
        field("test_samples", &Params::test_samples, "Sounds of the test.").at_least(1),
        field("observer_samples", &Params::observer_samples,
              "Test sounds that the ideal observer is asked about, the first ones; 0 = it is not asked.")
            .at_least(0),
    });
  }
};

class DaleLocalisation : public Study {
 public:
  explicit DaleLocalisation(const Params& params) : params_(params) { params_.task.check(); }

  void run(RunContext& context) override {
    const auto set = [&](const char* name, std::int64_t samples) {
      return LocalisationSet(params_.task, static_cast<std::size_t>(samples), context.seed(), name, 0, context.pool());
    };
    const LocalisationSet training = set("training", params_.training_samples),
                          validation = set("validation", params_.validation_samples),
                          test = set("test", params_.test_samples);
    const auto model = build_model<Trainable>(
        with_seed(localisation_network(params_.model, params_.task), context.registry(), context.seed()),
        context.registry(), "training by gradients");

    const auto start = std::chrono::steady_clock::now();
    const SplitView watched = validation.view();
    LocalisationFindings found{params_.task, params_.model, {}, {}, {}, {}, {}, 0, {}};
    found.history = train(*model, training.view(), 1, params_.train, context, {}, &watched);
    found.train_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    found.training = score(*model, training, params_.task.classes, context);
    found.validation = score(*model, validation, params_.task.classes, context);
    found.test = score(*model, test, params_.task.classes, context);
    found.hidden_rates = hidden_rates(*model, test, params_.task.dt, context);
    found.observer = ask_ideal_observer(test, context);

    add_localisation_figures(context, found, test.stimuli,
                             static_cast<std::int64_t>(found.history.size()) < params_.train.epochs);
    add_stimuli(context, params_.task);
    add_learning_curves(context, found);
    add_answers(context, found, test.stimuli);
    add_weights(context, found, *model);
    add_hidden_activity(context, found, *model, test.stimuli);
    for (const NamedView& parameter : model->parameters())
      context.array(parameter.name, Array(ArrayView(parameter.values)));
    context.answer(localisation_answer(found));
  }

 private:
  // As many sounds as the user asks for: they are the same draws as the test's, so that both answer the same questions.
  std::optional<ObserverScore> ask_ideal_observer(const LocalisationSet& test, RunContext& context) const {
    const auto count = static_cast<std::size_t>(std::min(params_.observer_samples, params_.test_samples));
    if (count == 0 || params_.task.refractory > 0) return std::nullopt;
    const InterauralPhaseSet some =
        make_interaural_phase(params_.task, count, context.seed(), "test", 0, &context.pool());
    ObserverScore found;
    const auto share_right = [&](std::int64_t steps_seen) {
      IdealObserverParams settings;
      settings.steps_seen = steps_seen;
      const auto answers =
          IdealObserver(params_.task, settings, &context.pool()).decide(some.spikes, {}, &context.pool());
      std::size_t right = 0;
      for (std::size_t i = 0; i < count; ++i) right += answers[i] == some.labels[i];
      return static_cast<double>(right) / static_cast<double>(count);
    };
    found.samples = count;
    found.accuracy = share_right(0);
    if (params_.model.spike == "late" && params_.task.steps > 3)
      found.accuracy_of_seen_steps = share_right(params_.task.steps - 3);
    (void)test;
    return found;
  }

  Params params_;
};

}  // namespace

void register_dale_localisation(Registry& registry) {
  registry
      .add<Params>("study", "dale-localisation",
                   "From which side does the sound come? A spiking network under Dale's law learns to tell.")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleLocalisation>(params); });
}

}  // namespace neurarium
