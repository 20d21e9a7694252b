// localisation-rate: how well do networks tell directions when fibres fire less, or fire without a sound, or hidden units by chance?
// Beside the ideal observer, who loses, too: fewer spikes say less.
//
// Three sweeps: over the largest rate that a tone gives a fibre, over the spontaneous rate, and over the escape noise of hidden units; what
// is in several is trained once. Training
// k = repeat · (number of conditions) + condition has its seed (localisation_runs.hpp) and its test set "test.k"; all networks of a
// condition learn from the same sounds. More repeats leave the earlier networks as they are.
#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/studies/localisation/rate_findings.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

struct Params : LocalisationSettings {
  std::vector<double> rates = {600, 400, 200, 100, 50};
  std::vector<double> spontaneous = {0, 25, 50, 100, 200};
  std::vector<double> escape_noise = {0, 0.05, 0.1, 0.2, 0.4};
  std::int64_t repeats = 5;
  std::int64_t observer_samples = 10240;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("rates", &Params::rates,
                        "Largest rates that a tone gives a fibre, falling, for task.rate_max; a list may be empty.")
                      .unit("Hz")
                      .at_least(0));
    all.push_back(field("spontaneous", &Params::spontaneous,
                        "Spontaneous rates, rising, for task.spontaneous_rate, at the task's own rate_max.")
                      .unit("Hz")
                      .at_least(0));
    all.push_back(
        field("escape_noise", &Params::escape_noise,
              "Widths of the hidden units' escape noise, rising, for model.escape_noise, at the task's own rates.")
            .at_least(0));
    all.push_back(field("repeats", &Params::repeats, "Networks for each condition.").between(1, 1000));
    all.push_back(field("observer_samples", &Params::observer_samples,
                        "Sounds that the ideal observer is asked about, in each condition.")
                      .at_least(1));
    return Schema::of<Params>(std::move(all));
  }
};

class LocalisationRate : public Study {
 public:
  explicit LocalisationRate(const Params& params) : params_(params) {
    params_.task.check();
    if (params_.rates.empty() && params_.spontaneous.empty() && params_.escape_noise.empty())
      throw SpecError("rates: there are none, nor spontaneous ones, nor escape noise", "give at least one");
    require_order("rates", params_.rates, false), require_order("spontaneous", params_.spontaneous, true);
    require_order("escape_noise", params_.escape_noise, true);
    if (params_.task.refractory > 0)
      throw SpecError("task.refractory: the ideal observer of this study knows none", "leave it out");
    if (!params_.task.spontaneous_rates.empty() && !params_.spontaneous.empty())
      throw SpecError("task.spontaneous_rates: every fibre has its own, so there is nothing to go through",
                      "set spontaneous = []");
    for (const RateCondition& condition : sweeps().conditions) condition.task.check();
  }

  void run(RunContext& context) override {
    RateFindings found = sweeps();
    std::vector<LocalisationPlan> plans;
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat)
      for (const RateCondition& condition : found.conditions) {
        LocalisationPlan& plan = plans.emplace_back();
        plan.model = params_.model, plan.task = condition.task;
        plan.model.escape_noise = condition.escape_noise;
        plan.words = condition.name + ", repeat " + std::to_string(repeat + 1);
      }
    std::vector<LocalisationOutcome> outcomes = train_all(params_, plans, context);
    for (std::size_t k = 0; k < outcomes.size(); ++k)
      found.conditions[k % found.conditions.size()].runs.push_back(std::move(outcomes[k]));
    ask_observers(found, context);
    add_rate_figures(context, found);
    add_rate_exhibits(context, found);
    context.answer(rate_answer(found));
  }

 private:
  static void require_order(const std::string& key, const std::vector<double>& rates, bool rising) {
    for (std::size_t i = 1; i < rates.size(); ++i)
      if (rising ? !(rates[i] > rates[i - 1]) : !(rates[i] < rates[i - 1]))
        throw SpecError(key + ": " + short_digits(rates[i]) + " is out of place",
                        rising ? "rising numbers" : "falling numbers");
  }
  /// What is to be found out, each condition once.
  RateFindings sweeps() const {
    RateFindings found;
    found.settings = params_;
    const auto add = [&](RateSweep& sweep, double rate, double spontaneous, double noise) {
      const auto known = std::ranges::find_if(found.conditions, [&](const RateCondition& c) {
        return c.task.rate_max == rate && c.task.spontaneous_rate == spontaneous && c.escape_noise == noise;
      });
      sweep.conditions.push_back(static_cast<std::size_t>(known - found.conditions.begin()));
      if (known != found.conditions.end()) return;
      RateCondition& condition = found.conditions.emplace_back();
      condition.task = params_.task;
      condition.task.rate_max = rate, condition.task.spontaneous_rate = spontaneous, condition.escape_noise = noise;
      condition.name = short_digits(rate) + " + " + short_digits(spontaneous) + " Hz";
      if (&sweep == &found.escape_noise) condition.name = "noise " + short_digits(noise);
    };
    const InterauralPhaseParams& own = params_.task;
    const double noise = params_.model.escape_noise;
    for (const double rate : params_.rates) add(found.rates, rate, own.spontaneous_rate, noise);
    for (const double rate : params_.spontaneous) add(found.spontaneous, own.rate_max, rate, noise);
    for (const double width : params_.escape_noise) add(found.escape_noise, own.rate_max, own.spontaneous_rate, width);
    return found;
  }
  void ask_observers(RateFindings& found, RunContext& context) const {
    for (std::size_t i = 0; i < found.conditions.size(); ++i) {
      RateCondition& condition = found.conditions[i];
      const auto same_sounds = std::ranges::find_if(found.conditions, [&](const RateCondition& c) {
        return c.task.rate_max == condition.task.rate_max && c.task.spontaneous_rate == condition.task.spontaneous_rate;
      });
      if (&*same_sounds != &condition) {
        condition.observer = same_sounds->observer;
        condition.observer_of_seen_steps = same_sounds->observer_of_seen_steps;
        continue;
      }
      context.progress(
          {"observe", static_cast<double>(i), static_cast<double>(found.conditions.size()), "conditions", {}});
      const auto ask = [&](std::int64_t steps_seen) {
        IdealObserverParams settings;
        settings.steps_seen = steps_seen;
        return measure_ideal_observer(condition.task, settings, static_cast<std::size_t>(params_.observer_samples),
                                      context.seed(), &context.pool());
      };
      condition.observer = ask(0);
      const std::int64_t unheard = unheard_steps(params_.model);
      if (unheard > 0 && params_.task.steps > unheard)
        condition.observer_of_seen_steps = ask(params_.task.steps - unheard);
    }
  }

  Params params_;
};

}  // namespace

void register_localisation_rate(Registry& registry) {
  registry
      .add<Params>("study", "localisation-rate",
                   "How well is a direction told when fibres fire less, or without a sound, or units by chance; how "
                   "well could it be?")
      .makes<Study>([](const Params& params) { return std::make_unique<LocalisationRate>(params); });
}

}  // namespace neurarium
