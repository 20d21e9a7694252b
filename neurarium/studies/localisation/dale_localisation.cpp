// dale-localisation: a spiking network under Dale's law tells from which side a sound came (founding notebook: "Sound
// localisation with excitatory-only inputs and Dale's law").
#include <algorithm>

#include "neurarium/data/ideal_observer.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

struct Params : LocalisationSettings {
  std::int64_t observer_samples = 2048;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("observer_samples", &Params::observer_samples,
                        "Test sounds that the ideal observer is asked about, the first ones; 0 = it is not asked.")
                      .at_least(0));
    return Schema::of<Params>(std::move(all));
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
    TrainedLocalisation trained = train_localisation(params_, training, validation, test, context);

    LocalisationFindings found{params_.task, params_.model, {}, {}, {}, {}, {}, 0, {}};
    found.history = std::move(trained.history);
    found.train_seconds = trained.train_seconds;
    found.training = std::move(trained.training), found.validation = std::move(trained.validation);
    found.test = std::move(trained.test);
    found.hidden_rates = std::move(trained.hidden_rates);
    found.observer = ask_ideal_observer(test, context);
    Model& model = *trained.model;

    add_localisation_figures(context, found, test.stimuli,
                             static_cast<std::int64_t>(found.history.size()) < params_.train.epochs);
    add_stimuli(context, params_.task);
    add_learning_curves(context, found);
    add_answers(context, found, test.stimuli);
    add_weights(context, model);
    add_hidden_activity(context, found, model, test.stimuli);
    for (const NamedView& parameter : model.parameters())
      context.array(parameter.name, Array(ArrayView(parameter.values)));
    context.answer(localisation_answer(found));
  }

 private:
  // The first sounds of the test, as many as the user asks for.
  std::optional<ObserverScore> ask_ideal_observer(const LocalisationSet& test, RunContext& context) const {
    const auto count = static_cast<std::size_t>(std::min(params_.observer_samples, params_.test_samples));
    if (count == 0 || params_.task.refractory > 0) return std::nullopt;
    const StepSpikes some = SpikesView(test.stimuli.spikes, 0, count).copy();
    ObserverScore found;
    const auto share_right = [&](std::int64_t steps_seen) {
      IdealObserverParams settings;
      settings.steps_seen = steps_seen;
      const auto answers = IdealObserver(params_.task, settings, &context.pool()).decide(some, {}, &context.pool());
      std::size_t right = 0;
      for (std::size_t i = 0; i < count; ++i) right += answers[i] == test.stimuli.labels[i];
      return static_cast<double>(right) / static_cast<double>(count);
    };
    found.samples = count;
    found.accuracy = share_right(0);
    if (params_.model.spike == "late" && params_.task.steps > 3)
      found.accuracy_of_seen_steps = share_right(params_.task.steps - 3);
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
