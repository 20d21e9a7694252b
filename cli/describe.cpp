#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_describe_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "describe", "not written yet", {"neurarium describe"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("describe: not written yet"); }; });
}

}  // namespace neurarium
