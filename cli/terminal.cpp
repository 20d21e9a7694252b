#include "cli/terminal.hpp"
#include "neurarium/core/digits.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace neurarium {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

std::size_t width_of(const std::string& text) {  // code points: good enough for our tables
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string rate_text(double rate) {
  if (rate >= 1e6) return short_digits(rate / 1e6, 3) + " M";
  if (rate >= 1e4) return short_digits(rate / 1e3, 3) + " k";
  return short_digits(rate, 3) + " ";
}

}  // namespace

ProgressMeter::ProgressMeter(bool quiet) : quiet_(quiet) {
  const char* term = std::getenv("TERM");
  terminal_ = ::isatty(STDERR_FILENO) == 1 && !(term && std::string_view(term) == "dumb");
  colour_ = terminal_ && !is_set("NO_COLOR");
}

ProgressMeter::~ProgressMeter() { clear(); }

void ProgressMeter::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void ProgressMeter::note(const std::string& text) {
  if (quiet_) return;
  clear();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void ProgressMeter::show(const Progress& progress) {
  if (quiet_) return;
  const auto now = Clock::now();
  if (progress.phase != phase_ || progress.done < last_done_) {
    phase_ = progress.phase;
    first_done_ = progress.done;
    phase_start_ = now;
    if (!terminal_) last_shown_ = now;  // a phase shorter than the interval needs no line
  }
  last_done_ = progress.done;
  const double since_shown = std::chrono::duration<double>(now - last_shown_).count();
  if (since_shown < (terminal_ ? 0.1 : 5.0)) return;
  last_shown_ = now;

  const double elapsed = std::chrono::duration<double>(now - phase_start_).count();
  const double rate = elapsed > 0 ? (progress.done - first_done_) / elapsed : 0;
  const double share = progress.total > 0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0;
  std::string text = phase_ + " ";
  if (progress.total > 0) {
    if (terminal_) {
      const auto full = static_cast<std::size_t>(share * 20);
      std::string bar;
      for (std::size_t i = 0; i < 20; ++i) bar += i < full ? "━" : "─";
      text += colour_ ? "\033[36m" + bar + "\033[0m " : bar + " ";
    }
    char percent[16];
    std::snprintf(percent, sizeof percent, "%5.1f %%", 100 * share);
    text += percent;
  } else {
    text += short_digits(progress.done, 7) + " " + std::string(progress.unit);
  }
  if (rate > 0) text += "  " + rate_text(rate) + std::string(progress.unit) + "/s";
  if (!progress.merit.empty()) text += "  " + progress.merit;
  if (rate > 0 && progress.total > 0) text += "  " + duration_text((progress.total - progress.done) / rate) + " left";
  if (terminal_) {
    std::fprintf(stderr, "\r%s\033[K", text.c_str());
    std::fflush(stderr);
    drawn_ = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  if (seconds < 10) return short_digits(seconds, 2) + " s";
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string value_text(const Value& value) {
  if (value.is_null()) return "–";
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_number()) return short_digits(value.as_number(), 7);
  if (value.is_text()) return value.as_text();
  if (value.is_list()) {
    const Value::List& list = value.as_list();
    const std::string count = std::to_string(list.size());
    if (!list.empty() && std::ranges::all_of(list, &Value::is_list)) {  // --json has every number
      const std::size_t length = list.front().as_list().size();
      const bool even = std::ranges::all_of(list, [&](const Value& row) { return row.as_list().size() == length; });
      return even ? "[" + count + " × " + std::to_string(length) + " entries]" : "[" + count + " lists]";
    }
    std::string text = "[";
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i == 4 && list.size() > 5) return text + ", … " + count + " entries]";
      text += (i ? ", " : "") + value_text(list[i]);
    }
    return text + "]";
  }
  return std::string(value.kind());
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += line + '\n';
  }
  return text;
}

std::string report_text(const Report& report) {
  const bool references = std::ranges::any_of(report.figures, [](const Figure& f) { return !f.reference.is_null(); });
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"figure", "value", "unit"});
  if (references) rows.front().push_back("reference");
  rows.front().push_back("meaning");
  constexpr std::size_t most = 60, shown_of_many = 20;  // as on the page
  const std::size_t shown = report.figures.size() <= most ? report.figures.size() : shown_of_many;
  for (const Figure& figure : std::span(report.figures).first(shown)) {
    std::vector<std::string> row = {figure.name, value_text(figure.value), figure.unit};
    if (references) row.push_back(figure.reference.is_null() ? "" : value_text(figure.reference));
    row.push_back(figure.meaning);
    rows.push_back(std::move(row));
  }
  std::string text = report.question + '\n';
  if (!report.answer.empty()) text += report.answer + '\n';
  if (!report.figures.empty()) text += '\n' + table_text(rows, "  ");
  if (shown < report.figures.size())
    text += "  … and " + std::to_string(report.figures.size() - shown) + " more: on the page, and with --json\n";
  return text + "\nreport: " + report.run + "/report.html\n";
}

}  // namespace neurarium
