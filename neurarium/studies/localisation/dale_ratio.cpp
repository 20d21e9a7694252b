// dale-ratio: which share of inhibitory units is best? (founding notebook: "Sweep through Inhib / Excit Ratio"; what it calls a ratio
// of inhibition to excitation is the share of inhibitory units in all.)
//
// Training k = repeat · (number of fractions) + fraction has its seed (localisation_runs.hpp) and its test set "test.k"; training and
// validation sounds are the same for all. More repeats leave the earlier networks as they are.
#include "neurarium/studies/localisation/ratio_findings.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

struct Params : LocalisationSettings {
  std::vector<double> fractions = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
  std::int64_t repeats = 3;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("fractions", &Params::fractions,
                        "Shares of inhibitory units, rising; they stand for model.inhibitory_fraction.")
                      .between(0, 1));
    all.push_back(field("repeats", &Params::repeats, "Networks for each share.").between(1, 1000));
    return Schema::of<Params>(std::move(all));
  }
};

class DaleRatio : public Study {
 public:
  explicit DaleRatio(const Params& params) : params_(params) {
    params_.check();
    const auto& f = params_.fractions;
    if (f.empty()) throw SpecError("fractions: there are none", "give at least one, in [0, 1]");
    for (std::size_t i = 0; i < f.size(); ++i)
      if (!(f[i] >= 0 && f[i] <= 1) || (i > 0 && !(f[i] > f[i - 1])))
        throw SpecError("fractions: " + short_digits(f[i]) + " is out of place", "rising numbers in [0, 1]");
    if (params_.model.rule == "none")
      throw SpecError("model.rule: 'none' keeps no signs, so that no share of units inhibits", "choose another rule");
    if (params_.model.inhibitory_fraction != LocalisationNetworkParams{}.inhibitory_fraction)
      throw SpecError("model.inhibitory_fraction: this study takes it from 'fractions'", "set fractions");
  }

  void run(RunContext& context) override {
    std::vector<LocalisationPlan> plans;
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat)
      for (const double fraction : params_.fractions) {
        LocalisationPlan& plan = plans.emplace_back();
        plan.model = params_.model, plan.model.inhibitory_fraction = fraction;
        plan.words = "fraction " + short_digits(fraction) + ", repeat " + std::to_string(repeat + 1);
        plan.member = "fraction-" + short_digits(fraction) + "-repeat-" + std::to_string(repeat + 1);
      }
    std::vector<LocalisationOutcome> outcomes = train_all(params_, plans, context);
    RatioFindings found{params_, {}};
    const std::size_t count = params_.fractions.size();
    for (std::size_t i = 0; i < count; ++i) {
      RatioCondition& condition = found.conditions.emplace_back();
      condition.fraction = params_.fractions[i];
      for (std::size_t k = i; k < outcomes.size(); k += count) condition.runs.push_back(std::move(outcomes[k]));
    }
    add_ratio_figures(context, found);
    add_ratio_exhibits(context, found);
    context.answer(ratio_answer(found));
  }

 private:
  Params params_;
};

}  // namespace

void register_dale_ratio(Registry& registry) {
  registry
      .add<Params>("study", "dale-ratio", "Which share of inhibitory units tells best from which side a sound came?")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleRatio>(params); });
}

}  // namespace neurarium
