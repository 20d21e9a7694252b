#include "neurarium/experiment/run_page.hpp"

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/report/html.hpp"
#include "neurarium/report/plotly.hpp"

namespace neurarium {

void write_page(const Report& report, const std::filesystem::path& run_directory, const Value& record,
                const std::filesystem::path& data_home) {
  PageContext page;
  page.plotly = find_plotly(data_home.empty() ? default_data_home() : data_home);
  page.experiment_toml = read_text(run_directory / "experiment.toml");
  page.provenance = record;
  page.times = Value::table();
  if (const Value* seconds = page.provenance.find("wall_seconds")) page.times.set("whole run", *seconds);
  page.command = "neurarium run " + (run_directory / "experiment.toml").string();
  if (const Value* command = page.provenance.find("command");
      command && command->is_list() && !command->as_list().empty()) {
    page.command.clear();
    for (const Value& word : command->as_list())
      if (word.is_text()) page.command += (page.command.empty() ? "" : " ") + word.as_text();
  }
  for (const char* key : {"format", "status", "wall_seconds", "command", "exit_status"}) page.provenance.erase(key);
  write_atomically(run_directory / "report.html", report_page(report, page));
}

}  // namespace neurarium
