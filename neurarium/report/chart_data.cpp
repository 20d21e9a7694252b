#include "neurarium/report/chart_data.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "neurarium/report/formula.hpp"
#include "neurarium/report/markup.hpp"

namespace neurarium {
namespace {

bool has_grid(const Trace& trace) {
  return trace.kind == Trace::Kind::heatmap || trace.kind == Trace::Kind::contour || trace.kind == Trace::Kind::surface;
}

Value rounded(double value) {
  if (!std::isfinite(value)) return {};
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 8).ptr;
  std::from_chars(buffer, end, value);
  return value;
}

/// Every step-th of `count` places, and the last.
std::vector<std::size_t> every(std::size_t count, std::size_t step) {
  std::vector<std::size_t> places;
  for (std::size_t k = 0; k < count; k += step) places.push_back(k);
  if (count > 0 && places.back() != count - 1) places.push_back(count - 1);
  return places;
}

Value::List numbers(const std::vector<double>& values, const std::vector<std::size_t>& places) {
  Value::List list;
  list.reserve(places.size());
  for (std::size_t k : places) list.push_back(rounded(values[k]));
  return list;
}

void check(const Chart& chart, const Trace& trace) {
  const std::string where = "chart " + chart.name + ", trace " + trace.name;
  if (has_grid(trace)) {
    const Shape expected{trace.y.size(), trace.x.size()};
    if (trace.grid.shape() != expected) throw ShapeError(where, to_string(expected), to_string(trace.grid.shape()));
    return;
  }
  const auto same = [&](const char* what, std::size_t size) {
    if (size != trace.y.size())
      throw ShapeError(where, std::to_string(trace.y.size()) + " " + what + ", as many as y", std::to_string(size));
  };
  if (!(trace.kind == Trace::Kind::bars && trace.x.empty())) same("x", trace.x.size());
  if (!trace.z.empty()) same("z", trace.z.size());
  if (!trace.labels.empty()) same("labels", trace.labels.size());
}

Value trace_data(const Chart& chart, const Trace& trace, std::size_t most, bool& thinned) {
  Value out = Value::table();
  add_formulas(chart, trace, out);
  out.set("kind", std::string(name_of(trace.kind)));
  out.set("name", trace.name);
  if (!trace.colour.empty()) out.set("colour", trace.colour);
  if (has_grid(trace)) {
    std::size_t step = 1;
    const auto extent = [&](std::size_t count) { return (count + step - 1) / step; };
    while (extent(trace.x.size()) * extent(trace.y.size()) > most) ++step;
    thinned |= step > 1;
    const auto columns = every(trace.x.size(), step), rows = every(trace.y.size(), step);
    const Tensor<double> grid = to_tensor<double>(trace.grid);
    Value::List lines;
    for (std::size_t i : rows) {
      Value::List line;
      line.reserve(columns.size());
      for (std::size_t j : columns) line.push_back(rounded(grid(i, j)));
      lines.push_back(std::move(line));
    }
    out.set("x", numbers(trace.x, columns));
    out.set("y", numbers(trace.y, rows));
    out.set("grid", std::move(lines));
    if (!trace.labels.empty() && step == 1) out.set("labels", Value::List(trace.labels.begin(), trace.labels.end()));
    return out;
  }
  const std::size_t step = std::max<std::size_t>(1, (trace.y.size() + most - 1) / most);
  thinned |= step > 1;
  const auto places = every(trace.y.size(), step);
  if (!trace.x.empty()) out.set("x", numbers(trace.x, places));
  out.set("y", numbers(trace.y, places));
  if (!trace.z.empty()) out.set("z", numbers(trace.z, places));
  if (!trace.labels.empty()) {
    Value::List labels;
    for (std::size_t k : places) labels.push_back(trace.labels[k]);
    out.set("labels", std::move(labels));
  }
  return out;
}

std::string cell(const std::string& text) { return "<td>" + text + "</td>"; }

std::string or_else(const std::string& text, const std::string& otherwise) {
  return escape_html(text.empty() ? otherwise : text);
}

std::string grid_table(const Chart& chart, const Trace& trace) {
  constexpr std::size_t most = 9;
  const auto step = [](std::size_t count) { return std::max<std::size_t>(1, (count + most - 2) / (most - 1)); };
  const auto columns = every(trace.x.size(), step(trace.x.size())), rows = every(trace.y.size(), step(trace.y.size()));
  const Tensor<double> grid = to_tensor<double>(trace.grid);
  std::string out = "<thead><tr><th>" + or_else(chart.y_label, "y") + " \\ " + or_else(chart.x_label, "x") + "</th>";
  for (std::size_t j : columns) out += "<th>" + format_number(trace.x[j], 4) + "</th>";
  out += "</tr></thead><tbody>";
  for (std::size_t i : rows) {
    out += "<tr><th>" + format_number(trace.y[i], 4) + "</th>";
    for (std::size_t j : columns) out += cell(format_number(grid(i, j)));
    out += "</tr>";
  }
  return out + "</tbody>";
}

/// What a reader finds on the axis nearest to x.
std::string place_on_axis(const Chart& chart, double x) {
  const double nearest = std::round(x);
  if (nearest >= 0 && nearest < static_cast<double>(chart.x_names.size()))
    return escape_html(chart.x_names[static_cast<std::size_t>(nearest)]);
  return format_number(x);
}

std::string list_table(const Chart& chart, const Trace& trace) {
  constexpr std::size_t most = 24;
  const std::size_t count = trace.y.size();
  const auto places = every(count, std::max<std::size_t>(1, (count + most - 2) / (most - 1)));
  std::string out = "<thead><tr>";
  if (!trace.labels.empty()) out += "<th>label</th>";
  if (!trace.x.empty()) out += "<th>" + or_else(chart.x_label, "x") + "</th>";
  out += "<th>" + or_else(chart.y_label, "y") + "</th>";
  if (!trace.z.empty()) out += "<th>" + or_else(chart.z_label, "z") + "</th>";
  out += "</tr></thead><tbody>";
  for (std::size_t k : places) {
    out += "<tr>";
    if (!trace.labels.empty()) out += "<th>" + escape_html(trace.labels[k]) + "</th>";
    if (!trace.x.empty()) out += cell(place_on_axis(chart, trace.x[k]));
    out += cell(format_number(trace.y[k]));
    if (!trace.z.empty()) out += cell(format_number(trace.z[k]));
    out += "</tr>";
  }
  return out + "</tbody>";
}

std::string summary(const Trace& trace) {
  const bool grid = has_grid(trace);
  const Tensor<double> heights = grid ? to_tensor<double>(trace.grid) : Tensor<double>();
  const std::span<const double> values =
      grid ? std::span(heights.flat()) : std::span(trace.z.empty() ? trace.y : trace.z);
  double low = INFINITY, high = -INFINITY;
  for (double value : values)
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  std::string text = grid ? std::to_string(trace.y.size()) + " × " + std::to_string(trace.x.size()) + " values"
                          : format_number(static_cast<double>(values.size())) + " points";
  if (low <= high) text += ", from " + format_number(low) + " to " + format_number(high);
  return text;
}

}  // namespace

void add_settings(const Chart& chart, Value& out) {
  out.set("x_label", chart.x_label);
  out.set("y_label", chart.y_label);
  out.set("z_label", chart.z_label);
  out.set("log_y", chart.log_y);
  out.set("equal_axes", chart.equal_axes);
  if (chart.log_x) out.set("log_x", true);
  if (!chart.x_names.empty()) out.set("x_names", Value::List(chart.x_names.begin(), chart.x_names.end()));
  if (chart.sliders.empty()) return;
  Value::List sliders;
  for (const Slider& slider : chart.sliders) {
    require_slider_name(slider.name, "chart " + chart.name);
    Value& entry = sliders.emplace_back(Value::table());
    entry.set("name", slider.name);
    entry.set("label", slider.label);
    entry.set("low", slider.low);
    entry.set("high", slider.high);
    entry.set("step", slider.step);
    entry.set("value", slider.value);
  }
  out.set("sliders", std::move(sliders));
}

void add_formulas(const Chart& chart, const Trace& trace, Value& out) {
  const std::string where = "chart " + chart.name + ", trace " + trace.name;
  if (trace.x_formula.empty() != trace.y_formula.empty())
    throw DataError(where, "has one of x_formula and y_formula", "give both, or neither");
  const auto add = [&](const char* key, const std::string& formula, std::vector<std::string> variables) {
    if (formula.empty()) return;
    for (const Slider& slider : chart.sliders) variables.push_back(slider.name);
    require_formula(formula, variables, where);
    out.set(key, formula);
  };
  add("formula", trace.formula, {"x", "y"});
  add("x_formula", trace.x_formula, {"t"});
  add("y_formula", trace.y_formula, {"t"});
}

Value chart_data(const Chart& chart, std::size_t most) {
  Value out = Value::table();
  out.set("name", chart.name);
  add_settings(chart, out);
  bool thinned = false;
  Value::List traces;
  for (const Trace& trace : chart.traces) {
    check(chart, trace);
    traces.push_back(trace_data(chart, trace, std::max<std::size_t>(most, 4), thinned));
  }
  out.set("thinned", thinned);
  out.set("traces", std::move(traces));
  return out;
}

std::string chart_tables(const Chart& chart) {
  std::string out;
  for (const Trace& trace : chart.traces) {
    check(chart, trace);
    out += "<p class=\"trace\"><b>" + or_else(trace.name, std::string(name_of(trace.kind))) + "</b> — " +
           escape_html(summary(trace)) + "</p>\n<div class=\"scroll\"><table class=\"numbers\">" +
           (has_grid(trace) ? grid_table(chart, trace) : list_table(chart, trace)) + "</table></div>\n";
  }
  return out;
}

}  // namespace neurarium
