// What gaussian-robustness finds of each candidate, its tables, and the claims that they bear out or not.
#pragma once

#include "neurarium/robustness/knowledge.hpp"
#include "neurarium/studies/gaussian/attack_findings.hpp"
#include "neurarium/studies/gaussian/robustness_recipes.hpp"

namespace neurarium {

struct JudgedCandidate {
  Candidate candidate;
  Knowledge knowledge;
  AttackedNetwork attacked;
};

/// What foreign data are called in Knowledge, and the number of the one with this name.
std::size_t foreign_index(const Knowledge& knowledge, const std::string& name);
/// Of max-softmax.
const ScoreFinding& score_of(const Knowledge& knowledge, const std::string& name);

/// A sentence and whether the figures of this run bear it out.
struct Claim {
  std::string name;  ///< of its figure
  std::string text;
  bool held = false;
  std::string evidence;
};
std::vector<Claim> claims_about(const std::vector<JudgedCandidate>& judged, const std::string& dataset,
                                double adversarial_epsilon);

void add_candidate_figures(RunContext& context, const JudgedCandidate& judged);
void add_knowledge_table(RunContext& context, const std::vector<JudgedCandidate>& judged);
void add_withstanding_table(RunContext& context, const std::vector<JudgedCandidate>& judged);
/// Networks and their scores × foreign sets.
void add_detection_table(RunContext& context, const std::vector<JudgedCandidate>& judged);
/// Networks × attacks.
void add_attacks_table(RunContext& context, const std::vector<JudgedCandidate>& judged);
void add_confidence_chart(RunContext& context, const std::vector<JudgedCandidate>& judged);
void add_claims(RunContext& context, const std::vector<Claim>& claims);

}  // namespace neurarium
