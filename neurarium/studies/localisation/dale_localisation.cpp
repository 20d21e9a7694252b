// dale-localisation: a spiking network under Dale's law tells from which side a sound came (founding notebook: "Sound
// localisation with excitatory-only inputs and Dale's law").
#include "neurarium/data/ideal_observer.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

struct Params : LocalisationSettings {
  std::int64_t observer_samples = 10240;
  LocalisationAnalysisParams analysis;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("observer_samples", &Params::observer_samples,
                        "Sounds that the ideal observer is asked about, drawn for it; 0: it is not asked.")
                      .at_least(0));
    all.push_back(field("analysis", &Params::analysis, "What is looked at after the training."));
    return Schema::of<Params>(std::move(all));
  }
};

class DaleLocalisation : public Study {
 public:
  explicit DaleLocalisation(const Params& params) : params_(params) { params_.check(); }

  void run(RunContext& context) override {
    const auto set = [&](const char* name, std::int64_t samples) {
      return LocalisationSet(params_.task, static_cast<std::size_t>(samples), context.seed(), name, 0, context.pool());
    };
    const LocalisationSet training = set("training", params_.training_samples),
                          validation = set("validation", params_.validation_samples),
                          test = set("test", params_.test_samples);
    LocalisationFindings found;
    found.task = params_.task, found.model = params_.model, found.analysis = params_.analysis;
    found.trained = train_localisation(params_, training, validation, test, context);
    Model& model = *found.trained.model;
    context.keep("", {state_of_network(found.trained.description, model), name_of_sounds(params_, context.seed()), "",
                      context.seed()});
    found.stopped_early = static_cast<std::int64_t>(found.trained.history.size()) < params_.train.epochs;
    found.analyses = analyse_localisation(params_, params_.analysis, found.trained, test, context);
    found.observer = ask_ideal_observer(context);

    add_localisation_figures(context, found, test.stimuli);
    add_stimuli(context, params_.task);
    add_claims(context, found);
    add_learning_curves(context, found.trained.history);
    add_answers(context, found, test.stimuli);
    add_weights(context, found.analyses);
    add_example(context, found);
    add_analyses(context, found);
    for (const NamedView& parameter : model.parameters())
      context.array(parameter.name, Array(ArrayView(parameter.values)));
    context.answer(localisation_answer(found));
  }

 private:
  std::optional<ObserverScore> ask_ideal_observer(RunContext& context) const {
    const auto trials = static_cast<std::size_t>(params_.observer_samples);
    if (trials == 0) return std::nullopt;
    const auto measure = [&](std::int64_t steps_seen) {
      if (context.stop_requested()) throw Interrupted("stopped before the ideal observer was asked");
      context.progress({"ask the ideal observer", 0, 1, "sets", {}});
      IdealObserverParams settings;
      settings.steps_seen = steps_seen;
      return measure_ideal_observer(params_.task, settings, trials, context.seed(), &context.pool());
    };
    const IdealObserverFigures all = measure(0);
    ObserverScore found{trials, all.accuracy, all.accuracy_error, {}};
    const std::int64_t unheard = unheard_steps(params_.model);
    if (unheard > 0 && params_.task.steps > unheard)
      found.accuracy_of_seen_steps = measure(params_.task.steps - unheard).accuracy;
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
