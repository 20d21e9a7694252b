#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/conversion_findings.hpp"
#include "neurarium/studies/gaussian/knowledge_charts.hpp"

namespace neurarium {
namespace {

/// Of each network that has something to say about its confidence, with its name.
std::vector<std::pair<std::string, const Knowledge*>> knowing(const ConversionFindings& found) {
  std::vector<std::pair<std::string, const Knowledge*>> all;
  if (!found.before.knowledge) return all;
  all.emplace_back("before", &*found.before.knowledge);
  if (found.temperature) all.emplace_back("converted", &*found.converted.knowledge);
  all.emplace_back(found.temperature ? "converted, with its temperature" : "converted", &*found.after.knowledge);
  return all;
}

void add_comparison(RunContext& context, const ConversionFindings& found) {
  Table table{"comparison",
              "Before and after",
              with_commas(found.samples) + " " + found.split +
                  " samples, and as many of uniform noise over the range of the data.",
              {"network", "accuracy", "mean confidence", "ECE", "confidence on noise", "FPR95 on noise"},
              {}};
  for (const auto& [name, knows] : knowing(found)) {
    const double fpr95 = knows->scores.front().detection.front().fpr95;
    table.rows.push_back({name, percent(knows->accuracy, 2), rounded(knows->before.confidence, 3),
                          rounded(knows->before.expected_error, 4), rounded(knows->foreign.front().mean_confidence, 3),
                          rounded(fpr95, 3)});
  }
  if (!table.rows.empty()) context.add(std::move(table));
}

constexpr std::size_t bins = 40;  // of the histograms of confidence

void add_confidence(RunContext& context, const ConversionFindings& found) {
  std::vector<Trace> data, noise;
  for (const auto& [name, knows] : knowing(found)) {
    data.push_back(confidence_histogram(name, knows->confidence, bins));
    noise.push_back(confidence_histogram(name, knows->foreign.front().confidence, bins));
  }
  if (data.empty()) return;
  const auto add = [&](const char* name, const std::string& what, std::vector<Trace> traces) {
    context.add(Chart{name, "How sure it is of " + what,
                      "Shares of " + what + " by the largest softmax probability that the network gives to any class.",
                      "confidence", "share, %", "", std::move(traces), false, false});
  };
  add("confidence", "the " + found.split + " samples", std::move(data));
  add("confidence-on-noise", "uniform noise", std::move(noise));
}

void add_reliability(RunContext& context, const ConversionFindings& found) {
  Trace ideal;
  ideal.name = "as sure as right";
  ideal.x = ideal.y = {0, 1};
  std::vector<Trace> traces;
  for (const auto& [name, knows] : knowing(found)) traces.push_back(reliability_line(name, knows->before, 1));
  if (traces.empty()) return;
  traces.push_back(std::move(ideal));  // last, so that each network has its colour of the other charts
  context.add(Chart{"reliability", "Is it as often right as it is sure?",
                    "The " + found.split +
                        " samples in 15 bins by confidence: how often the network is right. Above the line it is too "
                        "modest, below it too sure.",
                    "mean confidence", "accuracy", "", std::move(traces), false, true});
}

void add_reach(RunContext& context, const ConversionFindings& found) {
  if (found.reach.empty()) return;
  Table table{
      "reach",
      "How much of the data each layer reaches",
      "exp(−q) over training samples and units, gates left out: 1 at a unit's centre, 0 far away. A unit has lost the "
      "data if its own median is below 0.05.",
      {"layer", "units", "inputs", "1 % below", "median", "99 % below", "units that lost the data"},
      {}};
  std::vector<Trace> traces;
  for (const LayerReach& layer : found.reach) {
    table.rows.push_back({layer.layer, std::to_string(layer.units), std::to_string(layer.inputs),
                          rounded(layer.quantiles[1], 3), rounded(layer.median(), 3), rounded(layer.quantiles[99], 3),
                          std::to_string(layer.lost_units)});
    Trace& line = traces.emplace_back();
    line.name = layer.layer;
    for (std::size_t percent = 0; percent <= 100; ++percent) {
      line.x.push_back(layer.quantiles[percent]);
      line.y.push_back(static_cast<double>(percent));
    }
  }
  context.add(Chart{"reach", "How much of the data each layer reaches",
                    "Share of the pairs of a training sample and a unit whose exp(−q) is at most that.", "exp(−q)",
                    "share, %", "", std::move(traces), false, false});
  context.add(std::move(table));
}

std::string what_was_done(const ConversionFindings& found) {
  std::string text;
  if (found.to_gaussian)
    text =
        "Weights and biases stay. Each unit's centre is the point of its zero line nearest to the origin; all finite "
        "Gaussian layers but the first are gated. ";
  else text = "Weights and biases stay, and a tied bias becomes b = −w·c; centres and widths are dropped. ";
  if (found.calibration_samples > 0)
    text += "Widths come from " + with_commas(found.calibration_samples) + " training samples, layer by layer. ";
  if (found.temperature)
    text +=
        "Then W and b of the last layer were divided by T = " + in_digits(*found.temperature, 4) +
        ": softmax(z/T) is what such a layer says, so the network needs no temperature beside it, and its answers stay "
        "the same. T fits " +
        with_commas(found.held_out_samples) +
        " training samples that no rule looked at. They are those that early stopping holds out from training by the "
        "same "
        "share and seed; a network trained otherwise has learned from them, and then T may be too small. Converted "
        "back, "
        "the network keeps its T. ";
  return text + "Nothing was trained.";
}

}  // namespace

void add_conversion_exhibits(RunContext& context, const ConversionFindings& found) {
  const std::vector<std::string> warnings = warnings_of(found.reach);
  if (!warnings.empty()) {
    std::string text;
    for (const std::string& line : warnings) text += (text.empty() ? "" : "\n\n") + line + ".";
    context.add(Remark{"Warning: layers that have lost the data", text});
  }
  add_comparison(context, found);
  add_confidence(context, found);
  add_reliability(context, found);
  add_reach(context, found);
  context.add(Remark{"What was done", what_was_done(found)});
}

}  // namespace neurarium
