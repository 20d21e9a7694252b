#include "neurarium/robustness/masking.hpp"

#include "neurarium/core/rng.hpp"
#include "neurarium/core/words.hpp"

namespace neurarium {
namespace {

constexpr double least_gain = 0.01;
constexpr double least_gain_of_loss = 0.02;  // two good losses differ by a point on many a network
constexpr double most_bad_gradients = 0.01;

std::vector<bool> right_at(std::span<const double> smallest, double epsilon) {
  std::vector<bool> right;
  for (const double s : smallest) right.push_back(s > epsilon);
  return right;
}

double share(const std::vector<bool>& right) {
  return static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size());
}

/// The attack with gradients that leaves the fewest samples right at ε, or nullptr.
const AttackOutcome* strongest_with_gradients(const LaboratoryResult& result, Norm norm, double epsilon) {
  const AttackOutcome* best = nullptr;
  for (const AttackOutcome& outcome : result.outcomes)
    if (outcome.norm == norm && outcome.access == Access::gradients &&
        (!best || accuracy_at(outcome.smallest, epsilon) < accuracy_at(best->smallest, epsilon)))
      best = &outcome;
  return best;
}

std::string at(double epsilon) { return " at ε = " + in_digits(epsilon, 4); }

void warn_of_gradients(const LaboratoryResult& result, std::vector<MaskingWarning>& warnings) {
  for (const AttackOutcome& outcome : result.outcomes) {
    const GradientTally& tally = outcome.tally;
    if (tally.all == 0) continue;
    const auto say = [&](std::size_t count, double most, const std::string& what) {
      const double part = static_cast<double>(count) / static_cast<double>(tally.all);
      if (part > most)
        warnings.push_back({"gradients", percent(part, 1) + " of the gradients that " + outcome.name +
                                             " was given are " + what + ": it could not see where to go"});
    };
    say(tally.not_finite, 0, "not finite");
    say(tally.zero, most_bad_gradients, "exactly zero");
    say(tally.vanishing, most_bad_gradients, "all but zero (below 1e-9 of those at the logits)");
  }
}

void warn_of_black_boxes(const LaboratoryResult& result, std::vector<MaskingWarning>& warnings) {
  for (const AttackOutcome& black : result.outcomes) {
    if (black.access == Access::gradients) continue;
    for (const double epsilon : black.epsilons) {
      const AttackOutcome* white = strongest_with_gradients(result, black.norm, epsilon);
      if (!white) continue;
      if (!paired_gain(right_at(white->smallest, epsilon), right_at(black.smallest, epsilon)).exceeds(least_gain))
        continue;
      warnings.push_back({"black-box", black.name + ", which sees no gradients, leaves " +
                                           percent(accuracy_at(black.smallest, epsilon), 1) + " right" + at(epsilon) +
                                           ", but " + white->name + ", the strongest that sees them, " +
                                           percent(accuracy_at(white->smallest, epsilon), 1)});
      break;
    }
  }
}

bool has_setting(const Component& part, const RunContext& context, const std::string& name) {
  const auto* entry = context.registry().find("attack", part.type);
  return entry && entry->schema.find(name);
}
std::string loss_of(const Component& part, const RunContext& context) {
  if (!has_setting(part, context, "loss")) return "";
  const Value* given = part.settings.find("loss");
  return given ? given->as_text()
               : context.registry().find("attack", part.type)->schema.defaults().at("loss").as_text();
}
/// Many steps along the gradient, which end at some loss: what can be asked to do better.
bool is_iterative(const AttackOutcome& outcome, const RunContext& context) {
  return outcome.access == Access::gradients && !outcome.seeks_smallest && outcome.attack.type != "fgsm" &&
         has_setting(outcome.attack, context, "loss");
}

LaboratoryResult again(const Model& model, const AttackSamples& samples, LaboratoryPlan plan,
                       const AttackOutcome& outcome, const Component& attack, const std::vector<double>& epsilons,
                       RunContext& context) {
  plan.attacks = {attack};
  (outcome.norm == Norm::linf ? plan.epsilons_linf : plan.epsilons_l2) = epsilons;
  return attack_network(model, samples, plan, context);
}

}  // namespace

PairedGain paired_gain(const std::vector<bool>& right_first, const std::vector<bool>& right_second) {
  double only_first = 0, only_second = 0;
  for (std::size_t i = 0; i < right_first.size(); ++i) {
    only_first += right_first[i] && !right_second[i];
    only_second += !right_first[i] && right_second[i];
  }
  const double n = static_cast<double>(right_first.size()), difference = only_first - only_second;
  return {difference / n, std::sqrt(std::max(0.0, only_first + only_second - difference * difference / n)) / n};
}

std::vector<MaskingWarning> warnings_in(const LaboratoryResult& result, const std::vector<TransferOutcome>& transfers) {
  std::vector<MaskingWarning> warnings;
  warn_of_gradients(result, warnings);
  warn_of_black_boxes(result, warnings);
  for (const TransferOutcome& transfer : transfers) {
    const AttackOutcome* white = strongest_with_gradients(result, transfer.norm, transfer.epsilon);
    if (!white || !paired_gain(right_at(white->smallest, transfer.epsilon), transfer.right).exceeds(least_gain))
      continue;
    warnings.push_back({"black-box", "changed samples made on " + transfer.source + " leave " +
                                         percent(share(transfer.right), 1) + " right" + at(transfer.epsilon) +
                                         ", but " + white->name + ", the strongest that sees gradients, " +
                                         percent(accuracy_at(white->smallest, transfer.epsilon), 1)});
  }
  return warnings;
}

std::vector<MaskingWarning> warnings_by_probes(const Model& model, const AttackSamples& samples,
                                               const LaboratoryPlan& plan, const LaboratoryResult& result,
                                               RunContext& context) {
  std::vector<MaskingWarning> warnings;
  if (const auto* trainable = dynamic_cast<const Trainable*>(&model); trainable && !trainable->outputs_are_logits())
    warnings.push_back({"outputs",
                        "the network was not trained on logits (cross_entropy): losses that take its outputs for "
                        "logits see little of them"});
  if (draws_answers(model, samples, context))
    warnings.push_back(
        {"outputs", "the network says different things of the same samples: its answers are drawn at random" +
                        std::string(plan.eot > 1 ? "" : "; average gradients over draws, eot=10 say")});

  const double width = samples.bounds.width();
  const auto entries = static_cast<double>(samples.x.size()) / static_cast<double>(samples.x.shape()[0]);
  bool tried_unbounded[2] = {false, false};
  for (const AttackOutcome& outcome : result.outcomes) {
    if (!is_iterative(outcome, context)) continue;
    if (bool& tried = tried_unbounded[outcome.norm == Norm::l2]; !tried) {
      tried = true;
      const double whole = outcome.norm == Norm::linf ? width : width * std::sqrt(entries);
      const LaboratoryResult found = again(model, samples, plan, outcome, outcome.attack, {whole}, context);
      if (const double left = accuracy_at(found.outcomes.front().smallest, whole); left > 0)
        warnings.push_back({"unbounded", outcome.name + " leaves " + percent(left, 1) +
                                             " right where every number may be anything (ε = " + in_digits(whole, 4) +
                                             "): it must reach 0 % there"});
    }
    if (loss_of(outcome.attack, context) == "cross-entropy") {
      Component scale_free = outcome.attack;
      scale_free.settings.set("loss", "scale-free");
      const LaboratoryResult found = again(model, samples, plan, outcome, scale_free, outcome.epsilons, context);
      for (const double epsilon : outcome.epsilons) {
        const auto& better = found.outcomes.front().smallest;
        if (!paired_gain(right_at(outcome.smallest, epsilon), right_at(better, epsilon)).exceeds(least_gain_of_loss))
          continue;
        warnings.push_back(
            {"loss",
             outcome.name + " on the cross-entropy leaves " + percent(accuracy_at(outcome.smallest, epsilon), 1) +
                 " right" + at(epsilon) + ", on the scale-free loss " + percent(accuracy_at(better, epsilon), 1) +
                 ": small logits may hide gradients from the former; add loss = scale-free or dlr to the attacks"});
        break;
      }
    }
    if (outcome.draws) {
      LaboratoryPlan other = plan;
      other.seed = (plan.seed.value_or(context.seed()) + 1) & largest_seed;
      const LaboratoryResult found = again(model, samples, other, outcome, outcome.attack, outcome.epsilons, context);
      for (const double epsilon : outcome.epsilons) {
        std::vector<double> both = found.outcomes.front().smallest;
        for (std::size_t i = 0; i < both.size(); ++i) both[i] = std::min(both[i], outcome.smallest[i]);
        const PairedGain by_seed = paired_gain(right_at(outcome.smallest, epsilon), right_at(both, epsilon));
        if (!by_seed.exceeds(least_gain)) continue;
        warnings.push_back({"seed", "another seed lets " + outcome.name + " fool " + percent(by_seed.points, 1) +
                                        " more of the samples" + at(epsilon) + ": give it more steps or restarts"});
        break;
      }
    }
  }
  return warnings;
}

}  // namespace neurarium
