// What the verbs share. A verb is one file with one function `add_<name>_verb`: it adds its subcommand, and the
// subcommand's callback sets `context.action`, which runs after the whole command line has been read. Errors are simply
// thrown: cli_main turns them into messages and exit codes.
//
//   void add_list_verb(CLI::App& app, CliContext& context) {
//     CLI::App* verb = add_verb(app, "list", "What can be run", {"neurarium list", "neurarium list layer"});
//     auto options = std::make_shared<ListOptions>();
//     verb->add_option("KIND", options->kind, "…");
//     verb->callback([&context, options] { context.action = [&context, options] { return list(context, *options); }; });
//   }
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "neurarium/core/registry.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace neurarium {

struct CliContext {
  Registry registry;
  std::vector<std::string> arguments;  ///< the command line as given, the program's name first
  std::function<ExitCode()> action;    ///< set by the verb that was chosen
  bool json = false;                   ///< print one JSON object on stdout and nothing else
  bool quiet = false;                  ///< no progress, no notes
};

/// Adds a subcommand whose help opens with `examples`.
CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& description,
                   const std::vector<std::string>& examples);

/// From now on SIGINT, SIGTERM and (but under nohup) SIGHUP set this token instead of ending the program; a second one ends it at once.
std::stop_token catch_interrupts();

void add_run_verb(CLI::App&, CliContext&);
void add_sweep_verb(CLI::App&, CliContext&);
void add_gallery_verb(CLI::App&, CliContext&);
void add_list_verb(CLI::App&, CliContext&);
void add_describe_verb(CLI::App&, CliContext&);
void add_config_verb(CLI::App&, CliContext&);
void add_data_verb(CLI::App&, CliContext&);
void add_data_make_verb(CLI::App& data, CliContext&);
void add_data_encode_verb(CLI::App& data, CliContext&);
void add_report_verb(CLI::App&, CliContext&);
void add_compare_verb(CLI::App&, CliContext&);
void add_eval_verb(CLI::App&, CliContext&);
void add_attack_verb(CLI::App&, CliContext&);
void add_convert_verb(CLI::App&, CliContext&);
void add_gradcheck_verb(CLI::App&, CliContext&);
void add_bench_verb(CLI::App&, CliContext&);

}  // namespace neurarium
