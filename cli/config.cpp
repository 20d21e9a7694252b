// neurarium config show: the experiment as it would run, and where each value comes from.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/target.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium {
namespace {

ExitCode show(const CliContext& context, const TargetOptions& options) {
  const Target target = require_target(options, context);
  const Experiment experiment = resolve(target.spec, context.registry);
  Value all = parse_toml(to_toml(experiment), "experiment.toml");  // arrays by name
  if (context.json) {
    std::cout << to_json(all) << '\n';
    return ExitCode::done;
  }
  std::cout << to_toml(all, [&](const std::string& path, const Value&) -> std::string {
    if (path == "study") return "";
    if (path == "seed")
      return target.spec.settings.find("seed") ? to_string(target.spec.settings.at("seed").where()) : "";
    if (path == "seeds") return "";
    for (const SweepAxis& axis : experiment.axes)
      if (path == "sweep." + axis.key && !axis.values.empty()) return to_string(axis.values.front().where());
    const Value* value = find_setting(experiment.settings, path);
    const std::string origin = value ? to_string(value->where()) : "";
    return origin.empty() ? "default" : origin;
  });
  return ExitCode::done;
}

}  // namespace

void add_config_verb(CLI::App& app, CliContext& context) {
  auto options = std::make_shared<TargetOptions>();
  CLI::App* verb =
      add_verb(app, "config", "An experiment with every setting, and where each comes from",
               {"neurarium config show xor-surface", "neurarium config show my-network.toml train.epochs=5",
                "neurarium config show topographic-map --preset gallery --json"});
  verb->require_subcommand(1);
  CLI::App* verb_show =
      add_verb(*verb, "show", "Print it as TOML: every setting, and where each comes from",
               {"neurarium config show xor-surface", "neurarium config show my-network.toml train.epochs=5"});
  add_target_options(*verb_show, *options);
  verb_show->add_flag("--json", context.json, "One JSON object on stdout");
  verb_show->callback(
      [&context, options] { context.action = [&context, options] { return show(context, *options); }; });
}

}  // namespace neurarium
