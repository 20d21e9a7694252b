// The figures of dale-check, its table and charts, and its answer in one sentence.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/dale_check/dale_findings.hpp"

namespace neurarium {
namespace {

void add(RunContext& context, const std::string& name, Value value, const std::string& meaning) {
  context.add(Figure{name, std::move(value), "", meaning, {}, {}});
}

Array as_array(const std::vector<double>& numbers) {
  Array array(DType::f64, {numbers.size()});
  std::ranges::copy(numbers, array.as<double>().flat().begin());
  return array;
}

double largest_singular_value(const SignReport& report) {
  return report.singular_values.empty() ? std::nan("") : report.singular_values.front();
}

/// What is measured, as figures call it, and a number of it for people.
std::string measure(const DaleAblation& found) { return found.is_accuracy ? "accuracy" : "loss"; }
std::string in_words(const DaleAblation& found, double worth) {
  return found.is_accuracy ? percent(worth, 2) : in_digits(worth, 4);
}

std::size_t sum_over(const DaleFindings& found, auto count) {
  std::size_t sum = 0;
  for (const CheckedWeight& weight : found.weights) sum += count(weight);
  return sum;
}

std::size_t violations(const DaleFindings& found) {
  return sum_over(found, [](const CheckedWeight& weight) { return weight.signs.violations; });
}

// ── Figures ────────────────────────────────────────────────────────────────────────────────────────────────────────

void add_sign_figures(RunContext& context, const DaleFindings& found) {
  add(context, "violations", violations(found), "Synapses with another sign than they must have, in all weights.");
  for (const CheckedWeight& weight : found.weights) {
    const std::string key = weight.key(), of = " (" + weight.synapses.parameter + ").";
    const SignReport& signs = weight.signs;
    add(context, key + "_constrained", signs.constrained, "Synapses that must have a sign" + of);
    add(context, key + "_violations", signs.violations, "How many of these have the other one" + of);
    add(context, key + "_largest_violation", signs.largest_violation, "Size of the largest of these" + of);
    add(context, key + "_inhibitory_share", weight.inhibitory_share(),
        "Share of the synapses that are not 0 that are below 0" + of);
    add(context, key + "_balance", weight.balance(),
        "(E − |I|) / (E + |I|) of a unit's weights, mean over postsynaptic units" + of);
    add(context, key + "_largest_singular_value", largest_singular_value(signs), "Largest singular value" + of);
    add(context, key + "_spectral_entropy", signs.spectral_entropy,
        "Normalised entropy of the singular values: 1: all directions alike, 0: one only" + of);
    context.array("singular-values-" + key, as_array(signs.singular_values));
  }
}

void add_ablation_figures(RunContext& context, const DaleFindings& found) {
  const DaleAblation& ablation = *found.ablation;
  const std::string what = measure(ablation);
  const std::string doc = ablation.is_accuracy ? "Share right of " : "Mean loss on ";
  add(context, what, ablation.whole, doc + found.asked + ".");
  add(context, what + "_without_inhibition", ablation.without_inhibition,
      doc + "the same samples, with all weights below 0 silenced.");
  for (const UnitAblation& units : ablation.units) {
    const CheckedWeight& weight = found.weights[units.weight];
    const std::string key = weight.key(), of = " (presynaptic units of " + weight.synapses.parameter + ").";
    add(context, key + "_worst_unit", units.worst, "The unit that is missed most if it is silent" + of);
    add(context, key + "_" + what + "_without_worst_unit", units.without[units.worst],
        doc + "the same samples without it" + of);
    context.array("without-" + key, as_array(units.without));
  }
}

// ── Table and charts ───────────────────────────────────────────────────────────────────────────────────────────────

void add_table(RunContext& context, const DaleFindings& found) {
  Table table{
      "weights",
      "Who keeps which sign",
      "Weights as they are multiplied with. Constrained: synapses that must have a sign; violations: those that "
      "have the other one. Inhibitory: share below 0 of those that are not 0. E/I balance: (E − |I|) / (E + |I|) "
      "of the weights upon a unit, mean over units. Entropy: of the singular values, 1 if all directions are "
      "alike, 0 if there is one only.",
      {"weight", "units, from → to", "constrained", "violations", "largest violation", "inhibitory", "E/I balance",
       "largest singular value", "entropy"},
      {}};
  for (const CheckedWeight& weight : found.weights) {
    const SignReport& signs = weight.signs;
    const bool is_free = signs.constrained == 0;
    table.rows.push_back({weight.synapses.parameter,
                          with_commas(weight.presynaptic_units()) + " → " + with_commas(signs.balance.size()),
                          with_commas(signs.constrained), is_free ? "—" : with_commas(signs.violations),
                          signs.violations == 0 ? "—" : in_digits(signs.largest_violation, 4),
                          percent(weight.inhibitory_share(), 1), rounded(weight.balance(), 3),
                          in_digits(largest_singular_value(signs), 4), rounded(signs.spectral_entropy, 3)});
  }
  context.add(std::move(table));
}

void add_spectra(RunContext& context, const DaleFindings& found) {
  constexpr double least = 1e-9;  // of the largest one: what lies below is rounding
  Chart chart;
  chart.name = "singular-values";
  chart.title = "In how many directions do the weights act?";
  chart.caption =
      "Singular values of each weight as a matrix, from the largest down; those below 10⁻⁹ of the largest are left "
      "out. Under Dale's law the first one tends to stand out.";
  chart.x_label = "number", chart.y_label = "singular value";
  chart.log_y = true;
  for (const CheckedWeight& weight : found.weights) {
    Trace line;
    line.name = weight.synapses.parameter;
    for (const double value : weight.signs.singular_values) {
      if (value <= least * weight.signs.singular_values.front()) break;
      line.x.push_back(static_cast<double>(line.x.size() + 1)), line.y.push_back(value);
    }
    if (!line.x.empty()) chart.traces.push_back(std::move(line));
  }
  if (!chart.traces.empty()) context.add(std::move(chart));
}

void add_units_chart(RunContext& context, const DaleFindings& found) {
  const DaleAblation& ablation = *found.ablation;
  const double scale = ablation.is_accuracy ? 100 : 1;
  Chart chart;
  chart.name = "without-units";
  chart.title = "What is each unit worth?";
  chart.caption = "The network on " + found.asked +
                  " while one unit's outgoing synapses are silent: the presynaptic units of each weight, from the one "
                  "that is missed most to the one that is missed least (0 to 100 %), beside the whole network and the "
                  "network without any weight below 0.";
  chart.x_label = "units, from the most needed on, %";
  chart.y_label = ablation.is_accuracy ? "accuracy, %" : "loss";
  for (const UnitAblation& units : ablation.units) {
    std::vector<std::size_t> order(units.without.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
      return ablation.is_accuracy ? units.without[a] < units.without[b] : units.without[a] > units.without[b];
    });
    Trace line;
    line.name = "without a unit of " + found.weights[units.weight].synapses.parameter;
    const double last = std::max(1., static_cast<double>(order.size()) - 1);
    for (const std::size_t unit : order) {
      line.x.push_back(100 * static_cast<double>(line.x.size()) / last);
      line.y.push_back(scale * units.without[unit]);
      line.labels.push_back("unit " + std::to_string(unit));
    }
    chart.traces.push_back(std::move(line));
  }
  const auto add_level = [&](const char* name, double worth, const char* colour) {
    Trace& line = chart.traces.emplace_back();
    line.name = name, line.colour = colour;
    line.x = {0, 100}, line.y = {scale * worth, scale * worth};
  };
  add_level("whole network", ablation.whole, "#999");
  add_level("without inhibition", ablation.without_inhibition, "#c4472f");
  context.add(std::move(chart));
}

// ── Answer ─────────────────────────────────────────────────────────────────────────────────────────────────────────

std::string words_on_signs(const DaleFindings& found) {
  const std::size_t constrained = sum_over(found, [](const auto& w) { return w.signs.constrained; });
  const std::size_t below_0 = sum_over(found, [](const auto& w) { return w.synapses_below_0(); });
  const std::size_t above_0 = sum_over(found, [](const auto& w) { return w.synapses_above_0(); });
  const std::size_t wrong = violations(found);
  std::string text =
      constrained == 0 ? "No synapse must have a sign"
      : wrong == 0     ? "None of the " + with_commas(constrained) + " synapses that must have a sign has the other one"
                       : with_commas(wrong) + " of the " + with_commas(constrained) +
                         " synapses that must have a sign have the other one";
  if (below_0 + above_0 > 0)
    text += ", " + percent(static_cast<double>(below_0) / static_cast<double>(below_0 + above_0), 1) +
            " of all synapses inhibit";
  return text;
}

std::string words_on_ablation(const DaleFindings& found) {
  const DaleAblation& ablation = *found.ablation;
  std::string text = "; the " + measure(ablation) + " on " + found.asked + " is " + in_words(ablation, ablation.whole) +
                     ", without inhibition " + in_words(ablation, ablation.without_inhibition);
  const auto worth = [&](const UnitAblation& units) {
    return ablation.is_accuracy ? units.without[units.worst] : -units.without[units.worst];
  };
  const UnitAblation& most = *std::ranges::min_element(ablation.units, {}, worth);
  return text + ", and without unit " + std::to_string(most.worst) + " in front of " +
         found.weights[most.weight].synapses.parameter + ", which is missed most, " +
         in_words(ablation, most.without[most.worst]);
}

}  // namespace

void show(RunContext& context, const DaleFindings& found) {
  add_sign_figures(context, found);
  if (found.ablation) add_ablation_figures(context, found);
  add_table(context, found);
  add_spectra(context, found);
  if (found.ablation) add_units_chart(context, found);
  context.answer(words_on_signs(found) + (found.ablation ? words_on_ablation(found) : "") + ".");
}

}  // namespace neurarium
