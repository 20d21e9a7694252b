// Plotly: the library that draws the charts of a report (plotly.js, MIT licence). It is fetched once, like a data set,
// and inlined into each page, so that a report opens without a network.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "neurarium/data/catalogue.hpp"

namespace neurarium {

/// What is fetched: package, version, hashes. It is no data set, so the catalogue does not list it.
const CatalogueEntry& plotly_entry();

/// HOME/plotly/plotly.min.js if it is there, whole and of the right version.
std::optional<std::filesystem::path> find_plotly(const std::filesystem::path& home);

/// Fetches it to HOME/plotly. Does nothing if it is there.
void get_plotly(const std::filesystem::path& home, const std::function<void(const FetchProgress&)>& progress = {},
                std::stop_token stop = {});

}  // namespace neurarium
