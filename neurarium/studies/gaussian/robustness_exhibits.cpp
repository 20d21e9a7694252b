// Figures, the chart and the claims of gaussian-robustness.
#include <algorithm>

#include "neurarium/studies/gaussian/robustness_findings.hpp"

namespace neurarium {
namespace {

constexpr std::size_t none = std::size_t(-1);

}  // namespace

std::size_t foreign_index(const Knowledge& knowledge, const std::string& name) {
  const auto found = std::ranges::find(knowledge.foreign, name, &ForeignFinding::name);
  return found == knowledge.foreign.end() ? none : static_cast<std::size_t>(found - knowledge.foreign.begin());
}

const ScoreFinding& score_of(const Knowledge& knowledge, const std::string& name) {
  return *std::ranges::find(knowledge.scores, name, &ScoreFinding::name);
}

void add_candidate_figures(RunContext& context, const JudgedCandidate& one) {
  const Knowledge& knowledge = one.knowledge;
  const auto add = [&](const std::string& name, Value value, const std::string& meaning) {
    context.add(Figure{figure_key(one.candidate.name) + "_" + name, std::move(value), "", meaning, {}, {}});
  };
  add("accuracy", knowledge.accuracy, "Share of the test samples that is right.");
  add("confidence", knowledge.before.confidence, "Mean largest probability on test samples.");
  add("calibration_error", knowledge.before.expected_error, "Expected calibration error, 15 bins.");
  if (knowledge.after) add("tempered_calibration_error", knowledge.after->expected_error, "The same of softmax(z/T).");
  if (knowledge.temperature)
    add("temperature", knowledge.temperature->temperature, "T that fits held-out samples best.");
  for (const ScoreFinding& score : knowledge.scores) {
    add(figure_key(score.name) + "_aurc", score.clean.area, "Area under the risk–coverage curve.");
    for (std::size_t i = 0; i < score.detection.size(); ++i) {
      add(figure_key(score.name) + "_auroc_" + knowledge.foreign[i].name, score.detection[i].auroc,
          "How well the score tells test samples from these.");
      add(figure_key(score.name) + "_fpr95_" + knowledge.foreign[i].name, score.detection[i].fpr95,
          "Share of these that passes where 95 % of the test samples do.");
      add(figure_key(score.name) + "_aupr_in_" + knowledge.foreign[i].name, score.detection[i].aupr_in,
          "Average precision where test samples are to be found among these.");
      add(figure_key(score.name) + "_aupr_out_" + knowledge.foreign[i].name, score.detection[i].aupr_out,
          "Average precision where these are to be found among test samples.");
    }
  }
  for (const ForeignFinding& foreign : knowledge.foreign)
    add("confidence_" + foreign.name, foreign.mean_confidence, "Mean largest probability on " + foreign.meaning + ".");
  add_attack_figures(context, one.attacked);
}

void add_confidence_chart(RunContext& context, const std::vector<JudgedCandidate>& judged) {
  Chart chart;
  chart.name = "confidence";
  chart.title = "How sure each network is of what it can't know";
  chart.caption =
      "Mean largest probability on test samples and on some foreign data; the table has the rest. A network that knows "
      "what it does not know is high on the first and near 1/classes on the others.";
  chart.y_label = "mean confidence";
  const auto add = [&](const std::string& name, const auto& value) {
    Trace trace;
    trace.kind = Trace::Kind::bars, trace.name = name;
    for (const JudgedCandidate& one : judged) {
      trace.y.push_back(value(one.knowledge));
      trace.labels.push_back(one.candidate.name);
    }
    chart.traces.push_back(std::move(trace));
  };
  add("test samples", [](const Knowledge& k) { return k.before.confidence; });
  for (const char* name : {"uniform_noise", "shuffled_pixels", "other", "times_10"}) {
    const std::size_t i = foreign_index(judged.front().knowledge, name);
    if (i == none) continue;
    add(judged.front().knowledge.foreign[i].meaning, [i](const Knowledge& k) { return k.foreign[i].mean_confidence; });
  }
  context.add(std::move(chart));
}

void add_claims(RunContext& context, const std::vector<Claim>& claims) {
  Table table{"claims", "What is claimed, and whether it held in this run", "", {"claim", "held", "figures"}, {}};
  for (const Claim& claim : claims) {
    table.rows.push_back({claim.text, claim.held ? "yes" : "no", claim.evidence});
    context.add(Figure{"claim_" + claim.name, claim.held, "", claim.text, {}, {}});
  }
  context.add(std::move(table));
}

}  // namespace neurarium
