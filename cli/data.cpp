#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_data_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "data", "not written yet", {"neurarium data"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("data: not written yet"); }; });
}

}  // namespace neurarium
