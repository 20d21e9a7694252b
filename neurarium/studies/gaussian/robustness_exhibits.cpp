#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/robustness_findings.hpp"

namespace neurarium {
namespace {

constexpr std::size_t none = std::size_t(-1);

/// AUROC and FPR95 of max-softmax against one foreign set: ".999, .003".
std::string detection_text(const Knowledge& knowledge, const std::string& foreign) {
  const std::size_t i = foreign_index(knowledge, foreign);
  if (i == none) return "—";
  const Detection& found = score_of(knowledge, "max-softmax").detection[i];
  return rounded(found.auroc, 3) + ", " + rounded(found.fpr95, 3);
}

std::string confidence_text(const Knowledge& knowledge, const std::string& foreign) {
  const std::size_t i = foreign_index(knowledge, foreign);
  return i == none ? "—" : rounded(knowledge.foreign[i].mean_confidence, 3);
}

std::vector<double> radii(const JudgedCandidate& one) { return norms_of(one.attacked.result).front().second; }

Norm first_norm(const JudgedCandidate& one) { return norms_of(one.attacked.result).front().first; }

std::vector<double> worst(const JudgedCandidate& one) { return worst_case(one.attacked.result, first_norm(one)); }

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
    }
  }
  for (const ForeignFinding& foreign : knowledge.foreign)
    add("confidence_" + foreign.name, foreign.mean_confidence, "Mean largest probability on " + foreign.meaning + ".");
  add_attack_figures(context, one.attacked);
}

void add_knowledge_table(RunContext& context, const std::vector<JudgedCandidate>& judged) {
  Table table{"knowledge",
              "What each network knows, and what it knows that it does not know",
              "Confidence: mean largest probability. ECE: expected calibration error, as it is and with a temperature "
              "fitted on "
              "held-out samples. The pairs are AUROC and FPR95 of the largest probability against test samples. T is "
              "left where it "
              "is part of the network.",
              {"network", "right", "confidence", "ECE", "ECE, T", "noise: confidence", "noise", "Gaussian noise",
               "shuffled", "other data", "× 10: confidence", "AURC"},
              {}};
  for (const JudgedCandidate& one : judged) {
    const Knowledge& knowledge = one.knowledge;
    table.rows.push_back({one.candidate.name, percent(knowledge.accuracy, 2), rounded(knowledge.before.confidence, 3),
                          rounded(knowledge.before.expected_error, 3),
                          knowledge.after ? rounded(knowledge.after->expected_error, 3) : "—",
                          confidence_text(knowledge, "uniform_noise"), detection_text(knowledge, "uniform_noise"),
                          detection_text(knowledge, "gaussian_noise"), detection_text(knowledge, "shuffled_pixels"),
                          detection_text(knowledge, "other"), confidence_text(knowledge, "times_10"),
                          rounded(score_of(knowledge, "max-softmax").clean.area, 4)});
  }
  context.add(std::move(table));
}

void add_withstanding_table(RunContext& context, const std::vector<JudgedCandidate>& judged) {
  Table table{
      "withstanding",
      "What each network withstands",
      std::string("Share of the attacked test samples that is right under the attack that is worst for each, ε in ") +
          (first_norm(judged.front()) == Norm::linf ? "L∞" : "L2") +
          "; refusing: right or refused, at the threshold that answers 95 % of the clean samples. Warnings: signs that "
          "attacks failed for the wrong reason.",
      {"network", "how it came to be", "clean"},
      {}};
  const std::vector<double> epsilons = radii(judged.front());
  for (const double epsilon : epsilons) table.columns.push_back("ε = " + in_digits(epsilon, 3));
  for (const double epsilon : epsilons) table.columns.push_back("refusing, " + in_digits(epsilon, 3));
  table.columns.emplace_back("warnings");
  for (const JudgedCandidate& one : judged) {
    const LaboratoryResult& result = one.attacked.result;
    std::vector<std::string> row{one.candidate.name, one.candidate.story, percent(result.clean_accuracy, 1)};
    for (const double epsilon : epsilons) row.push_back(percent(accuracy_at(worst(one), epsilon), 1));
    const auto answered = worst_case(result, first_norm(one), &AttackOutcome::smallest_answered);
    for (const double epsilon : epsilons) row.push_back(percent(accuracy_at(answered, epsilon), 1));
    row.push_back(std::to_string(one.attacked.warnings.size()));
    table.rows.push_back(std::move(row));
  }
  context.add(std::move(table));
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
