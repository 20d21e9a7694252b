// localisation-rate: how well do networks tell directions when fibres fire less, or fire without a sound? Beside the ideal observer,
// who loses, too: fewer spikes say less.
//
// Two sweeps: over the largest rate that a tone gives a fibre, and over the spontaneous rate; what is in both is trained once. Training
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
    if (params_.rates.empty() && params_.spontaneous.empty())
      throw SpecError("rates: there are none, nor spontaneous ones", "give at least one");
    require_order("rates", params_.rates, false), require_order("spontaneous", params_.spontaneous, true);
    if (params_.task.refractory > 0)
      throw SpecError("task.refractory: the ideal observer of this study knows none", "leave it out");
    if (!params_.task.spontaneous_rates.empty() && !params_.spontaneous.empty())
      throw SpecError("task.spontaneous_rates: every fibre has its own, so there is nothing to go through",
                      "set spontaneous = []");
    for (const InterauralPhaseParams& task : tasks()) task.check();
  }

  void run(RunContext& context) override {
    RateFindings found{
        params_, {}, {&InterauralPhaseParams::rate_max, {}}, {&InterauralPhaseParams::spontaneous_rate, {}}};
    for (const InterauralPhaseParams& task : tasks()) {
      RateCondition& condition = found.conditions.emplace_back();
      condition.task = task;
      condition.name = short_digits(task.rate_max) + " + " + short_digits(task.spontaneous_rate) + " Hz";
    }
    const auto place = [&](double rate, double spontaneous) {
      return static_cast<std::size_t>(std::ranges::find_if(found.conditions,
                                                           [&](const RateCondition& c) {
                                                             return c.task.rate_max == rate &&
                                                                    c.task.spontaneous_rate == spontaneous;
                                                           }) -
                                      found.conditions.begin());
    };
    for (const double rate : params_.rates)
      found.rates.conditions.push_back(place(rate, params_.task.spontaneous_rate));
    for (const double rate : params_.spontaneous)
      found.spontaneous.conditions.push_back(place(params_.task.rate_max, rate));
    std::vector<LocalisationPlan> plans;
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat)
      for (const RateCondition& condition : found.conditions) {
        LocalisationPlan& plan = plans.emplace_back();
        plan.model = params_.model, plan.task = condition.task;
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
  /// What is trained on, each task once.
  std::vector<InterauralPhaseParams> tasks() const {
    std::vector<InterauralPhaseParams> all;
    const auto add = [&](double rate, double spontaneous) {
      InterauralPhaseParams task = params_.task;
      task.rate_max = rate, task.spontaneous_rate = spontaneous;
      for (const InterauralPhaseParams& known : all)
        if (known.rate_max == rate && known.spontaneous_rate == spontaneous) return;
      all.push_back(task);
    };
    for (const double rate : params_.rates) add(rate, params_.task.spontaneous_rate);
    for (const double rate : params_.spontaneous) add(params_.task.rate_max, rate);
    return all;
  }
  void ask_observers(RateFindings& found, RunContext& context) const {
    for (std::size_t i = 0; i < found.conditions.size(); ++i) {
      RateCondition& condition = found.conditions[i];
      context.progress(
          {"observe", static_cast<double>(i), static_cast<double>(found.conditions.size()), "conditions", {}});
      const auto ask = [&](std::int64_t steps_seen) {
        IdealObserverParams settings;
        settings.steps_seen = steps_seen;
        return measure_ideal_observer(condition.task, settings, static_cast<std::size_t>(params_.observer_samples),
                                      context.seed(), &context.pool());
      };
      condition.observer = ask(0);
      if (params_.model.spike == "late" && params_.task.steps > 3)
        condition.observer_of_seen_steps = ask(params_.task.steps - 3);
    }
  }

  Params params_;
};

}  // namespace

void register_localisation_rate(Registry& registry) {
  registry
      .add<Params>("study", "localisation-rate",
                   "How well is a direction told when fibres fire less, or without a sound, and how well could it be?")
      .makes<Study>([](const Params& params) { return std::make_unique<LocalisationRate>(params); });
}

}  // namespace neurarium
