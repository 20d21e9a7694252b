// Foreign sets × scores.
#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/uncertainty_exhibits.hpp"

namespace neurarium {
namespace {

/// A row for each foreign set, a column for each score.
template <class Text>
Table by_score(const Knowledge& found, std::string name, std::string title, std::string caption, const Text& text) {
  Table table{std::move(name), std::move(title), std::move(caption), {"foreign samples"}, {}};
  for (const ScoreFinding& score : found.scores) table.columns.push_back(score.name);
  for (std::size_t i = 0; i < found.foreign.size(); ++i) {
    auto& row = table.rows.emplace_back(std::vector<std::string>{found.foreign[i].meaning});
    for (const ScoreFinding& score : found.scores) row.push_back(text(score.detection[i]));
  }
  return table;
}

}  // namespace

void add_detection_tables(RunContext& context, const Knowledge& found, const UncertaintyWords& words) {
  if (found.foreign.empty()) return;
  context.add(
      by_score(found, "auroc", "Does it tell what it does not know?",
               "AUROC: the chance that a score is larger for a clean sample (" + words.clean +
                   ") than for a foreign one. 1: always told apart; 0.5: not at all; below: foreign samples look more "
                   "familiar than known ones.",
               [](const Detection& d) { return rounded(d.auroc, 4); }));
  context.add(by_score(
      found, "fpr95", "How many foreign samples pass for familiar?",
      "FPR95: share of foreign samples that reach the largest threshold which 95 % of the clean ones reach. 0 is "
      "best.",
      [](const Detection& d) { return rounded(d.fpr95, 4); }));
  context.add(by_score(
      found, "aupr", "The same as precision and recall",
      "Average precision, in / out: with clean samples to be found among foreign ones, and the other way round. 1 is "
      "best; it depends on how many there are of each.",
      [](const Detection& d) { return rounded(d.aupr_in, 4) + "\u00a0/\u00a0" + rounded(d.aupr_out, 4); }));
  Array all(DType::f64, {found.scores.size(), found.foreign.size(), 4});
  for (std::size_t s = 0; s < found.scores.size(); ++s)
    for (std::size_t i = 0; i < found.foreign.size(); ++i) {
      const Detection& d = found.scores[s].detection[i];
      const double numbers[] = {d.auroc, d.fpr95, d.aupr_in, d.aupr_out};
      for (std::size_t m = 0; m < 4; ++m) all.as<double>()(s, i, m) = numbers[m];
    }
  context.array("detection", all);
}

}  // namespace neurarium
