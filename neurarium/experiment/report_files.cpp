#include "neurarium/experiment/report_files.hpp"

#include <algorithm>
#include <limits>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/report/chart_data.hpp"
#include "neurarium/report/png.hpp"

namespace neurarium {
namespace {

template <class Items>
Value list_of(const Items& items) {
  return Value::List(items.begin(), items.end());
}

// ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

Value to_value(const Chart& chart, const Trace& trace) {
  Value out = Value::table();
  out.set("kind", std::string(name_of(trace.kind)));
  out.set("name", trace.name);
  if (!trace.colour.empty()) out.set("colour", trace.colour);
  out.set("x", list_of(trace.x));
  out.set("y", list_of(trace.y));
  if (!trace.z.empty()) out.set("z", list_of(trace.z));
  if (!trace.labels.empty()) out.set("labels", list_of(trace.labels));
  add_formulas(chart, trace, out);
  if (!trace.grid.empty()) {
    out.set("dtype", std::string(name_of(trace.grid.dtype())));
    out.set("grid", std::make_shared<const Array>(trace.grid));
  }
  return out;
}

Value to_value(const Chart& chart) {
  Value out = Value::table();
  add_settings(chart, out);
  Value::List traces;
  for (const Trace& trace : chart.traces) traces.push_back(to_value(chart, trace));
  out.set("traces", std::move(traces));
  return out;
}

Value heading(const char* kind, const std::string& name, const std::string& title, const std::string& caption) {
  Value out = Value::table();
  out.set("kind", kind);
  if (!name.empty()) out.set("name", name);
  out.set("title", title);
  if (!caption.empty()) out.set("caption", caption);
  return out;
}

struct Listing {
  Value operator()(const Picture& picture) const {
    Value out = heading("picture", picture.name, picture.title, picture.caption);
    out.set("file", "pictures/" + picture.name + ".png");
    out.set("smooth", picture.smooth);
    return out;
  }
  Value operator()(const Chart& chart) const {
    Value out = heading("chart", chart.name, chart.title, chart.caption);
    out.set("file", "charts/" + chart.name + ".json");
    return out;
  }
  Value operator()(const Table& table) const {
    Value out = heading("table", table.name, table.title, table.caption);
    out.set("columns", list_of(table.columns));
    Value::List rows;
    for (const auto& row : table.rows) rows.push_back(list_of(row));
    out.set("rows", std::move(rows));
    return out;
  }
  Value operator()(const Remark& remark) const {
    Value out = heading("remark", {}, remark.title, {});
    out.set("text", remark.text);
    return out;
  }
};

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Reads one JSON file; every surprise is a DataError that names the file and the key.
class Reader {
 public:
  explicit Reader(std::filesystem::path file)
      : file_(std::move(file)), root_(parse_json(read_text(file_), file_.string())) {}
  const Value& root() const { return root_; }

  [[noreturn]] void fail(const Value& at, const std::string& what) const {
    throw DataError(file_.string(),
                    (at.where().line > 0 ? "line " + std::to_string(at.where().line) + ": " : "") + what,
                    "run again with --again");
  }
  const Value& entry(const Value& table, const char* key) const {
    if (!table.is_table()) fail(table, "expected a table, found " + std::string(table.kind()));
    if (const Value* value = table.find(key)) return *value;
    fail(table, std::string("'") + key + "' is missing");
  }
  std::string text(const Value& table, const char* key) const { return text(entry(table, key)); }
  std::string text_or_empty(const Value& table, const char* key) const {
    const Value* value = table.find(key);
    return value ? text(*value) : std::string();
  }
  std::string text(const Value& value) const {
    if (!value.is_text()) fail(value, "expected text, found " + std::string(value.kind()));
    return value.as_text();
  }
  bool flag(const Value& table, const char* key) const {
    const Value& value = entry(table, key);
    if (!value.is_bool()) fail(value, "expected true or false, found " + std::string(value.kind()));
    return value.as_bool();
  }
  const Value::List& list(const Value& value) const {
    if (!value.is_list()) fail(value, "expected a list, found " + std::string(value.kind()));
    return value.as_list();
  }
  double number(const Value& value) const {
    if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
    if (!value.is_number()) fail(value, "expected a number, found " + std::string(value.kind()));
    return value.as_number();
  }
  std::vector<double> numbers(const Value& table, const char* key) const {
    std::vector<double> out;
    if (const Value* value = table.find(key))
      for (const Value& item : list(*value)) out.push_back(number(item));
    return out;
  }
  std::vector<std::string> texts(const Value& value) const {
    std::vector<std::string> out;
    for (const Value& item : list(value)) out.push_back(text(item));
    return out;
  }
  Array grid(const Value& trace) const {
    const Value* rows = trace.find("grid");
    if (!rows) return {};
    const std::size_t height = list(*rows).size(), width = height ? list(rows->as_list()[0]).size() : 0;
    Array out(DType::f64, {height, width});
    double* next = out.as<double>().data();
    for (const Value& row : rows->as_list()) {
      if (list(row).size() != width) fail(row, "rows of different lengths");
      for (const Value& item : row.as_list()) *next++ = number(item);
    }
    return text(trace, "dtype") == "float32" ? converted(out, DType::f32) : out;
  }

 private:
  std::filesystem::path file_;
  Value root_;
};

Chart read_chart(const Reader& listing, const Value& entry, const std::filesystem::path& folder) {
  Chart chart;
  chart.name = listing.text(entry, "name");
  chart.title = listing.text(entry, "title");
  chart.caption = listing.text_or_empty(entry, "caption");
  const Reader file(folder / listing.text(entry, "file"));
  chart.x_label = file.text(file.root(), "x_label");
  chart.y_label = file.text(file.root(), "y_label");
  chart.z_label = file.text(file.root(), "z_label");
  chart.log_y = file.flag(file.root(), "log_y");
  chart.equal_axes = file.flag(file.root(), "equal_axes");
  chart.log_x = file.root().find("log_x") && file.flag(file.root(), "log_x");
  if (const Value* names = file.root().find("x_names")) chart.x_names = file.texts(*names);
  if (const Value* sliders = file.root().find("sliders"))
    for (const Value& item : file.list(*sliders))
      chart.sliders.push_back({file.text(item, "name"), file.text(item, "label"), file.number(file.entry(item, "low")),
                               file.number(file.entry(item, "high")), file.number(file.entry(item, "step")),
                               file.number(file.entry(item, "value"))});
  for (const Value& item : file.list(file.entry(file.root(), "traces"))) {
    Trace trace;
    const std::string kind = file.text(item, "kind");
    const auto known = trace_kind(kind);
    if (!known) file.fail(item, "unknown kind of trace '" + kind + "'");
    trace.kind = *known;
    trace.name = file.text(item, "name");
    trace.colour = file.text_or_empty(item, "colour");
    trace.x = file.numbers(item, "x");
    trace.y = file.numbers(item, "y");
    trace.z = file.numbers(item, "z");
    if (const Value* labels = item.find("labels")) trace.labels = file.texts(*labels);
    trace.formula = file.text_or_empty(item, "formula");
    trace.x_formula = file.text_or_empty(item, "x_formula");
    trace.y_formula = file.text_or_empty(item, "y_formula");
    trace.grid = file.grid(item);
    chart.traces.push_back(std::move(trace));
  }
  return chart;
}

Exhibit read_exhibit(const Reader& in, const Value& entry, const std::filesystem::path& folder) {
  const std::string kind = in.text(entry, "kind");
  const std::string title = in.text(entry, "title"), caption = in.text_or_empty(entry, "caption");
  if (kind == "picture") {
    const auto file = folder / in.text(entry, "file");
    return Picture{in.text(entry, "name"), title, caption, png_pixels(read_bytes(file), file.string()),
                   in.flag(entry, "smooth")};
  }
  if (kind == "chart") return read_chart(in, entry, folder);
  if (kind == "table") {
    Table table{in.text(entry, "name"), title, caption, in.texts(in.entry(entry, "columns")), {}};
    for (const Value& row : in.list(in.entry(entry, "rows"))) table.rows.push_back(in.texts(row));
    return table;
  }
  if (kind == "remark") return Remark{title, in.text(entry, "text")};
  in.fail(entry, "unknown kind of exhibit '" + kind + "'");
}

}  // namespace

Value to_value(const Report& report) {
  Value out = Value::table();
  out.set("study", report.study);
  out.set("run", report.run);
  out.set("question", report.question);
  out.set("answer", report.answer);
  Value figures = Value::table();
  for (const Figure& figure : report.figures) {
    Value entry = Value::table();
    entry.set("value", figure.value);
    entry.set("unit", figure.unit);
    entry.set("meaning", figure.meaning);
    if (!figure.reference.is_null()) entry.set("reference", figure.reference);
    if (!figure.reference_source.empty()) entry.set("reference_source", figure.reference_source);
    figures.set(figure.name, std::move(entry));
  }
  out.set("figures", std::move(figures));
  Value::List exhibits;
  for (const Exhibit& exhibit : report.exhibits) exhibits.push_back(std::visit(Listing{}, exhibit));
  out.set("exhibits", std::move(exhibits));
  return out;
}

void write_report(const Report& report, const std::filesystem::path& folder) {
  for (const Exhibit& exhibit : report.exhibits) {
    if (const auto* picture = std::get_if<Picture>(&exhibit)) {
      std::filesystem::create_directories(folder / "pictures");
      write_atomically(folder / "pictures" / (picture->name + ".png"),
                       std::span<const std::byte>(png_bytes(picture->pixels)));
    } else if (const auto* chart = std::get_if<Chart>(&exhibit)) {
      std::filesystem::create_directories(folder / "charts");
      write_atomically(folder / "charts" / (chart->name + ".json"), to_json(to_value(*chart)) + "\n");
    }
  }
  write_atomically(folder / "report.json", to_json(to_value(report)) + "\n");
}

Report read_report(const std::filesystem::path& run_directory) {
  const Reader in(run_directory / "report.json");
  Report report;
  report.study = in.text(in.root(), "study");
  report.run = run_directory.string();
  report.question = in.text(in.root(), "question");
  report.answer = in.text(in.root(), "answer");
  const Value& figures = in.entry(in.root(), "figures");
  if (!figures.is_table()) in.fail(figures, "expected a table, found " + std::string(figures.kind()));
  for (const auto& [name, entry] : figures.as_table()) {
    Figure figure;
    figure.name = name;
    figure.value = in.entry(entry, "value");
    figure.unit = in.text(entry, "unit");
    figure.meaning = in.text(entry, "meaning");
    if (const Value* reference = entry.find("reference")) figure.reference = *reference;
    figure.reference_source = in.text_or_empty(entry, "reference_source");
    report.figures.push_back(std::move(figure));
  }
  for (const Value& entry : in.list(in.entry(in.root(), "exhibits")))
    report.exhibits.push_back(read_exhibit(in, entry, run_directory));
  return report;
}

}  // namespace neurarium
