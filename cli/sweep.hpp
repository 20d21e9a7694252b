// A sweep from the command line, and what `neurarium run` makes of an experiment that is several runs.
#pragma once

#include "cli/verbs.hpp"
#include "neurarium/experiment/sweep.hpp"

namespace neurarium {

/// An experiment that is several runs: for several seeds, or for the values that it lists itself.
ExitCode run_as_sweep(const CliContext& context, const Sweep& sweep, const std::string& out,
                      const std::string& data_dir, bool again);

}  // namespace neurarium
