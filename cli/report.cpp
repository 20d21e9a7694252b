#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_report_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "report", "not written yet", {"neurarium report"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("report: not written yet"); }; });
}

}  // namespace neurarium
