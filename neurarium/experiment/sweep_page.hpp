// A sweep as a report, and its files.
#pragma once

#include <filesystem>

#include "neurarium/experiment/sweep_result.hpp"
#include "neurarium/nn/result.hpp"

namespace neurarium {

/// Charts of each figure over the swept setting, with the band of the confidence interval; the tables of points and runs.
/// A chart's x axis is the first swept key whose values are numbers; every combination of the others is a line. `of_runs`: what the
/// finished runs of a sweep that has one point found, in the order of their seeds; their tables and answers are then shown as means over
/// seeds, and the pictures of the first.
Report sweep_report(const SweepResult& result, const std::vector<Report>& of_runs = {});

/// Writes sweep.csv and sweep.json of the sweep's folder.
void write_sweep_tables(const SweepResult& result);
/// Writes report.html; `data_home` is where the charts' script is looked for, empty = the user's data directory.
void write_sweep_page(const SweepResult& result, const std::filesystem::path& data_home = {});

}  // namespace neurarium
