// Everything the study found, for those who put it into words and pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "neurarium/studies/topographic/colour_positions.hpp"
#include "neurarium/studies/topographic/references.hpp"
#include "neurarium/studies/topographic/training.hpp"

namespace neurarium {

/// A map with its role in the report.
struct NamedMap {
  std::string name;  ///< "map", "control", "corrected", "notebook"
  TrainedMap map;
  std::optional<ReferenceValues> reference;
  std::optional<ColourPositions> colours;  ///< of colour images
};

struct Findings {
  StudyImages images;
  Grid grid;
  Component model;
  std::vector<std::int64_t> shown;  ///< indices of images.shown
  NamedMap map;
  std::optional<NamedMap> control;         ///< without lateral connections, otherwise the same
  std::optional<NamedMap> other_fidelity;  ///< with the notebook's slips if the map has none, and the other way round

  /// The map and what it is compared with.
  std::vector<const NamedMap*> maps() const {
    std::vector<const NamedMap*> all = {&map};
    if (control) all.push_back(&*control);
    if (other_fidelity) all.push_back(&*other_fidelity);
    return all;
  }
  /// The map with that fidelity, or nullptr.
  const NamedMap* with_fidelity(const std::string& fidelity) const;
  double wanted_activity() const;  ///< s; NaN if the model has none
};

// The parts of the report, in its order.
void add_figures(RunContext& context, const Findings& found);
void add_tapestries(RunContext& context, const Findings& found);
void add_questions(RunContext& context, const Findings& found);
void add_measures(RunContext& context, const Findings& found);
void add_order_charts(RunContext& context, const Findings& found);
void add_colour_positions(RunContext& context, const Findings& found);
void add_codes(RunContext& context, const Findings& found);

/// Trains `epochs` epochs with each of the notebook's slips mended, from the same start in the same order: a table.
void add_fidelity_comparison(RunContext& context, const Findings& found, LocalTrainParams params, std::int64_t epochs);

/// "The bottom row is blue under both rules: …": what the tests say, in words.
std::string bottom_row_verdict(const Findings& found);

}  // namespace neurarium
