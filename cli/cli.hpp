// The command line as a function: the program `neurarium` is cli_main(argc, argv, builtin_registry()), and a project
// with its own models gets the same program by handing over a registry that knows them too.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

/// Runs one command line and returns the exit code: 0 done · 1 run failed · 2 usage or configuration · 3 data missing or
/// damaged · 4 diverged · 5 resume mismatch · 130 interrupted. Results go to stdout, progress and messages to stderr.
int cli_main(int argc, char** argv, Registry registry);

}  // namespace neurarium
