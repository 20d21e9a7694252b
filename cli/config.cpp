#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_config_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "config", "not written yet", {"neurarium config"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("config: not written yet"); }; });
}

}  // namespace neurarium
