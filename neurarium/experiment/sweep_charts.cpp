#include "neurarium/experiment/sweep_charts.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "neurarium/report/markup.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_lines = 12;

/// The swept key that makes the x axis: the first whose values are all numbers.
std::optional<std::size_t> numeric_key(const SweepResult& result) {
  for (std::size_t k = 0; k < result.keys.size(); ++k)
    if (std::ranges::all_of(result.points, [&](const auto& point) { return point[k].is_number(); })) return k;
  return std::nullopt;
}

/// How uneven the steps between sorted numbers are: their variance by the square of their mean.
double unevenness(const std::vector<double>& sorted) {
  double mean = (sorted.back() - sorted.front()) / static_cast<double>(sorted.size() - 1), sum = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const double step = sorted[i] - sorted[i - 1] - mean;
    sum += step * step;
  }
  return sum / (mean * mean);
}

/// Whether the numbers are spread by ratios rather than by differences.
bool is_geometric(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  if (numbers.size() < 3 || numbers.front() <= 0 || numbers.back() < 8 * numbers.front()) return false;
  std::vector<double> logarithms;
  for (const double x : numbers) logarithms.push_back(std::log(x));
  return unevenness(logarithms) < unevenness(numbers);
}

/// The last part of a dotted key, unless another key ends likewise: a legend has little room.
std::string short_key(const SweepResult& result, std::size_t key) {
  const auto last = [](const std::string& path) { return path.substr(path.rfind('.') + 1); };
  const std::string name = last(result.keys[key]);
  const auto alike = std::ranges::count(result.keys, name, last);
  return alike == 1 ? name : result.keys[key];
}

std::string other_keys(const SweepResult& result, std::size_t point, std::size_t x_key) {
  std::string text;
  for (std::size_t k = 0; k < result.keys.size(); ++k)
    if (k != x_key)
      text += (text.empty() ? "" : ", ") + short_key(result, k) + " = " + swept_value_text(result.points[point][k]);
  return text;
}

struct Line {
  std::string name;
  std::vector<std::pair<double, std::size_t>> points;  ///< x and the point
};

void add_lines(Chart& chart, const SweepResult& result, const SweepFigure& figure, std::size_t x_key) {
  std::vector<Line> lines;
  std::vector<double> all_x;
  for (std::size_t p = 0; p < result.points.size(); ++p) {
    if (result.summary(p, figure.name).n == 0) continue;
    const std::string name = other_keys(result, p, x_key);
    auto line = std::ranges::find(lines, name, &Line::name);
    if (line == lines.end()) line = lines.insert(line, {name, {}});
    all_x.push_back(result.points[p][x_key].as_number());
    line->points.emplace_back(all_x.back(), p);
  }
  if (lines.size() > most_lines) {
    chart.caption +=
        " Only the first " + std::to_string(most_lines) + " of " + std::to_string(lines.size()) + " lines.";
    lines.resize(most_lines);
  }
  Trace single;
  single.kind = Trace::Kind::points;
  for (Line& line : lines) {
    std::ranges::sort(line.points);
    Trace band, mean;
    band.kind = Trace::Kind::band;
    band.name = "95 % interval" + (line.name.empty() ? "" : ", " + line.name);
    mean.name = line.name.empty() ? "mean" : line.name;
    std::vector<double> lower;
    for (const auto& [x, p] : line.points) {
      const SampleSummary summary = result.summary(p, figure.name);
      mean.x.push_back(x);
      mean.y.push_back(summary.mean);
      if (summary.n < 2) continue;
      band.x.push_back(x);
      band.y.push_back(summary.high);
      lower.push_back(summary.low);
    }
    for (std::size_t i = lower.size(); i-- > 0;) {
      band.x.push_back(band.x[i]);
      band.y.push_back(lower[i]);
    }
    if (lower.size() > 1) chart.traces.push_back(std::move(band));
    chart.traces.push_back(std::move(mean));
  }
  if (lines.size() == 1) {
    single.name = "runs";
    for (const SweepRun& run : result.runs)
      if (const double* value = run.find(figure.name)) {
        single.x.push_back(result.points[run.point][x_key].as_number());
        single.y.push_back(*value);
      }
    chart.traces.push_back(std::move(single));
  }
  chart.x_label = result.keys[x_key];
  chart.log_x = is_geometric(all_x);
}

void add_bars(Chart& chart, const SweepResult& result, const SweepFigure& figure) {
  Trace bars;
  bars.kind = Trace::Kind::bars;
  bars.name = "mean";
  for (std::size_t p = 0; p < result.points.size(); ++p) {
    const SampleSummary summary = result.summary(p, figure.name);
    if (summary.n == 0) continue;
    std::string label;
    for (const Value& value : result.points[p]) label += (label.empty() ? "" : ", ") + swept_value_text(value);
    bars.labels.push_back(label);
    bars.y.push_back(summary.mean);
  }
  for (const std::string& key : result.keys) chart.x_label += (chart.x_label.empty() ? "" : ", ") + key;
  chart.traces.push_back(std::move(bars));
}

void add_seeds(Chart& chart, const SweepResult& result, const SweepFigure& figure) {
  Trace runs, mean, band;
  runs.kind = Trace::Kind::points;
  runs.name = "runs";
  for (const SweepRun& run : result.runs)
    if (const double* value = run.find(figure.name)) {
      runs.x.push_back(static_cast<double>(run.seed));
      runs.y.push_back(*value);
    }
  const SampleSummary summary = result.summary(0, figure.name);
  if (summary.n > 1) {
    const auto [low, high] = std::ranges::minmax(runs.x);
    band.kind = Trace::Kind::band;
    band.name = "95 % interval of the mean";
    band.x = {low, high, high, low};
    band.y = {summary.high, summary.high, summary.low, summary.low};
    mean.name = "mean";
    mean.x = {low, high};
    mean.y = {summary.mean, summary.mean};
    chart.traces = {std::move(band), std::move(mean)};
  }
  chart.x_label = "seed";
  chart.traces.push_back(std::move(runs));
}

}  // namespace

std::optional<Chart> sweep_chart(const SweepResult& result, const SweepFigure& figure) {
  if (std::ranges::none_of(result.runs, [&](const SweepRun& run) { return run.find(figure.name); }))
    return std::nullopt;
  Chart chart;
  chart.name = figure.name;
  chart.title = heading_of(figure.name);
  std::ranges::replace(chart.title, '_', ' ');
  chart.caption = figure.meaning;
  chart.y_label = figure.name + (figure.unit.empty() ? "" : ", " + figure.unit);
  const auto x_key = numeric_key(result);
  if (result.keys.empty()) {
    add_seeds(chart, result, figure);
  } else if (x_key) {
    add_lines(chart, result, figure, *x_key);
  } else {
    add_bars(chart, result, figure);
  }
  const bool banded = std::ranges::any_of(chart.traces, [](const Trace& t) { return t.kind == Trace::Kind::band; });
  if (banded)
    chart.caption += std::string(chart.caption.empty() ? "" : " ") +
                     "Line: mean over seeds; band: its 95 % confidence interval (Student’s t).";
  return chart;
}

}  // namespace neurarium
