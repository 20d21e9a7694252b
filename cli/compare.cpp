#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_compare_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "compare", "not written yet", {"neurarium compare"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("compare: not written yet"); }; });
}

}  // namespace neurarium
