#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_gradcheck_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "gradcheck", "not written yet", {"neurarium gradcheck"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("gradcheck: not written yet"); }; });
}

}  // namespace neurarium
