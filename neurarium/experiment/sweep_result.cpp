#include "neurarium/experiment/sweep_result.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

Value number_or_nothing(double x) { return std::isfinite(x) ? Value(x) : Value(); }

Value settings_of(const SweepResult& result, std::size_t point) {
  Value settings = Value::table();
  for (std::size_t k = 0; k < result.keys.size(); ++k) settings.set(result.keys[k], result.points[point][k]);
  return settings;
}

/// RFC 4180: quoted if it must be.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}
std::string csv_number(double x) { return std::isfinite(x) ? to_json(Value(x), -1) : ""; }

std::string exact_text(const Value& value) { return value.is_text() ? value.as_text() : to_json(value, -1); }

Value point_value(const SweepResult& result, std::size_t point) {
  Value entry = Value::table();
  entry.set("settings", settings_of(result, point));
  std::size_t finished = 0, failed = 0;
  for (const SweepRun* run : result.runs_of(point)) {
    finished += run->state == SweepRun::State::finished;
    failed += run->state == SweepRun::State::failed;
  }
  entry.set("finished", finished);
  entry.set("failed", failed);
  Value figures = Value::table();
  for (const SweepFigure& figure : result.figures) {
    const SampleSummary summary = result.summary(point, figure.name);
    Value numbers = Value::table();
    numbers.set("n", summary.n);
    numbers.set("mean", number_or_nothing(summary.mean));
    numbers.set("sd", number_or_nothing(summary.sd));
    numbers.set("low", number_or_nothing(summary.low));
    numbers.set("high", number_or_nothing(summary.high));
    figures.set(figure.name, std::move(numbers));
  }
  entry.set("figures", std::move(figures));
  return entry;
}

Value run_value(const SweepResult& result, const SweepRun& run) {
  Value entry = Value::table();
  entry.set("settings", settings_of(result, run.point));
  entry.set("seed", run.seed);
  entry.set("status", std::string(name_of(run.state)));
  if (run.state == SweepRun::State::failed) {
    entry.set("exit_code", run.exit_code);
    entry.set("error", run.error);
  }
  if (run.seconds > 0) entry.set("wall_seconds", run.seconds);
  entry.set("run", run.folder.string());
  Value figures = Value::table();
  for (const auto& [name, value] : run.figures) figures.set(name, number_or_nothing(value));
  entry.set("figures", std::move(figures));
  return entry;
}

}  // namespace

const double* SweepRun::find(std::string_view figure) const noexcept {
  const auto found = std::ranges::find_if(figures, [&](const auto& entry) { return entry.first == figure; });
  return found == figures.end() ? nullptr : &found->second;
}

std::string_view name_of(SweepRun::State state) noexcept {
  switch (state) {
    case SweepRun::State::waiting: return "waiting";
    case SweepRun::State::running: return "running";
    case SweepRun::State::finished: return "finished";
    case SweepRun::State::failed: return "failed";
    case SweepRun::State::stopped: return "stopped";
  }
  return "";
}

std::size_t SweepResult::count(SweepRun::State state) const noexcept {
  return static_cast<std::size_t>(std::ranges::count(runs, state, &SweepRun::state));
}

std::vector<const SweepRun*> SweepResult::runs_of(std::size_t point) const {
  std::vector<const SweepRun*> found;
  for (std::size_t k = point * seeds.size(); k < std::min(runs.size(), (point + 1) * seeds.size()); ++k)
    found.push_back(&runs[k]);
  return found;
}

SampleSummary SweepResult::summary(std::size_t point, std::string_view name) const {
  std::vector<double> numbers;
  for (const SweepRun* run : runs_of(point))
    if (const double* value = run->state == SweepRun::State::finished ? run->find(name) : nullptr)
      numbers.push_back(*value);
  return summarise(numbers);
}

ExitCode SweepResult::exit_code() const noexcept {
  if (count(SweepRun::State::finished) == runs.size()) return ExitCode::done;
  int common = 0;
  for (const SweepRun& run : runs) {
    if (run.state != SweepRun::State::failed) continue;
    if (common != 0 && common != run.exit_code) return ExitCode::failed;
    common = run.exit_code;
  }
  if (common == 0) return ExitCode::interrupted;
  return common >= 1 && common <= 5 ? static_cast<ExitCode>(common) : ExitCode::failed;
}

std::string swept_value_text(const Value& value) {
  if (value.is_array()) return "an array";
  std::string exact = exact_text(value);
  if (value.is_number() && exact.size() > 10) return short_digits(value.as_number(), 6);  // 0.31622776601683794
  return exact;
}

std::string point_text(const SweepResult& result, std::size_t point) {
  std::string text;
  for (std::size_t k = 0; k < result.keys.size(); ++k)
    text += (k ? ", " : "") + result.keys[k] + " = " + swept_value_text(result.points[point][k]);
  return text;
}

Value to_value(const SweepResult& result) {
  using State = SweepRun::State;
  Value out = Value::table();
  out.set("format", "neurarium sweep 1");
  out.set("study", result.study);
  out.set("sweep", result.folder.string());
  const ExitCode code = result.exit_code();
  out.set("status", result.count(State::waiting) + result.count(State::running) > 0 ? "unfinished"
                    : code == ExitCode::done                                        ? "finished"
                    : code == ExitCode::interrupted                                 ? "unfinished"
                                                                                    : "failed");
  out.set("command", Value::List(result.command.begin(), result.command.end()));
  out.set("keys", Value::List(result.keys.begin(), result.keys.end()));
  Value::List seeds;
  for (const std::uint64_t seed : result.seeds) seeds.emplace_back(seed);
  out.set("seeds", std::move(seeds));
  out.set("finished", result.count(State::finished));
  out.set("failed", result.count(State::failed));
  out.set("sd", "sample standard deviation: divisor n - 1");
  out.set("interval", "95 %: mean ± t sd / √n, Student's t with n - 1 degrees of freedom");
  out.set("figure", result.figure);
  Value figures = Value::table();
  for (const SweepFigure& figure : result.figures) {
    Value entry = Value::table();
    entry.set("unit", figure.unit);
    entry.set("meaning", figure.meaning);
    figures.set(figure.name, std::move(entry));
  }
  out.set("figures", std::move(figures));
  Value::List points, runs;
  for (std::size_t p = 0; p < result.points.size(); ++p) points.push_back(point_value(result, p));
  for (const SweepRun& run : result.runs) runs.push_back(run_value(result, run));
  out.set("points", std::move(points));
  out.set("runs", std::move(runs));
  return out;
}

std::string csv_text(const SweepResult& result) {
  std::string text;
  for (const std::string& key : result.keys) text += csv_cell(key) + ",";
  text += "seed,status,";
  for (const SweepFigure& figure : result.figures) text += csv_cell(figure.name) + ",";
  text += "wall_seconds,run\n";
  for (const SweepRun& run : result.runs) {
    for (const Value& value : result.points[run.point]) text += csv_cell(exact_text(value)) + ",";
    text += std::to_string(run.seed) + "," + std::string(name_of(run.state)) + ",";
    for (const SweepFigure& figure : result.figures) {
      const double* value = run.find(figure.name);
      text += (value ? csv_number(*value) : "") + ",";
    }
    text += (run.seconds > 0 ? csv_number(run.seconds) : "") + "," + csv_cell(run.folder.string()) + "\n";
  }
  return text;
}

}  // namespace neurarium
