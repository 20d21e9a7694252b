// neurarium run: an experiment, to the end or to a checkpoint.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/sweep.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

struct RunVerb {
  TargetOptions target;
  std::string out, data_dir;
  bool resume = false, again = false, allow_isa_change = false;
};

/// For `run --resume` alone: the one unfinished run below runs/.
std::filesystem::path only_unfinished_run() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("runs", error)) {
    if (!is_run_directory(entry.path())) continue;
    const std::string status = RunDirectory(entry.path()).text("status");  // "failed": nobody knows that it would go on
    if (status == "running" || status == "interrupted") found.push_back(entry.path().string());
  }
  if (found.size() == 1) return found.front();
  std::string list;
  for (const std::string& run : found) list += "\n  neurarium run --resume " + run;
  throw SpecError(
      found.empty() ? "there is no unfinished run below runs/" : "there are several unfinished runs:" + list,
      found.empty() ? "name a run directory" : "");
}

ExitCode run_verb(const CliContext& context, const RunVerb& verb) {
  auto target = find_target(verb.target, context);
  if (!target && verb.resume) {
    RunVerb with_directory = verb;
    with_directory.target.words.push_back(only_unfinished_run().string());
    return run_verb(context, with_directory);
  }
  if (!target) target = require_target(verb.target, context);
  const Experiment experiment = resolve(target->spec, context.registry);
  if (experiment.seeds > 1) return run_seeds(context, {target->spec, {}, 0}, verb.out, verb.data_dir, verb.again);

  ProgressMeter meter(context.quiet);
  RunOptions options;
  options.out = verb.out.empty() ? target->run_directory : std::filesystem::path(verb.out);
  options.data_home = verb.data_dir;
  options.resume = verb.resume;
  options.again = verb.again;
  options.allow_isa_change = verb.allow_isa_change;
  options.command = context.arguments;
  options.stop = catch_interrupts();
  options.progress = [&](const Progress& progress) { meter.show(progress); };
  options.note = [&](const std::string& text) { meter.note(text); };
  const Report report = run(experiment, context.registry, options);
  meter.clear();
  std::cout << (context.json ? to_json(to_value(report)) + "\n" : report_text(report));
  return ExitCode::done;
}

}  // namespace

void add_run_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<RunVerb>();
  CLI::App* run =
      add_verb(app, "run", "Run a study, or your own network",
               {"neurarium run xor-surface", "neurarium run topographic-map model.rows=30 model.columns=30 --seed 7",
                "neurarium run my-network.toml train.optimiser.learning_rate=1e-3 model.layers.0.units=64",
                "neurarium run --resume runs/xor-surface-0123abcd"});
  add_target_options(*run, verb->target);
  run->add_option("--out", verb->out, "Run directory (runs/STUDY-HASH)")->type_name("DIR");
  run->add_option("--data-dir", verb->data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
  run->add_flag("--resume", verb->resume, "Go on from the checkpoint of an unfinished run");
  run->add_flag("--again", verb->again, "Compute a finished run anew");
  run->add_flag("--allow-isa-change", verb->allow_isa_change, "Resume on another instruction set: other bits");
  run->add_flag("--json", context.json, "Print report.json and nothing else on stdout");
  run->add_flag("--quiet", context.quiet, "No progress and no notes");
  run->callback([&context, verb] { context.action = [&context, verb] { return run_verb(context, *verb); }; });
}

}  // namespace neurarium
