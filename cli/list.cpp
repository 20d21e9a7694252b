#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_list_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "list", "not written yet", {"neurarium list"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("list: not written yet"); }; });
}

}  // namespace neurarium
