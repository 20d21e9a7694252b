// Plotly: the library that draws the charts of a report (plotly.js, MIT licence). It is fetched once, like a data set,
// and inlined into each page, so that a report opens without a network. It comes in two packages: the flat one draws
// everything but 3-D charts, and takes a third of the room in a page.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>

#include "neurarium/data/catalogue.hpp"

namespace neurarium {

/// What is on this machine. Either may be missing.
struct PlotlyFiles {
  std::optional<std::filesystem::path> flat;      ///< plotly-cartesian.min.js: lines, points, bars, heat maps, contours
  std::optional<std::filesystem::path> complete;  ///< plotly.min.js: these and 3-D

  /// The smaller of those that do; if a 3-D chart is asked for and only the flat one is here, the flat one, which draws
  /// the other charts of the page.
  const std::optional<std::filesystem::path>& fitting(bool solid) const noexcept {
    return (solid && complete) || !flat ? complete : flat;
  }
};

/// What is fetched: packages, versions, hashes; the flat one first. Both are named "plotly" and lie in HOME/plotly. They
/// are no data sets, so the catalogue does not list them.
std::span<const CatalogueEntry> plotly_entries();

/// Those files in HOME/plotly that are whole and of the right version.
PlotlyFiles find_plotly(const std::filesystem::path& home);

/// Fetches both to HOME/plotly. Does nothing if they are there.
void get_plotly(const std::filesystem::path& home, const std::function<void(const FetchProgress&)>& progress = {},
                std::stop_token stop = {});

}  // namespace neurarium
