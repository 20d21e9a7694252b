// Confidence by kind of sample, reliability, risk and coverage.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/knowledge_charts.hpp"
#include "neurarium/studies/gaussian/uncertainty_exhibits.hpp"

namespace neurarium {
namespace {

constexpr std::size_t bars = 25;  // of the histogram of confidences

Table bins_table(const Knowledge& found) {
  Table table{"calibration-bins",
              "The bins of the reliability diagram",
              "Clean samples by the probability that the network gives its answer.",
              {"confidence", "samples", "mean confidence", "accuracy"},
              {}};
  if (found.after)
    table.columns.insert(table.columns.end(), {"samples with T", "mean confidence with T", "accuracy with T"});
  const auto cells = [](const Calibration::Bin& bin) {
    if (bin.samples == 0) return std::vector<std::string>{"0", "—", "—"};
    return std::vector<std::string>{with_commas(bin.samples), percent(bin.confidence, 1), percent(bin.accuracy, 1)};
  };
  const auto count = static_cast<double>(found.before.bins.size());
  for (std::size_t b = 0; b < found.before.bins.size(); ++b) {
    const Calibration::Bin &before = found.before.bins[b],
                           after = found.after ? found.after->bins[b] : Calibration::Bin{};
    if (before.samples == 0 && after.samples == 0) continue;
    const auto low = static_cast<double>(b);
    auto& row = table.rows.emplace_back(
        std::vector<std::string>{rounded(100 * low / count, 1) + "–" + percent((low + 1) / count, 1)});
    for (std::string& cell : cells(before)) row.push_back(std::move(cell));
    if (!found.after) continue;
    for (std::string& cell : cells(after)) row.push_back(std::move(cell));
  }
  return table;
}

}  // namespace

void add_confidence_chart(RunContext& context, const Knowledge& found, const UncertaintyWords& words) {
  Chart chart;
  chart.name = "confidence";
  chart.title = "How sure is it of what?";
  chart.caption = "Share of the samples of each kind by the largest probability that the network gives, in " +
                  std::to_string(bars) + " steps; clean: " + words.clean +
                  ". A network that knows its limits is sure on the right for clean samples only, "
                  "and for all others says 1/" +
                  std::to_string(found.classes) + " = " + in_digits(1 / static_cast<double>(found.classes), 3) + ".";
  chart.x_label = "confidence";
  chart.y_label = "samples, %";
  Trace& clean = chart.traces.emplace_back(confidence_histogram("clean", found.confidence, bars));
  clean.kind = Trace::Kind::bars;
  clean.colour = "#9db4c8";
  for (const ForeignFinding& foreign : found.foreign)
    chart.traces.push_back(confidence_histogram(foreign.meaning, foreign.confidence, bars));
  context.add(std::move(chart));
  Table table{"confidence-by-kind",
              "Mean confidence",
              found.after ? "The mean largest probability, as the network says it and with the temperature."
                          : "The mean largest probability.",
              {"samples", "mean confidence"},
              {{"clean", rounded(found.before.confidence, 4)}}};
  if (found.after) {
    table.columns.emplace_back("with T = " + in_digits(found.temperature->temperature, 4));
    table.rows.front().push_back(rounded(found.after->confidence, 4));
  }
  for (const ForeignFinding& foreign : found.foreign) {
    auto& row = table.rows.emplace_back(std::vector<std::string>{foreign.meaning, rounded(foreign.mean_confidence, 4)});
    if (foreign.tempered_confidence) row.push_back(rounded(*foreign.tempered_confidence, 4));
  }
  context.add(std::move(table));
}

void add_reliability(RunContext& context, const Knowledge& found, const UncertaintyWords& words) {
  Trace ideal;
  ideal.name = "as sure as right";
  ideal.x = ideal.y = {0, 100};
  ideal.colour = "#999";
  std::vector<Trace> traces = {std::move(ideal), reliability_line("as it says", found.before, 100)};
  std::string caption =
      "Clean samples in " + std::to_string(found.before.bins.size()) +
      " bins by confidence: how often it is right, against how sure it is. Below the line it is too sure. Expected "
      "calibration error " +
      percent(found.before.expected_error, 2);
  if (found.after) {
    traces.push_back(reliability_line("with T = " + in_digits(found.temperature->temperature, 3), *found.after, 100));
    caption += ", with the temperature " + percent(found.after->expected_error, 2) + ". T was fitted on " +
               words.held_out + "; it changes no answer";
  } else if (!found.why_no_temperature.empty()) {
    caption += ". There is no temperature (" + found.why_no_temperature + ")";
  }
  context.add(Chart{"reliability", "Is it as often right as it is sure?", caption + ". Bins with few samples jump.",
                    "mean confidence, %", "accuracy, %", "", std::move(traces), false, true});
  context.add(bins_table(found));
}

void add_risk_coverage(RunContext& context, const Knowledge& found, const UncertaintyWords& words) {
  Chart chart;
  chart.name = "risk-coverage";
  chart.title = "What does refusing buy?";
  chart.caption =
      "Errors among the answers, if only the most familiar samples are answered (" + words.clean +
      "), familiar by each of the scores. The further down, the better the score sorts; the area below is AURC.";
  chart.x_label = "answered, %";
  chart.y_label = "errors among them, %";
  constexpr std::size_t points = 200;
  for (const ScoreFinding& score : found.scores) {
    Trace& trace = chart.traces.emplace_back();
    trace.name = score.name;
    const std::size_t n = score.clean.risk.size();
    for (std::size_t k = 1; k <= std::min(points, n); ++k) {
      const std::size_t i = k * n / std::min(points, n);
      trace.x.push_back(100 * static_cast<double>(i) / static_cast<double>(n));
      trace.y.push_back(100 * score.clean.risk[i - 1]);
    }
  }
  context.add(std::move(chart));
  Table table{"coverage",
              "How right it is when it may refuse",
              "Share right among the most familiar clean samples, by how many are answered. Threshold: the largest "
              "score that 95 % of "
              "the clean samples reach.",
              {"familiar by", "AURC", "100\u00a0%", "99\u00a0%", "95\u00a0%", "90\u00a0%", "80\u00a0%", "50\u00a0%",
               "threshold"},
              {}};
  for (const ScoreFinding& score : found.scores) {
    auto& row = table.rows.emplace_back(std::vector<std::string>{score.name, rounded(score.clean.area, 5)});
    for (const double coverage : {1.0, 0.99, 0.95, 0.9, 0.8, 0.5})
      row.push_back(percent(score.clean.accuracy_at(coverage), 2));
    row.push_back(in_digits(score.threshold, 4));
  }
  context.add(std::move(table));
}

}  // namespace neurarium
