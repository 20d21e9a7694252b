// How the findings of eventprop-anatomy are shown: one file each for figures, charts, tables with claims, and the picture.
#pragma once

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/eventprop/anatomy_findings.hpp"

namespace neurarium::anatomy {

void add_anatomy_figures(RunContext& context, const AnatomyFindings& found);
void add_forward_charts(RunContext& context, const AnatomyFindings& found);
void add_lambda_charts(RunContext& context, const AnatomyFindings& found);
void add_study_charts(RunContext& context, const AnatomyFindings& found);
void add_random_charts(RunContext& context, const AnatomyFindings& found);
void add_last_charts(RunContext& context, const AnatomyFindings& found);
void add_anatomy_tables(RunContext& context, const AnatomyFindings& found);
/// Euler's λ_V − λ_I and the exact one around the spikes, drawn.
Picture anatomy_picture(const AnatomyFindings& found);

/// A remark of the notebook, and what became of it.
struct AnatomyClaim {
  std::string name, remark, euler, exact, verdict;
  bool survives = false;
};
std::vector<AnatomyClaim> claims_of(const AnatomyFindings& found);
std::string anatomy_answer(const AnatomyFindings& found);

/// Whether V, I and λ are those of the notebook's explicit spikes: only then its printed numbers stand beside.
bool is_the_notebooks(const AnatomyParams& params);
/// x · 10⁴ with so many digits behind the point.
std::string in_ten_thousandths(double x, int digits = 4);

}  // namespace neurarium::anatomy
