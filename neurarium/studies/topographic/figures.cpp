// The figures of the report, and the table that sets map, control and reference side by side.
#include <algorithm>
#include <cmath>

#include "neurarium/studies/topographic/findings.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {
namespace {

using Number = double ReferenceValues::*;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One measure: how it is called, and how it is taken of any map.
struct Measure {
  const char *name, *unit, *meaning, *words;  ///< `words`: in the table
  double (*of)(const MapMeasures&);
  Number reference;
  int digits;
};

const Measure measures[] = {
    {"neighbour_correlation", "", "Mean correlation of the weights of neighbours (distance 1).",
     "correlation of weights, distance 1", [](const MapMeasures& m) { return m.order.at(1); },
     &ReferenceValues::correlation_1, 3},
    {"correlation_at_2", "", "The same at distance 2.", "… distance 2",
     [](const MapMeasures& m) { return m.order.at(2); }, &ReferenceValues::correlation_2, 3},
    {"correlation_at_3", "", "The same at distance 3.", "… distance 3",
     [](const MapMeasures& m) { return m.order.at(3); }, nullptr, 3},
    {"correlation_at_5", "", "The same at distance 5.", "… distance 5",
     [](const MapMeasures& m) { return m.order.at(5); }, &ReferenceValues::correlation_5, 3},
    {"far_correlation", "", "The same at half the map's width and more.", "… half the map and more",
     [](const MapMeasures& m) { return m.order.far_correlation; }, &ReferenceValues::correlation_far, 3},
    {"knn8", "", "Share of a unit's eight most alike units that stand within distance 2.",
     "eight most alike units within distance 2", [](const MapMeasures& m) { return m.order.nearest_share; },
     &ReferenceValues::knn8, 3},
    {"colour_smoothness", "", "Colour distance of neighbours over that of all pairs; 1 = no order.",
     "colour distance of neighbours / of all pairs", [](const MapMeasures& m) { return m.colour_smoothness; },
     &ReferenceValues::colour_smoothness, 3},
    {"neighbour_response_correlation", "", "Mean correlation of the responses of neighbours.",
     "correlation of responses, distance 1", [](const MapMeasures& m) { return m.response_order.at(1); },
     &ReferenceValues::response_1, 2},
    {"far_response_correlation", "", "The same at half the map's width and more: do all units follow the brightness?",
     "… half the map and more", [](const MapMeasures& m) { return m.response_order.far_correlation; },
     &ReferenceValues::response_far, 2},
    {"snr_db", "dB", "10 log₁₀ Σ v² / Σ (v − r)².", "SNR, dB", [](const MapMeasures& m) { return m.code.snr_db; },
     &ReferenceValues::snr_db, 1},
    {"gain_corrected_snr_db", "dB", "The same after the best gain per image: is the shape right?",
     "SNR with the best gain per image, dB", [](const MapMeasures& m) { return m.code.gain_corrected_snr_db; },
     &ReferenceValues::gain_corrected_snr_db, 1},
    {"kl_divergence", "", "Σ v ln(v/r) − v + r per image: what the rule descends.",
     "Kullback–Leibler divergence per image", [](const MapMeasures& m) { return m.code.divergence; }, nullptr, 1},
    {"mean_activity", "", "Mean activity o.", "mean activity",
     [](const MapMeasures& m) { return m.code.mean_activity; }, nullptr, 4},
    {"population_sparseness", "", "Treves–Rolls sparseness over the units, mean over the images.",
     "sparseness over the units", [](const MapMeasures& m) { return m.code.population_sparseness; },
     &ReferenceValues::population_sparseness, 2},
    {"lifetime_sparseness", "", "Treves–Rolls sparseness over the images, mean over the units.",
     "sparseness over the images", [](const MapMeasures& m) { return m.code.lifetime_sparseness; },
     &ReferenceValues::lifetime_sparseness, 2},
    {"max_share_on", "", "Largest share of units with o > ½ on one image.", "largest share of units on, on one image",
     [](const MapMeasures& m) { return m.code.max_share_on; }, &ReferenceValues::max_share_on, 3},
    {"mean_share_on", "", "Mean share of units with o > ½.", "mean share of units on",
     [](const MapMeasures& m) { return m.code.mean_share_on; }, nullptr, 3},
    {"silent_images", "", "Share of images on which less than 0.5 % of the units are on.",
     "images on which (nearly) no unit is on", [](const MapMeasures& m) { return m.code.silent_images; }, nullptr, 3},
    {"dead_units", "", "Units whose mean activity is below 0.001.", "dead units (mean activity below 0.001)",
     [](const MapMeasures& m) { return m.code.dead_units; }, nullptr, 0},
    {"share_of_zero_weights", "", "Weights at or below 10⁻¹⁰, which stay 0 for ever.", "weights that are 0",
     [](const MapMeasures& m) { return m.weights.share_zero; }, &ReferenceValues::share_zero, 3},
    {"share_of_weights_above_one", "", "Weights above 1, shown clipped.", "weights above 1",
     [](const MapMeasures& m) { return m.weights.share_above_one; }, nullptr, 4},
    {"weight_hoyer_sparseness", "", "Hoyer sparseness of a unit's weights, mean over the units: 1 = a single pixel.",
     "Hoyer sparseness of the weights", [](const MapMeasures& m) { return m.weights.hoyer_sparseness; },
     &ReferenceValues::hoyer, 3},
};

/// What the control tells a script, too.
constexpr const char* of_control[] = {"neighbour_correlation", "far_correlation", "knn8", "colour_smoothness", "snr_db",
                                      "gain_corrected_snr_db", "max_share_on"};

double reference(const std::optional<ReferenceValues>& values, Number which) {
  return values && which ? (*values).*which : nan;
}

Value number_or_nothing(double x) { return std::isfinite(x) ? Value(x) : Value(); }

}  // namespace

void add_figures(RunContext& context, const Findings& found) {
  const std::string on = " On " + found.images.held_out_words + ".";
  const auto& [name, map, references, colours] = found.map;
  for (const Measure& m : measures) {
    const double value = m.of(map.measures);
    if (!std::isfinite(value)) continue;
    double known = reference(references, m.reference);
    std::string source = std::isfinite(known) ? references->source : "";
    if (m.name == std::string("mean_activity") && std::isfinite(found.wanted_activity()))
      known = found.wanted_activity(), source = "the target s";
    if (m.name == std::string("knn8")) {
      context.add(Figure{m.name, value, m.unit,
                         std::string(m.meaning) + " By chance " + rounded(nearest_share_by_chance(found.grid), 3) + ".",
                         number_or_nothing(known), source});
      continue;
    }
    context.add(Figure{m.name, value, m.unit, m.meaning + (m.name == std::string("snr_db") ? on : ""),
                       number_or_nothing(known), source});
  }
  if (colours) {
    const auto add = [&](const char* figure, const PlacementTest& test, const char* meaning) {
      context.add(Figure{
          figure,
          test.statistic,
          "",
          std::string(meaning) + " p " + p_value(test.p_shuffled) + " shuffled, " + p_value(test.p_moved) + " moved.",
          {},
          ""});
    };
    add("blue_border_correlation", colours->colours[blue].border,
        "Correlation of a unit's share of blue with its distance from the border.");
    add("red_border_correlation", colours->colours[red].border, "The same for red.");
    add("last_row_blue_excess", colours->blue_excess[0],
        "Mean share of blue in the last row, less that of all other units.");
  }
  if (found.control)
    for (const Measure& m : measures) {
      if (std::ranges::find(of_control, std::string_view(m.name)) == std::end(of_control)) continue;
      const double value = m.of(found.control->map.measures), known = reference(found.control->reference, m.reference);
      if (std::isfinite(value))
        context.add(Figure{std::string("control_") + m.name, value, m.unit,
                           "Without lateral connections: " + std::string(m.words) + ".", number_or_nothing(known),
                           std::isfinite(known) ? found.control->reference->source : ""});
    }
  context.add(Figure{"samples_per_second",
                     map.samples / std::max(map.seconds, 1e-9),
                     "1/s",
                     "Samples learned per second in this process, without the time of the measures.",
                     {},
                     ""});
  context.add(Figure{
      "train_seconds", map.seconds, "s", "Time of the training loop in this process, without the measures.", {}, ""});
}

void add_measures(RunContext& context, const Findings& found) {
  Table table{"measures",
              "The map in numbers, beside its controls",
              "On " + found.images.held_out_words +
                  ". control: the same start, the same images in the same order, but no lateral connections. "
                  "Definitions: the page of the "
                  "model, section Measures. By chance, a unit has " +
                  rounded(nearest_share_by_chance(found.grid), 3) + " of its eight most alike units within distance 2.",
              {"measure"},
              {}};
  for (const NamedMap* map : found.maps()) table.columns.push_back(map->name);
  std::string source;
  for (const NamedMap* map : found.maps())
    if (map->reference && map != (found.other_fidelity ? &*found.other_fidelity : nullptr)) {
      table.columns.push_back(map->name + ", reference");
      source = map->reference->source;
    }
  if (!source.empty()) table.caption += " Reference: " + source + ", another start.";
  for (const Measure& m : measures) {
    if (!std::isfinite(m.of(found.map.map.measures))) continue;
    std::vector<std::string> row = {m.words};
    for (const NamedMap* map : found.maps()) row.push_back(rounded(m.of(map->map.measures), m.digits));
    for (const NamedMap* map : found.maps())
      if (map->reference && map != (found.other_fidelity ? &*found.other_fidelity : nullptr))
        row.push_back(rounded(reference(map->reference, m.reference), m.digits));
    table.rows.push_back(std::move(row));
  }
  context.add(std::move(table));
}

}  // namespace neurarium
