// Charts, table and words of dale-cost.
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/cost_findings.hpp"
#include "neurarium/studies/localisation/weights_beside.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

const char* colour_of(const std::string& spike) { return spike == "late" ? "#c4472f" : "#2f6fb3"; }
std::string words_of(const std::string& spike) {
  return spike == "late" ? "spikes a step late" : "spikes in the same step";
}

void add_costs(RunContext& context, const CostFindings& found) {
  Chart chart;
  chart.name = "costs", chart.title = "What Dale's law costs";
  chart.caption =
      "Accuracy on the test of networks without the law, less that of those which keep it, of the same update order; "
      "mean over the "
      "starts. Points: means; lines: 95 % intervals (Welch). What crosses 0 is no cost that these networks show.";
  chart.x_label = "points of test accuracy that the law costs", chart.y_label = "rule";
  double row = 0;
  for (const std::string& spike : found.spikes) {
    Trace points, lines;
    points.kind = Trace::Kind::points;
    points.name = words_of(spike), points.colour = lines.colour = colour_of(spike);
    for (const std::string& rule : found.rules) {
      const MeanDifference cost = found.cost(rule, spike);
      row += 1;
      points.x.push_back(100 * cost.mean), points.y.push_back(row), points.labels.push_back(rule);
      if (!std::isfinite(cost.low)) continue;
      lines.x.insert(lines.x.end(), {100 * cost.low, 100 * cost.high, NAN});
      lines.y.insert(lines.y.end(), {row, row, NAN});
    }
    if (!lines.x.empty()) chart.traces.push_back(std::move(lines));
    chart.traces.push_back(std::move(points));
  }
  Trace none;
  none.colour = "#888888", none.name = "no cost", none.x = {0, 0};
  none.y = {0.5, row + 0.5};
  chart.traces.push_back(std::move(none));
  context.add(std::move(chart));
}

void add_accuracies(RunContext& context, const CostFindings& found) {
  Chart chart;
  chart.name = "accuracies", chart.title = "Every network";
  chart.caption = "Accuracy on the same test sounds: each network a point, the mean of each kind a stroke.";
  chart.x_label = "accuracy on the test, %", chart.y_label = "kind of network, number in the table";
  for (const std::string& spike : found.spikes) {
    Trace points, means;
    points.kind = Trace::Kind::points, points.name = words_of(spike);
    points.colour = means.colour = colour_of(spike);
    for (std::size_t i = 0; i < found.conditions.size(); ++i) {
      const CostCondition& c = found.conditions[i];
      if (c.spike != spike) continue;
      const double y = static_cast<double>(i + 1), mean = 100 * summarise(c.tests()).mean;
      for (const double test : c.tests()) points.x.push_back(100 * test), points.y.push_back(y);
      means.x.insert(means.x.end(), {mean, mean, NAN}), means.y.insert(means.y.end(), {y + 0.4, y - 0.4, NAN});
    }
    chart.traces.push_back(std::move(means));
    chart.traces.push_back(std::move(points));
  }
  context.add(std::move(chart));
}

void add_table(RunContext& context, const CostFindings& found) {
  Table table{
      "kinds",
      "Every kind of network",
      "Accuracies in per cent; standard deviations of the sample (ddof 1). 95 %: of the mean (Student's t). Cost: in "
      "points, with its 95 % interval (Welch), not corrected for so many comparisons.",
      {"no.", "spikes", "rule", "start", "test", "95 %", "cost", "each test", "training", "hidden, Hz", "epochs"},
      {}};
  for (const CostCondition& c : found.conditions) {
    double epochs = 0;
    for (const LocalisationOutcome& run : c.runs) epochs += static_cast<double>(run.history.size());
    table.rows.push_back({std::to_string(table.rows.size() + 1), c.spike, c.rule, c.start, mean_and_sd(c.tests()),
                          interval(c.tests()), c.rule == "none" ? "—" : in_points(found.cost(c)), every_one(c.tests()),
                          mean_and_sd(c.of(&LocalisationOutcome::train_accuracy)),
                          rounded(summarise(c.of(&LocalisationOutcome::hidden_rate_hz)).mean, 0),
                          rounded(epochs / static_cast<double>(c.runs.size()), 1)});
  }
  context.add(std::move(table));
}

void add_claim(RunContext& context, const CostFindings& found) {
  if (found.conditions.front().runs.size() < 2) return;
  std::string text =
      "The notebook ends with a hint that networks can be trained under Dale's law without loss of performance, and "
      "never "
      "trains one without it.";
  for (const std::string& spike : found.spikes) {
    std::string free, dear;
    for (const std::string& rule : found.rules) {
      const MeanDifference cost = found.cost(rule, spike);
      std::string& list = cost.low > 0 ? dear : free;
      list += (list.empty() ? "" : ", ") + rule + " " + in_points(cost);
    }
    text += " In networks with " + words_of(spike) + ", ";
    text += dear.empty()   ? "no rule's cost can be told from 0: " + free
            : free.empty() ? "every rule costs: " + dear
                           : "these rules cost: " + dear + "; the cost of these can't be told from 0: " + free;
    text += ".";
  }
  context.add(Remark{"What the notebook says, and what came out",
                     text + " Numbers are points of test accuracy, mean over the starts, with 95 % intervals."});
}

}  // namespace

void add_cost_exhibits(RunContext& context, const CostFindings& found) {
  add_costs(context, found);
  add_claim(context, found);
  add_accuracies(context, found);
  add_table(context, found);
  std::vector<const LocalisationOutcome*> first;
  std::vector<std::string> names, numbers;
  for (std::size_t i = 0; i < found.conditions.size(); ++i) {
    const CostCondition& c = found.conditions[i];
    if (c.start != found.starts.front()) continue;
    first.push_back(&c.runs.front());
    names.push_back(c.rule + ", " + c.spike), numbers.push_back(std::to_string(i + 1));
  }
  context.add(weights_beside(first, numbers, "kind, by its number in the table"));
  context.add(loss_chart(first, names, false));
  context.add(loss_chart(first, names, true));
  context.array("test_accuracy", tests_of_all(all_of(found.conditions)));
}

}  // namespace neurarium
