#include "cli/run_door.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>

#include "cli/terminal.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium {

void add_run_options(CLI::App& verb, RunDoor& door, CliContext& context) {
  verb.add_option("--out", door.out, "Run directory (runs/STUDY-HASH)")->type_name("DIR");
  verb.add_option("--data-dir", door.data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
  verb.add_flag("--resume", door.resume, "Go on from the checkpoint of an unfinished run");
  verb.add_flag("--again", door.again, "Compute a finished run anew");
  verb.add_flag("--allow-isa-change", door.allow_isa_change, "Resume on another instruction set: other bits");
  verb.add_flag("--json", context.json, "Print report.json and nothing else on stdout");
  verb.add_flag("--quiet", context.quiet, "No progress and no notes");
}

Report run_and_print(const CliContext& context, const Experiment& experiment, const RunDoor& door) {
  ProgressMeter meter(context.quiet);
  RunOptions options;
  options.out = door.out;
  options.data_home = door.data_dir;
  options.resume = door.resume;
  options.again = door.again;
  options.allow_isa_change = door.allow_isa_change;
  options.command = context.arguments;
  options.stop = catch_interrupts();
  options.progress = [&](const Progress& progress) { meter.show(progress); };
  options.note = [&](const std::string& text) { meter.note(text); };
  Report report = run(experiment, context.registry, options);
  meter.clear();
  std::cout << (context.json ? to_json(to_value(report)) + "\n" : report_text(report));
  return report;
}

void set_option(Value& settings, const std::string& key, const std::string& text) {
  std::string option = "--" + key;
  std::ranges::replace(option, '_', '-');
  if (!text.empty()) settings.set(key, parse_toml_literal(text, {"command line (" + option + ")", 0, 0}));
}

}  // namespace neurarium
