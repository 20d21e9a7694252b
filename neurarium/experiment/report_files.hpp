// A report as files of a run directory, and back:
//   report.json         {"study", "run", "question", "answer", "figures": {name: {"value", "unit", "meaning", "reference"?,
//                       "reference_source"?}}, "exhibits": [{"kind", "name", "title", "caption", "file" …}]}
//   pictures/NAME.png   each Picture
//   charts/NAME.json    each Chart with all its numbers; what is not finite is null and comes back as NaN
// Tables and remarks stand in report.json itself.
#pragma once

#include <filesystem>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// The content of report.json, which is also what --json prints.
Value to_value(const Report& report);

/// Writes all files into `folder`, report.json last.
void write_report(const Report& report, const std::filesystem::path& folder);

/// Reads them back; `run` becomes `run_directory`. A DataError if a file is missing or damaged.
Report read_report(const std::filesystem::path& run_directory);

}  // namespace neurarium
