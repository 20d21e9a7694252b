// The tables of gaussian-robustness: a row for each network.
#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/robustness_findings.hpp"

namespace neurarium {
namespace {

/// AUROC and FPR95 of max-softmax against one foreign set: ".999, .003".
std::string detection_text(const Knowledge& knowledge, const std::string& foreign) {
  const std::size_t i = foreign_index(knowledge, foreign);
  if (i >= knowledge.foreign.size()) return "—";
  const Detection& found = score_of(knowledge, "max-softmax").detection[i];
  return rounded(found.auroc, 3) + ", " + rounded(found.fpr95, 3);
}

std::string confidence_text(const Knowledge& knowledge, const std::string& foreign) {
  const std::size_t i = foreign_index(knowledge, foreign);
  return i >= knowledge.foreign.size() ? "—" : rounded(knowledge.foreign[i].mean_confidence, 3);
}

std::vector<double> radii(const JudgedCandidate& one) { return norms_of(one.attacked.result).front().second; }

Norm first_norm(const JudgedCandidate& one) { return norms_of(one.attacked.result).front().first; }

std::vector<double> worst(const JudgedCandidate& one) { return worst_case(one.attacked.result, first_norm(one)); }

}  // namespace

void add_knowledge_table(RunContext& context, const std::vector<JudgedCandidate>& judged) {
  Table table{"knowledge",
              "What each network knows, and what it knows that it does not know",
              "Confidence: mean largest probability. ECE: expected calibration error, as it is and with a temperature "
              "fitted on "
              "held-out samples. The pairs are AUROC and FPR95 of the largest probability against test samples. T is "
              "left where it "
              "is part of the network.",
              {"network", "right", "confidence", "ECE", "ECE, T", "noise: confidence", "noise", "Gaussian noise",
               "shuffled", "other data", "× 2: confidence", "× 10: confidence", "AURC"},
              {}};
  for (const JudgedCandidate& one : judged) {
    const Knowledge& knowledge = one.knowledge;
    table.rows.push_back({one.candidate.name, percent(knowledge.accuracy, 2), rounded(knowledge.before.confidence, 3),
                          rounded(knowledge.before.expected_error, 3),
                          knowledge.after ? rounded(knowledge.after->expected_error, 3) : "—",
                          confidence_text(knowledge, "uniform_noise"), detection_text(knowledge, "uniform_noise"),
                          detection_text(knowledge, "gaussian_noise"), detection_text(knowledge, "shuffled_pixels"),
                          detection_text(knowledge, "other"), confidence_text(knowledge, "times_2"),
                          confidence_text(knowledge, "times_10"),
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
          "; refusing: right or refused, at the threshold that answers 95 % of the clean samples. Median ε: the "
          "smallest change that fools, over the samples that are right unchanged. Warnings: signs that "
          "attacks failed for the wrong reason.",
      {"network", "how it came to be", "clean"},
      {}};
  const std::vector<double> epsilons = radii(judged.front());
  for (const double epsilon : epsilons) table.columns.push_back("ε = " + in_digits(epsilon, 3));
  for (const double epsilon : epsilons) table.columns.push_back("refusing, " + in_digits(epsilon, 3));
  table.columns.emplace_back("median ε");
  table.columns.emplace_back("warnings");
  for (const JudgedCandidate& one : judged) {
    const LaboratoryResult& result = one.attacked.result;
    std::vector<std::string> row{one.candidate.name, one.candidate.story, percent(result.clean_accuracy, 1)};
    for (const double epsilon : epsilons) row.push_back(percent(accuracy_at(worst(one), epsilon), 1));
    const auto answered = worst_case(result, first_norm(one), &AttackOutcome::smallest_answered);
    for (const double epsilon : epsilons) row.push_back(percent(accuracy_at(answered, epsilon), 1));
    row.push_back(median_text(worst(one), epsilons.back()));
    row.push_back(std::to_string(one.attacked.warnings.size()));
    table.rows.push_back(std::move(row));
  }
  context.add(std::move(table));
}

void add_detection_table(RunContext& context, const std::vector<JudgedCandidate>& judged) {
  Table table{"detection",
              "Every score of every network against everything foreign",
              "AUROC, FPR95, and average precision with test samples to be found / with foreign ones to be found. "
              "Support: the largest g of the last finite Gaussian layer.",
              {"network", "score"},
              {}};
  for (const ForeignFinding& foreign : judged.front().knowledge.foreign) table.columns.push_back(foreign.meaning);
  for (const JudgedCandidate& one : judged)
    for (const ScoreFinding& score : one.knowledge.scores) {
      std::vector<std::string> row{one.candidate.name, score.name};
      for (const Detection& found : score.detection)
        row.push_back(rounded(found.auroc, 3) + ", " + rounded(found.fpr95, 3) + ", " + rounded(found.aupr_in, 3) +
                      "\u00a0/\u00a0" + rounded(found.aupr_out, 3));
      table.rows.push_back(std::move(row));
    }
  context.add(std::move(table));
}

void add_attacks_table(RunContext& context, const std::vector<JudgedCandidate>& judged) {
  const std::vector<double> epsilons = radii(judged.front());
  std::string at;
  for (const double epsilon : epsilons) at += (at.empty() ? "" : " / ") + in_digits(epsilon, 3);
  Table table{"each-attack",
              "What each attack leaves",
              "Share of the attacked test samples that is right, in per cent, at ε = " + at + ".",
              {"network"},
              {}};
  for (const AttackOutcome& outcome : judged.front().attacked.result.outcomes) table.columns.push_back(outcome.name);
  for (const JudgedCandidate& one : judged) {
    auto& row = table.rows.emplace_back(std::vector<std::string>{one.candidate.name});
    for (const AttackOutcome& outcome : one.attacked.result.outcomes) {
      std::string shares;
      for (const double epsilon : outcome.epsilons)
        shares += (shares.empty() ? "" : " / ") + rounded(100 * accuracy_at(outcome.smallest, epsilon), 1);
      row.push_back(std::move(shares));
    }
  }
  context.add(std::move(table));
}

}  // namespace neurarium
