// What a verb is asked to work on: STUDY, FILE.toml or a run directory, and key.path=value words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/verbs.hpp"
#include "neurarium/experiment/experiment.hpp"

namespace neurarium {

struct TargetOptions {
  std::vector<std::string> words;  ///< the target and the overrides, in any order
  std::string preset, seed, threads;
};

struct Target {
  Spec spec;
  std::filesystem::path run_directory;  ///< if the target is one; empty otherwise
};

/// Adds the positionals and --preset, --seed, --threads.
void add_target_options(CLI::App& verb, TargetOptions& options);

/// Nothing if no word is a target. A name that both a study and a folder have is the study (./NAME is the folder), unless `runs_first`.
std::optional<Target> find_target(const TargetOptions& options, const CliContext& context, bool runs_first = false);
/// The same, but a SpecError that says what to write.
Target require_target(const TargetOptions& options, const CliContext& context);

}  // namespace neurarium
