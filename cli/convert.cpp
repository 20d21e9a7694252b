// neurarium convert: the network of a run as a finite Gaussian one, or back. A door onto the study convert-network.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/run_door.hpp"

namespace neurarium {
namespace {

struct ConvertVerb {
  std::string run, to, rule, scale, quantile, level, floor, samples, held_out, seed, threads;
  bool temperature = false;
  RunDoor door;
};

void refuse(const std::string& option, const std::string& goes_with) {
  throw SpecError(option + " goes with " + goes_with, "leave it out, or add that");
}

/// An option that would change nothing is a slip.
void refuse_idle_options(const ConvertVerb& verb) {
  const bool calibrated = verb.rule.empty() || verb.rule.starts_with("calibrated");
  const auto given = [](const std::string& text) { return !text.empty(); };
  const bool tells_widths = given(verb.rule) || given(verb.scale) || given(verb.samples) || given(verb.quantile) ||
                            given(verb.level) || given(verb.floor);
  if (verb.to == "classical" && tells_widths)
    refuse("--rule, --scale, --samples, --quantile, --level and --floor: each", "--to gaussian");
  if (given(verb.scale) && verb.rule != "scaled") refuse("--scale", "--rule scaled");
  if ((given(verb.quantile) || given(verb.level)) && !calibrated)
    refuse("--quantile or --level", "a calibrated --rule");
  if (given(verb.samples) && !calibrated) refuse("--samples", "a calibrated --rule");
  if (given(verb.floor) && !verb.rule.empty() && verb.rule != "calibrated-diagonal")
    refuse("--floor", "--rule calibrated-diagonal");
}

ExitCode convert(const CliContext& context, const ConvertVerb& verb) {
  refuse_idle_options(verb);
  Spec spec{"convert-network", {}, Value::table()};
  Value& settings = spec.settings;
  settings.set("run", verb.run).at_location({"command line (RUN)", 0, 0});
  settings.set("to", verb.to).at_location({"command line (--to)", 0, 0});
  if (!verb.rule.empty()) settings.set("rule", verb.rule).at_location({"command line (--rule)", 0, 0});
  set_option(settings, "scale", verb.scale);
  set_option(settings, "quantile", verb.quantile);
  set_option(settings, "level", verb.level);
  set_option(settings, "floor", verb.floor);
  set_option(settings, "samples", verb.samples);
  set_option(settings, "held_out", verb.held_out);
  set_option(settings, "seed", verb.seed);
  set_option(settings, "threads", verb.threads);
  if (verb.temperature) settings.set("temperature", true);
  const Report report = run_and_print(context, resolve(spec, context.registry), verb.door);
  if (!context.json) std::cout << "network: neurarium eval " << report.run << '\n';
  return ExitCode::done;
}

}  // namespace

void add_convert_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<ConvertVerb>();
  CLI::App* convert_verb =
      add_verb(app, "convert", "A run's network as a finite Gaussian one, or back, without training",
               {"neurarium convert runs/train-network-0123abcd --to gaussian",
                "neurarium convert runs/train-network-0123abcd --to gaussian --temperature --out finite",
                "neurarium convert runs/train-network-0123abcd --to gaussian --rule scaled --scale 2",
                "neurarium convert finite --to classical",
                "neurarium eval finite                     # it is a run like any other"});
  const auto text = [&](const std::string& name, std::string& target, const std::string& doc, const char* type) {
    return convert_verb->add_option(name, target, doc)->type_name(type);
  };
  text("RUN", verb->run, "A run directory, or RUN/MEMBER for one of its networks", " ")->required();
  text("--to", verb->to, "What it becomes: gaussian or classical", "KIND")->required();
  text("--rule", verb->rule, "Of widths: calibrated-diagonal (usual), calibrated, scaled, notebook or author", "RULE");
  text("--scale", verb->scale, "s of the rule scaled: σ = s √d (2)", "S");
  text("--quantile", verb->quantile, "Calibrated: of the distances to training samples … (0.99)", "SHARE");
  text("--level", verb->level, "… where g is to be that (0.5)", "G");
  text("--floor", verb->floor, "calibrated-diagonal: share of the mean variance added to each input's (0.05)", "SHARE");
  text("--samples", verb->samples, "Calibrated: training samples to look at, at most (8000)", "N");
  convert_verb->add_flag("--temperature", verb->temperature,
                         "Divide W and b of the last layer by the T that fits held-out samples best");
  text("--held-out", verb->held_out, "Share of the training samples kept for the temperature (0.1)", "SHARE");
  text("--seed", verb->seed, "Seed of which samples are drawn (0)", "N");
  text("--threads", verb->threads, "Threads (all CPUs); the result does not depend on it", "N");
  add_run_options(*convert_verb, verb->door, context);
  convert_verb->callback([&context, verb] { context.action = [&context, verb] { return convert(context, *verb); }; });
}

}  // namespace neurarium
