// Charts, table and pictures of dale-ratio.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/ratio_findings.hpp"
#include "neurarium/studies/localisation/weights_beside.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

std::vector<double> of(const RatioCondition& condition, double LocalisationOutcome::*figure) {
  return each(condition.runs, figure);
}

/// The mean of a figure by fraction (in per cent), and its band of ± the population's standard deviation.
void add_curve(Chart& chart, const RatioFindings& found, const char* name, double LocalisationOutcome::*figure,
               double factor) {
  Trace band, line;
  band.kind = Trace::Kind::band, band.name = std::string(name) + " ± sd";
  line.name = name;
  const std::size_t n = found.conditions.size();
  band.x.resize(2 * n), band.y.resize(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<double> numbers = of(found.conditions[i], figure);
    const double mean = factor * summarise(numbers).mean, sd = factor * population_sd(numbers);
    band.x[i] = band.x[2 * n - 1 - i] = 100 * found.conditions[i].fraction;
    band.y[i] = mean + sd, band.y[2 * n - 1 - i] = mean - sd;
    line.x.push_back(band.x[i]), line.y.push_back(mean);
  }
  if (found.repeats() > 1) chart.traces.push_back(std::move(band));
  chart.traces.push_back(std::move(line));
}

const char* share_label = "inhibitory units, %";

void add_curves(RunContext& context, const RatioFindings& found) {
  const std::string spread =
      found.repeats() > 1 ? " Lines: means over " + std::to_string(found.repeats()) +
                                " networks; bands: ± their standard deviation, of the population (ddof 0), as the "
                                "notebook draws it."
                          : " One network each.";
  Chart accuracy;
  accuracy.name = "accuracy", accuracy.title = "How well they tell, by the share of inhibitory units";
  accuracy.caption =
      "Share of the sounds whose direction is told: of those they learned from, and of a test set of "
      "each network's own." +
      spread;
  accuracy.x_label = share_label, accuracy.y_label = "accuracy, %";
  add_curve(accuracy, found, "training", &LocalisationOutcome::train_accuracy, 100);
  add_curve(accuracy, found, "test", &LocalisationOutcome::test_accuracy, 100);
  Trace runs;
  runs.kind = Trace::Kind::points, runs.name = "test, each network", runs.colour = "#7a2430";
  for (const RatioCondition& condition : found.conditions)
    for (const LocalisationOutcome& run : condition.runs)
      runs.x.push_back(100 * condition.fraction), runs.y.push_back(100 * run.test_accuracy);
  if (found.repeats() > 1) accuracy.traces.push_back(std::move(runs));
  Trace guessing;
  const double chance = 100. / static_cast<double>(found.settings.task.classes);
  guessing.name = "guessing";
  guessing.x = {100 * found.conditions.front().fraction, 100 * found.conditions.back().fraction};
  guessing.y = {chance, chance};
  guessing.colour = "#888888";
  accuracy.traces.push_back(std::move(guessing));
  context.add(std::move(accuracy));

  Chart rates;
  rates.name = "rates", rates.title = "How fast the hidden units fire";
  rates.caption = "Mean firing rate over the hidden units during the test." + spread;
  rates.x_label = share_label, rates.y_label = "Hz";
  add_curve(rates, found, "hidden units", &LocalisationOutcome::hidden_rate_hz, 1);
  context.add(std::move(rates));
}

void add_table(RunContext& context, const RatioFindings& found) {
  const RatioVerdict verdict = verdict_of(found);
  const bool several = found.repeats() > 1;
  Table table{
      "conditions",
      "Every network",
      std::string("Accuracies in per cent. sd: of the population (ddof 0), and of the sample (ddof 1). Behind the "
                  "best: difference of the means, with its 95 % interval by Welch's t, not corrected for so many "
                  "comparisons, nor for the best one being picked because it is; one that holds 0 is no "
                  "difference that these networks show."),
      {"inhibitory", "training", "validation", "test", "sd, ddof 0", "sd, ddof 1", "each test", "behind the best",
       "hidden, Hz", "epochs"},
      {}};
  for (std::size_t i = 0; i < found.conditions.size(); ++i) {
    const RatioCondition& condition = found.conditions[i];
    const std::vector<double> tests = of(condition, &LocalisationOutcome::test_accuracy);
    const SampleSummary test = summarise(tests);
    const auto mean = [&](double LocalisationOutcome::*figure) { return summarise(of(condition, figure)).mean; };
    std::string all, epochs;
    for (const LocalisationOutcome& run : condition.runs) {
      all += (all.empty() ? "" : ", ") + rounded(100 * run.test_accuracy, 1);
      epochs += (epochs.empty() ? "" : ", ") + std::to_string(run.history.size());
    }
    const MeanDifference& d = verdict.from_best[i];
    const std::string behind =
        i == verdict.best ? "the best"
        : !several        ? rounded(100 * d.mean, 1)
                   : rounded(100 * d.mean, 1) + " (" + rounded(100 * d.low, 1) + " … " + rounded(100 * d.high, 1) + ")";
    table.rows.push_back(
        {short_digits(condition.fraction, 3), rounded(100 * mean(&LocalisationOutcome::train_accuracy), 1),
         rounded(100 * mean(&LocalisationOutcome::validation_accuracy), 1), rounded(100 * test.mean, 1),
         several ? rounded(100 * population_sd(tests), 1) : "—", rounded(100 * test.sd, 1), all, behind,
         rounded(mean(&LocalisationOutcome::hidden_rate_hz), 0), epochs});
  }
  context.add(std::move(table));
}

void add_claim(RunContext& context, const RatioFindings& found) {
  const RatioVerdict verdict = verdict_of(found);
  if (!std::isfinite(verdict.middle.low)) return;
  const auto points = [](double share) { return rounded(100 * share, 1); };
  context.add(Remark{
      "What the notebook says, and what came out",
      "The notebook reads off its plot of three networks each that \"40-60 ratio is best\". Here networks with 0.4 "
      "to 0.6 are " +
          points(verdict.middle.mean) +
          " points better on the test than their neighbours with 0.2 to 0.8 (95 % "
          "interval: " +
          points(verdict.middle.low) + " … " + points(verdict.middle.high) + "): " +
          (verdict.middle.low > 0    ? "the middle is better than what lies beside it."
           : verdict.middle.high < 0 ? "what lies beside the middle is better."
                                     : "these networks do not settle it.") +
          " A best share of few networks says little: seeds alone move a network by several points."});
}

}  // namespace

void add_ratio_exhibits(RunContext& context, const RatioFindings& found) {
  add_curves(context, found);
  add_claim(context, found);
  add_table(context, found);
  std::vector<const LocalisationOutcome*> first;
  std::vector<std::string> names;
  for (const RatioCondition& condition : found.conditions) {
    first.push_back(&condition.runs.front());
    names.push_back(short_digits(condition.fraction, 3));
  }
  context.add(weights_beside(first, names, "share of inhibitory units"));
  context.add(loss_chart(first, names, false));
  context.add(loss_chart(first, names, true));
  Array tests(DType::f64, {found.conditions.size(), found.repeats()});
  for (std::size_t i = 0; i < found.conditions.size(); ++i)
    for (std::size_t r = 0; r < found.repeats(); ++r)
      tests.as<double>()(i, r) = found.conditions[i].runs[r].test_accuracy;
  context.array("test_accuracy", tests);
}

}  // namespace neurarium
