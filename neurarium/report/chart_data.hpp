// Chart data: a Chart as what the page's script draws, and as a table for readers without the script.
#pragma once

#include <cstddef>
#include <string>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// {"name", "x_label", …, "traces": [{"kind", "name", "x", "y", "z", "grid", "labels", "colour"}]} with numbers of nine
/// significant digits; what is not finite is null. A trace of more than `most` numbers is thinned evenly (its last
/// point stays), and then "thinned" is set. A grid that does not fit its axes is a ShapeError that names chart and
/// trace.
Value chart_data(const Chart& chart, std::size_t most);

/// Adds labels, kinds of axes and sliders, which the page and a run's files have alike.
void add_settings(const Chart& chart, Value& out);
/// Adds the formulas of a trace of `chart`, if it has any; a DataError if one can't be read (formula.hpp).
void add_formulas(const Chart& chart, const Trace& trace, Value& out);

/// The chart's numbers as HTML tables, cut to a length people read.
std::string chart_tables(const Chart& chart);

}  // namespace neurarium
