#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_run_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "run", "not written yet", {"neurarium run"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("run: not written yet"); }; });
}

}  // namespace neurarium
