// What verbs share that run one experiment in its run directory: `run`, and thin doors onto a study such as `convert`.
//
//   auto door = std::make_shared<RunDoor>();
//   add_run_options(*verb, *door, context);                    // --out --data-dir --resume --again … --json --quiet
//   …
//   Spec spec{"convert-network", {}, Value::table()};
//   set_option(spec.settings, "rule", door.rule);              // as --rule was given
//   return run_and_print(context, resolve(spec, context.registry), *door);
#pragma once

#include <filesystem>
#include <string>

#include "cli/verbs.hpp"
#include "neurarium/experiment/experiment.hpp"

namespace neurarium {

struct RunDoor {
  std::string out, data_dir;
  bool resume = false, again = false, allow_isa_change = false;
};

void add_run_options(CLI::App& verb, RunDoor& door, CliContext& context);

/// Runs it with progress and notes on stderr, and prints its figures, or report.json, on stdout. Returns its report.
Report run_and_print(const CliContext& context, const Experiment& experiment, const RunDoor& door);

/// settings.key = the TOML literal (or plain text) that the option --KEY was given; nothing if it was not given.
void set_option(Value& settings, const std::string& key, const std::string& text);

}  // namespace neurarium
