// A sweep from the command line, and what `neurarium run … seeds=N` makes of itself.
#pragma once

#include "cli/verbs.hpp"
#include "neurarium/experiment/sweep.hpp"

namespace neurarium {

/// The same experiment for several seeds, as a sweep without swept settings.
ExitCode run_as_sweep(const CliContext& context, const Sweep& sweep, const std::string& out,
                      const std::string& data_dir, bool again);

}  // namespace neurarium
