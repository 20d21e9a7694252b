// The report page: one HTML file that opens offline, in light and dark, on a phone and on paper. It holds the question,
// the answer, the figures beside the notebook's, every exhibit, the resolved experiment and the provenance.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "neurarium/nn/result.hpp"
#include "neurarium/report/plotly.hpp"

namespace neurarium {

/// What the page says besides the report itself. Everything may be left out.
struct PageContext {
  PlotlyFiles plotly;  ///< what draws the charts (find_plotly); a chart that it can't draw appears as a table
  std::string charts_command = "neurarium data get plotly";  ///< what gets it
  std::string experiment_toml;                               ///< the resolved experiment
  std::string command;                                       ///< the command line that repeats the run
  Value provenance;  ///< a table as in run.json: version, compiler, threads, seed, data hashes, choices, …
  Value times;       ///< a table of seconds by phase; nested tables are flattened
  std::map<std::string, std::string> links;  ///< a first cell of a table with this text leads to this address
  std::size_t size_limit = 3'000'000;  ///< bytes; charts are thinned and pictures halved (and said to be) to stay below
};

/// The whole page as UTF-8. The same report and context give the same bytes. A chart whose numbers do not fit together
/// is a ShapeError.
std::string report_page(const Report& report, const PageContext& context);

}  // namespace neurarium
