// neurarium report: draws the page of a finished run again.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/experiment/run_page.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

ExitCode report_verb(const CliContext& context, const std::string& run, const std::string& data_dir) {
  if (!is_run_directory(run)) throw DataError(run, "is not a run directory", "give one that `neurarium run` made");
  RunDirectory directory(run);
  if (!directory.has("report.json"))
    throw DataError(run, "has no report: the run is not finished", "finish it with: neurarium run --resume " + run);
  const Report report = read_report(directory.folder());
  write_page(report, directory.folder(), directory.record(), data_dir);
  std::cout << (context.json ? to_json(to_value(report)) + "\n" : report_text(report));
  return ExitCode::done;
}

}  // namespace

void add_report_verb(CLI::App& app, CliContext& context) {
  struct Options {
    std::string run, data_dir;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(app, "report", "Draw the page of a finished run again",
               {"neurarium report runs/xor-surface-0123abcd", "neurarium report runs/xor-surface-0123abcd --json"});
  verb->add_option("RUN", options->run, "A run directory")->required();
  verb->add_option("--data-dir", options->data_dir, "Where the charts' script lies ($NEURARIUM_DATA)")
      ->type_name("DIR");
  verb->add_flag("--json", context.json, "Print report.json and nothing else on stdout");
  verb->callback([&context, options] {
    context.action = [&context, options] { return report_verb(context, options->run, options->data_dir); };
  });
}

}  // namespace neurarium
