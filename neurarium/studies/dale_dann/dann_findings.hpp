// What dale-dann found, and the exhibits that show it.
#pragma once

#include <string>

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/dale_dann/dann_runs.hpp"

namespace neurarium {

struct DannFindings {
  std::string dataset;
  Shape entry;  ///< of one sample
  std::size_t train_samples = 0, test_samples = 0, classes = 0;
  std::size_t epochs = 0;                                            ///< that each network was to learn for
  std::array<std::vector<DannOutcome>, dann_kinds.size()> outcomes;  ///< by kind, then repeat
  std::size_t repeats() const { return outcomes[0].size(); }
  const std::vector<DannOutcome>& of(DannKind kind) const { return outcomes[static_cast<std::size_t>(kind)]; }
  std::vector<double> tests(DannKind kind) const;
};

void add_dann_figures(RunContext& context, const DannFindings& found);
void add_dann_exhibits(RunContext& context, const DannFindings& found);
std::string dann_answer(const DannFindings& found);

}  // namespace neurarium
