#include "neurarium/experiment/sweep_page.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "neurarium/core/files.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/seed_means.hpp"
#include "neurarium/experiment/sweep_charts.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/report/html.hpp"
#include "neurarium/report/markup.hpp"
#include "neurarium/report/plotly.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_columns = 8;
using State = SweepRun::State;

/// Two digits of the deviation decide how many the mean shows: 0.9812 ± 0.0031.
std::string mean_text(const SampleSummary& summary) {
  if (summary.n == 0) return "—";
  if (!(summary.sd > 0)) return format_number(summary.mean, 5) + (summary.n > 1 ? " ± 0" : "");
  const double size = std::max(std::abs(summary.mean), summary.sd);
  const double digits = std::floor(std::log10(size)) - std::floor(std::log10(summary.sd)) + 2;
  return format_number(summary.mean, static_cast<int>(std::clamp(digits, 2.0, 8.0))) + " ± " +
         format_number(summary.sd, 2);
}

/// Those that say something: of constant figures one number is enough.
bool varies(const SweepResult& result, const SweepFigure& figure) {
  std::set<double> seen;
  for (const SweepRun& run : result.runs)
    if (const double* value = run.find(figure.name); value && std::isfinite(*value)) seen.insert(*value);
  return seen.size() > 1;
}

/// The figure that matters first, then those that vary, in the study's order.
std::vector<const SweepFigure*> in_order(const SweepResult& result) {
  std::vector<const SweepFigure*> order;
  for (const SweepFigure& figure : result.figures)
    if (figure.name == result.figure) order.push_back(&figure);
  for (const SweepFigure& figure : result.figures)
    if (figure.name != result.figure && varies(result, figure)) order.push_back(&figure);
  return order;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string how_many_finished(const SweepResult& result) {
  std::string text =
      std::to_string(result.count(State::finished)) + " of " + counted(result.runs.size(), "run") + " finished";
  if (const std::size_t failed = result.count(State::failed)) text += ", " + std::to_string(failed) + " failed";
  return text;
}

std::string answer_of(const SweepResult& result) {
  std::string text = how_many_finished(result);
  const std::string& name = result.figure;
  if (name.empty()) return text;
  std::vector<std::pair<double, std::size_t>> means;
  for (std::size_t p = 0; p < result.points.size(); ++p)
    if (const SampleSummary summary = result.summary(p, name); summary.n > 0) means.emplace_back(summary.mean, p);
  if (means.empty()) return text;
  const auto unit = std::ranges::find(result.figures, name, &SweepFigure::name)->unit;
  const auto shown = [&](std::size_t point) {
    const std::string setting = point_text(result, point);
    return mean_text(result.summary(point, name)) + (unit.empty() ? "" : " " + unit) +
           (setting.empty() ? "" : " (" + setting + ")");
  };
  const auto [low, high] = std::ranges::minmax_element(means);
  text += "; " + name + ": ";
  return text +
         (low->first == high->first ? shown(low->second) : "from " + shown(low->second) + " to " + shown(high->second));
}

Table points_table(const SweepResult& result) {
  const auto figures = in_order(result);
  Table table{"points", "Points", "", result.keys, {}};
  const bool repeated = result.seeds.size() > 1;
  table.caption = repeated ? "Mean ± sample standard deviation (divisor n − 1) over the finished runs of each point."
                           : "One run each: --repeats N gives means and deviations.";
  if (figures.size() > most_columns)
    table.caption += " All " + std::to_string(result.figures.size()) + " figures are in sweep.csv and sweep.json.";
  table.columns.emplace_back("runs");
  for (std::size_t k = 0; k < std::min(most_columns, figures.size()); ++k)
    table.columns.push_back(figures[k]->name + (figures[k]->unit.empty() ? "" : ", " + figures[k]->unit));
  for (std::size_t p = 0; p < result.points.size(); ++p) {
    std::vector<std::string> row;
    for (const Value& value : result.points[p]) row.push_back(swept_value_text(value));
    const auto runs = result.runs_of(p);
    const auto done = std::ranges::count(runs, State::finished, [](const SweepRun* run) { return run->state; });
    row.push_back(std::to_string(done) +
                  (static_cast<std::size_t>(done) == runs.size() ? "" : " of " + std::to_string(runs.size())));
    for (std::size_t k = 0; k < std::min(most_columns, figures.size()); ++k)
      row.push_back(mean_text(result.summary(p, figures[k]->name)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table runs_table(const SweepResult& result) {
  Table table{
      "runs", "Runs", "Each run has a page and a directory of its own, as if it had been started alone.", {"run"}, {}};
  table.columns.insert(table.columns.end(), result.keys.begin(), result.keys.end());
  table.columns.insert(table.columns.end(), {"seed", "state", "time"});
  if (!result.figure.empty()) table.columns.push_back(result.figure);
  for (const SweepRun& run : result.runs) {
    std::vector<std::string> row = {run.name};
    for (const Value& value : result.points[run.point]) row.push_back(swept_value_text(value));
    row.push_back(std::to_string(run.seed));
    row.emplace_back(name_of(run.state));
    row.push_back(run.seconds > 0 ? format_seconds(run.seconds) : "—");
    if (!result.figure.empty()) {
      const double* value = run.find(result.figure);
      row.push_back(value ? format_number(*value) : "—");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table failures_table(const SweepResult& result) {
  Table table{"failed", "Failed runs", "Starting the sweep again tries them again.", {"run"}, {}};
  table.columns.insert(table.columns.end(), result.keys.begin(), result.keys.end());
  table.columns.insert(table.columns.end(), {"seed", "exit code", "why"});
  for (const SweepRun& run : result.runs) {
    if (run.state != State::failed) continue;
    std::vector<std::string> row = {run.name};
    for (const Value& value : result.points[run.point]) row.push_back(swept_value_text(value));
    row.insert(row.end(), {std::to_string(run.seed), std::to_string(run.exit_code), run.error});
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string setting_values(const SweepResult& result) {
  std::string text;
  for (std::size_t k = 0; k < result.keys.size(); ++k) {
    std::vector<std::string> seen;
    for (const auto& point : result.points)
      if (const std::string value = swept_value_text(point[k]); std::ranges::find(seen, value) == seen.end())
        seen.push_back(value);
    text += "# Swept: " + result.keys[k] + " = ";
    for (std::size_t i = 0; i < seen.size(); ++i) text += (i ? ", " : "") + seen[i];
    text += "\n";
  }
  return text;
}

/// As one would type it: range(0,1,0.1) needs quotes.
std::string quoted_for_shell(const std::string& word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("=,.:/_-+@%").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// Some names of many: a list of a thousand tells nobody anything.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 40;
  std::string text;
  for (std::size_t k = 0; k < std::min(most, names.size()); ++k) text += (k ? ", " : "") + names[k];
  return names.size() > most ? text + ", and " + with_commas(names.size() - most) + " more" : text;
}

/// What the finished runs of the only point found; empty if that can't be read, or there is no mean to take.
std::vector<Report> reports_of_seeds(const SweepResult& result) {
  std::vector<Report> reports;
  if (result.points.size() != 1) return reports;
  for (const SweepRun& run : result.runs)
    if (run.state == State::finished) try {
        reports.push_back(read_report(run.folder));
      } catch (const Error&) {  // its own page says what is wrong
        return {};
      }
  return reports;
}

/// What the runs answer, on average; nothing if they say different things.
std::optional<std::string> mean_answer(const std::vector<Report>& of_runs) {
  std::vector<std::string> answers;
  for (const Report& one : of_runs) answers.push_back(one.answer);
  return mean_of_texts(answers);
}

void add_means_over_seeds(Report& report, const SweepResult& result, const std::vector<Report>& of_runs) {
  for (Table& table : mean_tables(of_runs)) {
    table.name = "mean-" + table.name;
    table.caption += (table.caption.empty() ? "" : " ") + std::string("Mean ± sample standard deviation over ") +
                     counted(of_runs.size(), "seed") + "; what is the same for all stands alone.";
    report.exhibits.emplace_back(std::move(table));
  }
  const auto first = std::ranges::find(result.runs, State::finished, &SweepRun::state);
  for (const Exhibit& exhibit : of_runs.front().exhibits)
    if (const auto* picture = std::get_if<Picture>(&exhibit)) {
      report.exhibits.emplace_back(*picture);
      std::get<Picture>(report.exhibits.back()).title += " (seed " + std::to_string(first->seed) + ")";
    }
}

}  // namespace

Report sweep_report(const SweepResult& result, const std::vector<Report>& of_runs) {
  Report report;
  report.study = result.study + "-sweep";
  report.run = result.folder.string();
  report.question = result.question;
  report.answer = answer_of(result);
  if (of_runs.size() > 1) {
    if (const auto answer = mean_answer(of_runs)) report.answer = how_many_finished(result) + ". " + *answer;
    add_means_over_seeds(report, result, of_runs);
  }
  const std::size_t failed = result.count(State::failed), finished = result.count(State::finished);
  std::size_t charts = 0;
  const auto figures = in_order(result);
  for (const SweepFigure* figure : figures) {
    if (charts == most_sweep_charts) break;
    if (auto chart = sweep_chart(result, *figure)) {
      report.exhibits.emplace_back(std::move(*chart));
      if (++charts == 1) report.exhibits.emplace_back(points_table(result));
    }
  }
  if (charts == 0 && finished > 0) report.exhibits.emplace_back(points_table(result));
  std::vector<std::string> constant, left_out;
  for (const SweepFigure& figure : result.figures)
    if (!varies(result, figure)) {
      for (const SweepRun& run : result.runs)
        if (const double* value = run.find(figure.name)) {
          constant.push_back(figure.name + " = " + format_number(*value));
          break;
        }
    }
  for (std::size_t k = most_sweep_charts; k < figures.size(); ++k) left_out.push_back(figures[k]->name);
  if (!constant.empty() && finished > 1)
    report.exhibits.emplace_back(Remark{"The same in every run", some_of(constant) + "."});
  if (!left_out.empty())
    report.exhibits.emplace_back(
        Remark{"Not drawn", some_of(left_out) + ". --figure NAME draws one of them first; sweep.csv has all."});
  if (failed > 0) report.exhibits.emplace_back(failures_table(result));
  report.exhibits.emplace_back(runs_table(result));
  return report;
}

void write_sweep_tables(const SweepResult& result) {
  write_atomically(result.folder / "sweep.csv", csv_text(result));
  write_atomically(result.folder / "sweep.json", to_json(to_value(result)) + "\n");
}

void write_sweep_page(const SweepResult& result, const std::filesystem::path& data_home) {
  PageContext page;
  page.plotly = find_plotly(data_home.empty() ? default_data_home() : data_home);
  for (const std::string& word : result.command)
    page.command += (page.command.empty() ? "" : " ") + quoted_for_shell(word);
  page.experiment_toml = setting_values(result) + "# The first point:\n" + result.experiment;
  page.provenance = Value::table();
  page.provenance.set("version", NEURARIUM_VERSION);
  page.provenance.set("points", result.points.size());
  page.provenance.set("seeds", result.seeds.size() == 1 ? std::to_string(result.seeds[0])
                               : result.seeds.size() == result.seeds.back() - result.seeds.front() + 1
                                   ? std::to_string(result.seeds.front()) + " to " + std::to_string(result.seeds.back())
                                   : counted(result.seeds.size(), "seed"));
  page.provenance.set("runs_at_a_time", result.jobs);
  page.provenance.set("threads_of_each", result.threads);
  double seconds = 0;
  for (const SweepRun& run : result.runs) {
    seconds += run.seconds;
    std::error_code error;
    if (std::filesystem::exists(run.folder / "report.html", error))
      page.links[run.name] = "members/" + run.name + "/report.html";
  }
  page.times = Value::table();
  page.times.set("all runs together", seconds);
  write_atomically(result.folder / "report.html", report_page(sweep_report(result, reports_of_seeds(result)), page));
}

}  // namespace neurarium
