// neurarium run: an experiment, to the end or to a checkpoint.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/run_door.hpp"
#include "cli/sweep.hpp"
#include "cli/target.hpp"
#include "neurarium/experiment/run_directory.hpp"

namespace neurarium {
namespace {

struct RunVerb {
  TargetOptions target;
  RunDoor door;
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
  auto target = find_target(verb.target, context, verb.door.resume);
  if (!target && verb.door.resume) {
    RunVerb with_directory = verb;
    with_directory.target.words.push_back(only_unfinished_run().string());
    return run_verb(context, with_directory);
  }
  if (!target) target = require_target(verb.target, context);
  const std::string& named = target->spec.study;
  if (verb.door.resume && !named.empty() && !context.registry.find("study", named))
    throw SpecError("'" + named + "' is neither a run directory nor a study",
                    "name the directory of the run to resume");
  const Experiment experiment = resolve(target->spec, context.registry);
  if (experiment.seeds > 1 || !experiment.axes.empty())
    return run_as_sweep(context, {target->spec, {}, 0}, verb.door.out, verb.door.data_dir, verb.door.again);
  RunDoor door = verb.door;
  if (door.out.empty()) door.out = target->run_directory.string();
  run_and_print(context, experiment, door);
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
  add_run_options(*run, verb->door, context);
  run->callback([&context, verb] { context.action = [&context, verb] { return run_verb(context, *verb); }; });
}

}  // namespace neurarium
