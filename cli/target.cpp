#include "cli/target.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/run_door.hpp"
#include "neurarium/experiment/run_directory.hpp"

namespace neurarium {
namespace {

/// Where `word` stands on the command line, counted from 1 behind the program's name.
std::size_t number_of(const std::string& word, const CliContext& context) {
  const auto found = std::ranges::find(context.arguments, word);
  return static_cast<std::size_t>(found - context.arguments.begin());
}

}  // namespace

void add_target_options(CLI::App& verb, TargetOptions& options) {
  verb.add_option("WHAT", options.words, "STUDY, FILE.toml or a run directory; then settings: key.path=value …")
      ->type_name(" ");
  verb.add_option("--preset", options.preset, "Named settings of the study (`neurarium list study`)")
      ->type_name("NAME");
  verb.add_option("--seed", options.seed, "Seed of all random numbers (0)")->type_name("N");
  verb.add_option("--threads", options.threads, "Threads (all CPUs); the result does not depend on it")->type_name("N");
}

std::optional<Target> find_target(const TargetOptions& options, const CliContext& context, bool runs_first) {
  std::vector<std::string> overrides;
  std::vector<std::size_t> numbers;
  std::optional<std::string> word;
  for (const std::string& candidate : options.words) {
    if (!word && candidate.find('=') == std::string::npos) {
      word = candidate;
    } else {
      overrides.push_back(candidate);
      numbers.push_back(number_of(candidate, context));
    }
  }
  Target target;
  target.spec.settings = parse_overrides(overrides, numbers);
  set_option(target.spec.settings, "seed", options.seed);
  set_option(target.spec.settings, "threads", options.threads);
  if (!options.preset.empty())
    target.spec.settings.set("preset", options.preset).at_location({"command line (--preset)", 0, 0});
  if (!word) {
    if (target.spec.settings.find("study")) return target;
    return std::nullopt;
  }
  std::error_code error;
  const bool is_study = context.registry.find("study", *word) && !(runs_first && is_run_directory(*word));
  if (!is_study && is_run_directory(*word)) {
    if (target.spec.settings.find("preset"))
      throw SpecError(
          "'" + *word + "' is a run directory: its experiment says every setting, and a preset changes none",
          "leave the preset out, or name the study");
    target.run_directory = *word;
    target.spec.file = target.run_directory / "experiment.toml";
  } else if (!is_study && std::filesystem::is_directory(*word, error)) {
    throw SpecError("'" + *word + "' is a folder, but not a run directory",
                    "give a study, a FILE.toml or a run directory");
  } else if (word->ends_with(".toml") || word->find('/') != std::string::npos ||
             std::filesystem::is_regular_file(*word, error)) {
    target.spec.file = *word;
  } else {
    target.spec.study = *word;
  }
  return target;
}

Target require_target(const TargetOptions& options, const CliContext& context) {
  if (auto target = find_target(options, context)) return *target;
  std::string studies;
  for (const std::string& name : context.registry.names("study")) studies += (studies.empty() ? "" : ", ") + name;
  throw SpecError("nothing to run was named", "give a study (" + studies + ") or a FILE.toml");
}

}  // namespace neurarium
