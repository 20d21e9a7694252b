// Charts, table and words of dale-learned-signs.
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/signs_findings.hpp"
#include "neurarium/studies/localisation/weights_beside.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

constexpr const char* fibres_colour = "#2f6fb3";
constexpr const char* hidden_colour = "#c4472f";

std::vector<double> starts_of(const SignsFindings& found) {
  std::vector<double> x;
  for (const SignsCondition& c : found.conditions) x.push_back(100 * c.fraction);
  return x;
}

void add_shares(RunContext& context, const SignsFindings& found) {
  Chart chart;
  chart.name = "shares", chart.title = "Which share of inhibition comes out";
  chart.caption =
      "Share of units whose learned sign is negative after training, by the share that they began with. Points: every "
      "network; lines: means; bands: their 95 % intervals. On the grey slope nothing changes; between the level lines "
      "lies what the notebook calls best, 40–60 %.";
  chart.x_label = "inhibitory at the start, %", chart.y_label = "inhibitory after training, %";
  const std::vector<double> x = starts_of(found);
  for (const SignedLayer layer : {SignedLayer::fibres, SignedLayer::hidden}) {
    std::vector<std::vector<double>> ends;
    for (const SignsCondition& c : found.conditions) ends.push_back(c.of(layer, &SignsOfLayer::inhibitory));
    const bool fibres = layer == SignedLayer::fibres;
    add_spread(chart, fibres ? "fibres" : "hidden units", fibres ? fibres_colour : hidden_colour, x, ends, 100);
  }
  Trace same, best;
  same.name = "as they began", same.colour = "#888888", same.x = same.y = {x.front(), x.back()};
  best.name = "40 and 60 %", best.colour = "#bbbbbb";
  best.x = {x.front(), x.back(), NAN, x.front(), x.back()}, best.y = {40, 40, NAN, 60, 60};
  chart.traces.push_back(std::move(same)), chart.traces.push_back(std::move(best));
  context.add(std::move(chart));
}

void add_accuracy(RunContext& context, const SignsFindings& found) {
  Chart chart;
  chart.name = "accuracy", chart.title = "Is it better to learn the signs?";
  chart.caption =
      "Accuracy on the test, by the share of inhibition that networks began with. Points: every network; lines: "
      "means; bands: their 95 % intervals.";
  chart.x_label = "inhibitory at the start, %", chart.y_label = "accuracy, %";
  std::vector<std::vector<double>> learned, fixed;
  for (const SignsCondition& c : found.conditions)
    learned.push_back(c.learned.tests()), fixed.push_back(c.fixed.tests());
  const std::vector<double> x = starts_of(found);
  add_spread(chart, "learned signs", "#3c8d5a", x, learned, 100);
  if (!fixed.front().empty()) add_spread(chart, "fixed signs", "#7a5195", x, fixed, 100);
  context.add(std::move(chart));
}

void add_table(RunContext& context, const SignsFindings& found) {
  Table table{
      "starts",
      "Every start",
      "Shares in per cent, mean ± standard deviation of the sample (ddof 1). Turned: units that began with the other "
      "sign, to inhibition / to excitation. Weight: share of inhibition in the sum of |W|. Sure: mean |tanh(s)|. "
      "Better than fixed: points of test accuracy, with the 95 % interval (Welch).",
      {"start", "layer", "inhibitory after", "95 %", "turned", "weight", "sure", "test", "fixed signs, test",
       "better than fixed"},
      {}};
  for (const SignsCondition& c : found.conditions)
    for (const SignedLayer layer : {SignedLayer::fibres, SignedLayer::hidden}) {
      const auto share = [&](double SignsOfLayer::*figure) { return 100 * summarise(c.of(layer, figure)).mean; };
      const std::vector<double> ends = c.of(layer, &SignsOfLayer::inhibitory);
      const bool fibres = layer == SignedLayer::fibres, has_fixed = !c.fixed.runs.empty();
      table.rows.push_back(
          {rounded(100 * c.fraction, 0) + " %", fibres ? "fibres" : "hidden units", mean_and_sd(ends), interval(ends),
           rounded(share(&SignsOfLayer::became_inhibitory), 1) + " / " +
               rounded(share(&SignsOfLayer::became_excitatory), 1),
           rounded(share(&SignsOfLayer::inhibitory_weight), 1), rounded(share(&SignsOfLayer::sureness) / 100, 2),
           fibres ? mean_and_sd(c.learned.tests()) : "", fibres && has_fixed ? mean_and_sd(c.fixed.tests()) : "",
           fibres && has_fixed ? in_points(difference_of_means(c.learned.tests(), c.fixed.tests())) : ""});
    }
  context.add(std::move(table));
}

void add_claim(RunContext& context, const SignsFindings& found) {
  if (found.repeats() < 2) return;
  std::string text =
      "The notebook lists \"train the sign matrix\" as future work, and reads off its plot that \"40-60 ratio is "
      "best\". "
      "If that were what networks seek, all starts would end there.";
  for (const SignedLayer layer : {SignedLayer::fibres, SignedLayer::hidden}) {
    std::size_t inside = 0;
    for (const SignsCondition& c : found.conditions) {
      const SampleSummary s = summarise(c.of(layer, &SignsOfLayer::inhibitory));
      inside += s.high >= 0.4 && s.low <= 0.6;
    }
    text += std::string(layer == SignedLayer::fibres ? " Of the fibres, " : " Of the hidden units, ") +
            std::to_string(inside) + " of " + std::to_string(found.conditions.size()) +
            " starts end with a 95 % interval that reaches into 40–60 %; " + signs_verdict(found, layer) + ".";
  }
  context.add(Remark{"What the notebook says, and what came out", text});
}

}  // namespace

void add_signs_exhibits(RunContext& context, const SignsFindings& found) {
  add_shares(context, found);
  add_claim(context, found);
  add_accuracy(context, found);
  add_table(context, found);
  std::vector<const LocalisationOutcome*> first;
  std::vector<std::string> names;
  for (const SignsCondition& c : found.conditions) {
    first.push_back(&c.learned.runs.front());
    names.push_back(rounded(100 * c.fraction, 0) + " %");
  }
  context.add(weights_beside(first, names, "start"));
  context.add(loss_chart(first, names, false));
  context.add(loss_chart(first, names, true));
  for (const SignedLayer layer : {SignedLayer::fibres, SignedLayer::hidden}) {
    Array shares(DType::f64, {found.conditions.size(), found.repeats()});
    for (std::size_t i = 0; i < found.conditions.size(); ++i) {
      const std::vector<double> ends = found.conditions[i].of(layer, &SignsOfLayer::inhibitory);
      for (std::size_t r = 0; r < ends.size(); ++r) shares.as<double>()(i, r) = ends[r];
    }
    context.array(layer == SignedLayer::fibres ? "inhibitory_fibres" : "inhibitory_hidden", shares);
  }
}

}  // namespace neurarium
