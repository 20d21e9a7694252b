// The report page of a run directory.
#pragma once

#include <filesystem>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// Writes report.html of `run_directory` from `report`, experiment.toml and `record` (the content of run.json). `data_home`
/// is where the charts' script is looked for; empty = the user's data directory.
void write_page(const Report& report, const std::filesystem::path& run_directory, const Value& record,
                const std::filesystem::path& data_home = {});

}  // namespace neurarium
