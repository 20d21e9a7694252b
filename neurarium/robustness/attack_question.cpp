#include "neurarium/robustness/attack_question.hpp"

#include <algorithm>
#include <iterator>

#include "neurarium/core/registry.hpp"
#include "neurarium/robustness/laboratory_checks.hpp"

namespace neurarium {
namespace {

std::vector<double> usual_radii(Norm norm, const Bounds& bounds) {
  std::vector<double> radii = norm == Norm::linf ? std::vector<double>{0.01, 0.02, 0.05, 0.1, 0.2, 0.3}
                                                 : std::vector<double>{0.25, 0.5, 1, 1.5, 2, 3};
  for (double& r : radii) r *= bounds.width();
  return radii;
}

}  // namespace

Schema AttackQuestion::fields() {
  using Q = AttackQuestion;
  return Schema::of<Q>({
      component("attacks", &Q::attacks, "attack", "What is tried, in this order."),
      field("epsilon", &Q::epsilon,
            "Radii in units of the data, from small to large, in each attack's own norm; default: by norm.")
          .at_least(0),
      field("bounds", &Q::bounds,
            "Least and largest number that a sample may hold; default: those of the data's type, or of the data."),
      field("clean_coverage", &Q::clean_coverage,
            "Share of clean samples that a network which may refuse still answers.")
          .positive()
          .at_most(1),
      field("eot", &Q::eot,
            "Draws over which gradients are averaged, where a network draws its answers (Poisson spikes).")
          .between(1, 1000),
      field("look_for_masking", &Q::look_for_masking, "Try a few more attacks, to see whether gradients hide."),
  });
}

void AttackQuestion::require_sound() const {
  require_radii(epsilon);
  require_bounds(bounds, "bounds");
}

LaboratoryPlan AttackQuestion::plan(const Bounds& within) const {
  LaboratoryPlan plan;
  plan.attacks = attacks;
  plan.epsilons_linf = epsilon.empty() ? usual_radii(Norm::linf, within) : epsilon;
  plan.epsilons_l2 = epsilon.empty() ? usual_radii(Norm::l2, within) : epsilon;
  plan.clean_coverage = clean_coverage;
  return plan;
}

std::size_t AttackQuestion::draws_of(const Model& model, const AttackSamples& samples, RunContext& context) const {
  return eot > 1 && draws_answers(model, samples, context) ? static_cast<std::size_t>(eot) : 1;
}

SpecError AttackQuestion::nothing_is_drawn(const std::string& network) const {
  return SpecError("eot: " + network + " draws nothing at random, so that each of the " + std::to_string(eot) +
                       " draws would be the same",
                   "leave eot out");
}

std::vector<MaskingWarning> AttackQuestion::warnings(const Model& model, const AttackSamples& samples,
                                                     const LaboratoryPlan& plan, const LaboratoryResult& result,
                                                     const std::vector<TransferOutcome>& transfers,
                                                     RunContext& context) const {
  std::vector<MaskingWarning> found = warnings_in(result, transfers);
  if (look_for_masking)
    std::ranges::move(warnings_by_probes(model, samples, plan, result, context), std::back_inserter(found));
  return found;
}

Value::List attacks_by_name(const Value::List& given) {
  Value::List attacks;
  for (const Value& entry : given) {
    const auto named = [&](const char* type) {
      Value table = Value::table().at_location(entry.where());
      table.set("type", Value(type).at_location(entry.where()));
      return table;
    };
    if (!entry.is_text()) {
      attacks.push_back(entry);
    } else if (entry.as_text() != "ensemble") {
      attacks.push_back(named(entry.as_text().c_str()));
    } else {
      Value targeted = named("apgd");
      targeted.set("loss", "dlr");
      targeted.set("targeted", true);
      attacks.push_back(named("apgd"));
      attacks.push_back(std::move(targeted));
      attacks.push_back(named("square"));
    }
  }
  return attacks;
}

void set_norm(Value::List& attacks, const Value& norm, const Registry& registry) {
  for (Value& attack : attacks) {
    const Value* type = attack.is_table() ? attack.find("type") : nullptr;
    const auto* entry = type && type->is_text() ? registry.find("attack", type->as_text()) : nullptr;
    const FieldInfo* known = entry ? entry->schema.find("norm") : nullptr;
    if (!known || attack.find("norm")) continue;
    if (!norm.as_text().empty()) attack.set("norm", norm);
    else if (std::ranges::find(known->choices, "linf") != known->choices.end())
      attack.set("norm", Value("linf").at_location(attack.where()));
  }
}

}  // namespace neurarium
