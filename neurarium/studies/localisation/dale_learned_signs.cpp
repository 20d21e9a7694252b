// dale-learned-signs: if networks may learn which units inhibit, how many do they choose? (founding notebook, future work: "Train the
// sign matrix".)
//
// A unit's sign is tanh(s), s is learned like a weight (nn/sign_constraint.hpp, rule "learned"): all synapses of a unit share it, so
// Dale's law holds at every moment, but a unit may turn. Beside them, networks that keep the signs they begin with (rule "abs").
//
// Training k = repeat · (number of kinds) + kind has its seed (localisation_runs.hpp). Training, validation and test sounds are the
// same for all. More repeats leave the earlier networks as they are.
#include "neurarium/core/digits.hpp"
#include "neurarium/studies/localisation/signs_findings.hpp"
#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {
namespace {

struct Params : LocalisationSettings {
  std::vector<double> fractions = {0.1, 0.5, 0.9};
  bool beside_fixed = true;
  std::int64_t repeats = 10;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("fractions", &Params::fractions,
                        "Shares of inhibitory units to begin with, rising; they stand for model.inhibitory_fraction.")
                      .between(0, 1));
    all.push_back(field("beside_fixed", &Params::beside_fixed,
                        "Whether networks are trained, too, that keep the signs they begin with."));
    all.push_back(field("repeats", &Params::repeats, "Networks of each kind.").between(1, 1000));
    return Schema::of<Params>(std::move(all));
  }
};

class DaleLearnedSigns : public Study {
 public:
  explicit DaleLearnedSigns(const Params& params) : params_(params) {
    params_.task.check();
    const auto& f = params_.fractions;
    if (f.empty()) throw SpecError("fractions: there are none", "give at least one, in [0, 1]");
    for (std::size_t i = 1; i < f.size(); ++i)
      if (!(f[i] > f[i - 1]))
        throw SpecError("fractions: " + short_digits(f[i]) + " is out of place", "rising numbers");
    const LocalisationNetworkParams usual;
    if (params_.model.inhibitory_fraction != usual.inhibitory_fraction)
      throw SpecError("model.inhibitory_fraction: this study takes it from 'fractions'", "set fractions");
    if (params_.model.rule != usual.rule && params_.model.rule != "learned")
      throw SpecError("model.rule: this study is about learned signs", "leave it out");
    if (params_.model.per != "unit")
      throw SpecError("model.per: 'synapse' is not Dale's law: this study counts units", "leave it out");
    if (params_.model.inhibition != usual.inhibition)
      throw SpecError("model.inhibition: this study lets both layers choose", "leave it out");
  }

  void run(RunContext& context) override {
    const LocalisationSet test(params_.task, static_cast<std::size_t>(params_.test_samples), context.seed(), "test", 0,
                               context.pool());
    std::vector<LocalisationPlan> plans;
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat)
      for (const double fraction : params_.fractions)
        for (const bool learns : {true, false}) {
          if (!learns && !params_.beside_fixed) continue;
          LocalisationPlan& plan = plans.emplace_back();
          plan.model = params_.model, plan.model.inhibitory_fraction = fraction;
          plan.model.rule = learns ? "learned" : "abs";
          if (!learns) plan.model.hardening = 0;
          plan.words = (learns ? "learned signs from " : "fixed signs, ") + short_digits(fraction) + ", repeat " +
                       std::to_string(repeat + 1);
          plan.test = &test;
        }
    std::vector<LocalisationOutcome> outcomes = train_all(params_, plans, context);
    SignsFindings found{params_, {}};
    for (const double fraction : params_.fractions)
      found.conditions.push_back({fraction, {"learned", {}}, {"fixed", {}}});
    const std::size_t kinds = params_.beside_fixed ? 2 : 1;
    for (std::size_t k = 0; k < outcomes.size(); ++k) {
      SignsCondition& condition = found.conditions[k / kinds % found.conditions.size()];
      (k % kinds == 0 ? condition.learned : condition.fixed).runs.push_back(std::move(outcomes[k]));
    }
    add_signs_figures(context, found);
    add_signs_exhibits(context, found);
    context.answer(signs_answer(found));
  }

 private:
  Params params_;
};

}  // namespace

void register_dale_learned_signs(Registry& registry) {
  registry
      .add<Params>("study", "dale-learned-signs", "If networks may learn which units inhibit, how many do they choose?")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleLearnedSigns>(params); });
}

}  // namespace neurarium
