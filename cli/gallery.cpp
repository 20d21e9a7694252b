#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/verbs.hpp"

namespace neurarium {

void add_gallery_verb(CLI::App& app, CliContext& context) {
  CLI::App* verb = add_verb(app, "gallery", "not written yet", {"neurarium gallery"});
  verb->callback([&context] { context.action = []() -> ExitCode { throw Error("gallery: not written yet"); }; });
}

}  // namespace neurarium
