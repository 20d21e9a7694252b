// The figures of `uncertainty`, and its answer in one sentence.
#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/uncertainty_exhibits.hpp"

namespace neurarium {
namespace {

void add(RunContext& context, const std::string& name, Value value, const std::string& meaning) {
  context.add(Figure{name, std::move(value), "", meaning, {}, {}});
}

void add_calibration(RunContext& context, const Knowledge& found, const UncertaintyWords& words) {
  add(context, "confidence", found.before.confidence, "Mean largest probability on clean samples.");
  add(context, "ece", found.before.expected_error,
      "Expected calibration error in " + std::to_string(found.before.bins.size()) +
          " bins: mean distance of confidence and accuracy.");
  if (!found.temperature) return;
  add(context, "temperature", found.temperature->temperature,
      "T of softmax(z/T), by " + words.held_out + "; below 1: too modest as it is, above 1: too sure.");
  add(context, "confidence_tempered", found.after->confidence, "Mean largest probability on clean samples, with T.");
  add(context, "ece_tempered", found.after->expected_error, "Expected calibration error, with T.");
}

void add_foreign(RunContext& context, const ForeignFinding& foreign, const Detection& detection,
                 const std::string& score) {
  add(context, "confidence_" + foreign.name, foreign.mean_confidence,
      "Mean largest probability on " + foreign.meaning + ".");
  if (foreign.tempered_confidence)
    add(context, "confidence_tempered_" + foreign.name, *foreign.tempered_confidence, "The same with T.");
  add(context, "auroc_" + foreign.name, detection.auroc,
      "Chance that " + score + " is larger for a clean sample than for " + foreign.meaning + ".");
  add(context, "fpr95_" + foreign.name, detection.fpr95,
      "Share of " + foreign.meaning + " with at least the " + score + " that 95 % of the clean samples have.");
}

}  // namespace

const ScoreFinding& chosen_score(const Knowledge& found, const std::string& name) {
  std::string known;
  for (const ScoreFinding& score : found.scores) {
    if (score.name == name) return score;
    known += (known.empty() ? "" : ", ") + score.name;
  }
  throw SpecError("score: this network has no '" + name + "'" +
                      (name == "support"                  ? ": it has no finite Gaussian layers"
                       : found.why_no_temperature.empty() ? ""
                                                          : ": " + found.why_no_temperature),
                  "choose one of " + known);
}

void add_uncertainty_figures(RunContext& context, const Knowledge& found, const ScoreFinding& chosen,
                             const UncertaintyWords& words) {
  add(context, "accuracy", found.accuracy, "Share right of " + words.clean + ".");
  add_calibration(context, found, words);
  add(context, "aurc", chosen.clean.area,
      "Area under the risk–coverage curve, familiar by " + chosen.name + ": less is better.");
  add(context, "accuracy_when_refusing", *chosen.refusal.right_among_answered,
      "Share right among the 95 % of clean samples that are most familiar by " + chosen.name + ".");
  add(context, "threshold", chosen.threshold, "The " + chosen.name + " below which it would refuse then.");
  for (std::size_t i = 0; i < found.foreign.size(); ++i)
    add_foreign(context, found.foreign[i], chosen.detection[i], chosen.name);
}

std::string uncertainty_answer(const Knowledge& found, const ScoreFinding& chosen) {
  std::string text = "It is right about " + percent(found.accuracy, 2) + " of " + with_commas(found.samples) +
                     " clean samples at a mean confidence of " + rounded(found.before.confidence, 3) +
                     ", calibration error " + rounded(found.before.expected_error, 3);
  if (found.temperature)
    text += " (" + rounded(found.after->expected_error, 3) +
            " with T = " + in_digits(found.temperature->temperature, 3) + ")";
  if (found.foreign.empty()) return text + ".";
  text += "; by " + chosen.name + " these pass for familiar: ";
  for (std::size_t i = 0; i < found.foreign.size(); ++i)
    text += (i == 0 ? "" : ", ") + found.foreign[i].meaning + " " + percent(chosen.detection[i].fpr95, 1);
  return text + ".";
}

}  // namespace neurarium
