// dale-cost: what does it cost to keep Dale's law? Networks without it beside those that keep it by several rules, with spikes a step
// late (the founding notebook's order) and in the same step, from several starts.
//
// Training k = repeat · (number of kinds) + kind has its seed (localisation_runs.hpp). Training, validation and test sounds are the
// same for all, so what is compared are seeds of weights and of the order of sounds. More repeats leave the earlier networks as
// they are. Networks of rule "none" that begin "drawn" have drawn signs; from any other start they begin with the signs of Dale's
// law and may leave them: so the law is told from what it begins with. Where half of the units inhibit, "balanced" is "drawn".
#include <algorithm>
#include <set>

#include "neurarium/studies/localisation/cost_findings.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

using Words = std::vector<std::string>;

struct Params : LocalisationSettings {
  Words rules = {"abs", "clamp", "exponentiated"};
  Words spikes = {"late", "same_step"};
  Words starts = {"drawn", "colei"};
  std::int64_t repeats = 10;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("rules", &Params::rules, "How Dale's law is kept; networks without it are trained in any case.")
                      .one_of({"abs", "relu", "square", "softplus", "clamp", "exponentiated", "learned"}));
    all.push_back(field("spikes", &Params::spikes, "Update orders, for model.spike.").one_of({"late", "same_step"}));
    all.push_back(field("starts", &Params::starts, "Sizes of the first weights, for model.start.")
                      .one_of({"drawn", "balanced", "colei"}));
    all.push_back(field("repeats", &Params::repeats, "Networks of each kind.").between(1, 1000));
    return Schema::of<Params>(std::move(all));
  }
};

class DaleCost : public Study {
 public:
  explicit DaleCost(const Params& params) : params_(params) {
    params_.task.check();
    require("rules", params_.rules), require("spikes", params_.spikes), require("starts", params_.starts);
    const LocalisationNetworkParams usual;
    const auto refuse = [](const std::string& key, const std::string& list) {
      throw SpecError("model." + key + ": this study takes it from '" + list + "'", "set " + list);
    };
    if (params_.model.rule != usual.rule) refuse("rule", "rules");
    if (params_.model.spike != usual.spike) refuse("spike", "spikes");
    if (params_.model.start != usual.start) refuse("start", "starts");
  }

  void run(RunContext& context) override {
    const LocalisationSet test(params_.task, static_cast<std::size_t>(params_.test_samples), context.seed(), "test", 0,
                               context.pool());
    CostFindings found{params_, params_.rules, params_.spikes, params_.starts, {}};
    for (const std::string& spike : params_.spikes) {
      Words rules = params_.rules;
      rules.insert(rules.begin(), "none");
      for (const std::string& rule : rules)
        for (const std::string& start : params_.starts) {
          CostCondition& condition = found.conditions.emplace_back();
          condition.rule = rule, condition.spike = spike, condition.start = start;
          condition.name = rule + ", " + spike + ", " + start;
        }
    }
    std::vector<LocalisationPlan> plans;
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat)
      for (const CostCondition& condition : found.conditions) {
        LocalisationPlan& plan = plans.emplace_back();
        plan.model = params_.model;
        plan.model.rule = condition.rule, plan.model.spike = condition.spike, plan.model.start = condition.start;
        plan.words = condition.name + ", repeat " + std::to_string(repeat + 1);
        plan.test = &test;
      }
    std::vector<LocalisationOutcome> outcomes = train_all(params_, plans, context);
    for (std::size_t k = 0; k < outcomes.size(); ++k)
      found.conditions[k % found.conditions.size()].runs.push_back(std::move(outcomes[k]));
    add_cost_figures(context, found);
    add_cost_exhibits(context, found);
    context.answer(cost_answer(found));
  }

 private:
  static void require(const std::string& key, const Words& words) {
    if (words.empty()) throw SpecError(key + ": there are none", "give at least one");
    if (std::set<std::string>(words.begin(), words.end()).size() < words.size())
      throw SpecError(key + ": one of them is there twice", "name each once");
  }

  Params params_;
};

}  // namespace

void register_dale_cost(Registry& registry) {
  registry
      .add<Params>("study", "dale-cost",
                   "What does it cost to keep Dale's law, and is it the law that costs, or the order of updates?")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleCost>(params); });
}

}  // namespace neurarium
