#include "cli/sweep_view.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cli/terminal.hpp"

namespace neurarium {
namespace {

using State = SweepRun::State;

std::string summary_text(const SampleSummary& summary) {
  if (summary.n == 0) return "–";
  char text[80];
  if (summary.n == 1) std::snprintf(text, sizeof text, "%.5g", summary.mean);
  else if (!(summary.sd > 0)) std::snprintf(text, sizeof text, "%.5g ± 0", summary.mean);
  else {
    const double size = std::max(std::abs(summary.mean), summary.sd);
    const int digits =
        static_cast<int>(std::clamp(std::floor(std::log10(size)) - std::floor(std::log10(summary.sd)) + 2, 2.0, 8.0));
    std::snprintf(text, sizeof text, "%.*g ± %.2g", digits, summary.mean, summary.sd);
  }
  return text;
}

std::string run_name(const SweepResult& result, const SweepRun& run) {
  const std::string point = point_text(result, run.point);
  return point + (point.empty() ? "" : ", ") + "seed " + std::to_string(run.seed);
}

std::string unit_of(const SweepResult& result) {
  for (const SweepFigure& figure : result.figures)
    if (figure.name == result.figure && !figure.unit.empty()) return " " + figure.unit;
  return "";
}

std::vector<std::string> point_row(const SweepResult& result, std::size_t point) {
  std::vector<std::string> row;
  for (const Value& value : result.points[point]) row.push_back(swept_value_text(value));
  std::size_t done = 0, failed = 0, running = 0;
  const auto runs = result.runs_of(point);
  for (const SweepRun* run : runs) {
    done += run->state == State::finished;
    failed += run->state == State::failed;
    running += run->state == State::running;
  }
  row.push_back(std::to_string(done) + "/" + std::to_string(runs.size()));
  row.push_back(running > 0 ? std::to_string(running) + " running" : "");
  if (failed > 0) row.back() += (row.back().empty() ? "" : ", ") + std::to_string(failed) + " failed";
  if (!result.figure.empty()) row.push_back(summary_text(result.summary(point, result.figure)));
  return row;
}

std::vector<std::string> table_head(const SweepResult& result) {
  std::vector<std::string> head = result.keys;
  head.insert(head.end(), {"done", ""});
  if (!result.figure.empty()) head.push_back(result.figure + (result.seeds.size() > 1 ? ", mean ± sd" : ""));
  return head;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  return lines;
}

/// At most `width` code points, cut between two of them.
std::string fitted(const std::string& text, std::size_t width) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (count++ == width) return text.substr(0, i);
  }
  return text;
}

/// The points there is room for: those at work first, then the ones that come next, shown in their own order.
std::vector<std::size_t> points_to_show(const SweepResult& result, std::size_t most) {
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t p = 0; p < result.points.size(); ++p) {
    int rank = 2;
    for (const SweepRun* run : result.runs_of(p)) {
      if (run->state == State::running) rank = 0;
      if (run->state == State::failed) rank = std::min(rank, 1);
    }
    order.emplace_back(rank, p);
  }
  std::ranges::sort(order);
  std::vector<std::size_t> points;
  for (std::size_t k = 0; k < std::min(most, order.size()); ++k) points.push_back(order[k].second);
  std::ranges::sort(points);
  return points;
}

}  // namespace

SweepView::SweepView(bool quiet) : quiet_(quiet) {
  const char *term = std::getenv("TERM"), *no_colour = std::getenv("NO_COLOR");
  terminal_ = ::isatty(STDERR_FILENO) == 1 && !(term && std::string_view(term) == "dumb");
  colour_ = terminal_ && !(no_colour && *no_colour);
}

SweepView::~SweepView() { clear(); }

void SweepView::clear() {
  if (lines_ > 0) std::fprintf(stderr, "\r\033[%zuA\033[J", lines_);
  lines_ = 0;
}

void SweepView::note(const std::string& text) {
  if (quiet_) return;
  clear();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void SweepView::ended(const SweepResult& result, const SweepRun& run) {
  if (quiet_) return;
  const std::size_t done = result.count(State::finished) + result.count(State::failed);
  std::string text =
      "[" + std::to_string(done) + "/" + std::to_string(result.runs.size()) + "] " + run_name(result, run) + ": ";
  if (run.state == State::failed) {
    clear();
    std::fprintf(stderr, "%sfailed (exit code %d): %s\n", text.c_str(), run.exit_code, run.error.c_str());
    return;
  }
  if (terminal_) return;
  text += std::string(name_of(run.state)) + " after " + duration_text(run.seconds);
  if (const double* value = run.find(result.figure))
    text += ", " + result.figure + " " + value_text(*value) + unit_of(result);
  if (result.seconds_left > 1 && done < result.runs.size()) text += ", " + duration_text(result.seconds_left) + " left";
  std::fprintf(stderr, "%s\n", text.c_str());
}

void SweepView::show(const SweepResult& result) {
  if (quiet_ || !terminal_) return;
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size = {24, 80, 0, 0};
  const std::size_t width = size.ws_col, height = std::max<std::size_t>(8, size.ws_row);
  const std::size_t runs = result.runs.size(), finished = result.count(State::finished),
                    failed = result.count(State::failed), running = result.count(State::running);

  const std::size_t full = runs ? (finished + failed) * 20 / runs : 20;
  std::string bar;
  for (std::size_t i = 0; i < 20; ++i) bar += i < full ? "━" : "─";
  std::string head = bar + " " + std::to_string(finished) + "/" + std::to_string(runs) + " finished";
  if (failed > 0) head += ", " + std::to_string(failed) + " failed";
  if (result.seconds_left > 0) head += ", " + duration_text(result.seconds_left) + " left";

  const std::size_t shown_runs = std::min<std::size_t>(running, 4);
  const auto points = points_to_show(result, height - 4 - std::min(height - 6, shown_runs));
  std::vector<std::vector<std::string>> rows = {table_head(result)};
  for (const std::size_t point : points) rows.push_back(point_row(result, point));
  std::vector<std::string> lines = lines_of(table_text(rows, "  "));
  lines.insert(lines.begin(), head);
  if (points.size() < result.points.size())
    lines.push_back("  … and " + std::to_string(result.points.size() - points.size()) + " more points");
  std::size_t told = 0;
  for (const SweepRun& run : result.runs)
    if (run.state == State::running && told++ < shown_runs)
      lines.push_back("  " + run_name(result, run) + ": " + duration_text(run.seconds) +
                      (run.last_line.empty() ? "" : "  " + run.last_line));

  std::string text = lines_ > 0 ? "\r\033[" + std::to_string(lines_) + "A\033[J" : "";
  for (std::string& line : lines) {
    line = fitted(line, width - 1);
    if (colour_ && &line == &lines.front() && line.starts_with(bar))
      line = "\033[36m" + bar + "\033[0m" + line.substr(bar.size());
    text += line + "\n";
  }
  lines_ = lines.size();
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

std::string sweep_text(const SweepResult& result) {
  std::vector<std::vector<std::string>> rows = {table_head(result)};
  for (std::size_t p = 0; p < result.points.size(); ++p) rows.push_back(point_row(result, p));
  std::string text = result.question + "\n\n" + table_text(rows, "  ");
  if (result.count(State::failed) > 0) {
    text += "\nfailed:\n";
    for (const SweepRun& run : result.runs)
      if (run.state == State::failed)
        text += "  " + run_name(result, run) + " (exit code " + std::to_string(run.exit_code) +
                "): " + run.error.substr(0, run.error.find('\n')) + "\n";
  }
  return text + "\nreport: " + (result.folder / "report.html").string() +
         "\ntable:  " + (result.folder / "sweep.csv").string() + "\n";
}

}  // namespace neurarium
