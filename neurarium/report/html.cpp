#include "neurarium/report/html.hpp"

#include <algorithm>

#include "neurarium/core/files.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/report/chart_data.hpp"
#include "neurarium/report/figures_table.hpp"
#include "neurarium/report/markup.hpp"
#include "neurarium/report/page.hpp"

namespace neurarium {
namespace {

/// A picture on its way to the page: halved as often as the size limit demands.
struct Shown {
  const Picture* picture;
  Array pixels;
  std::string png;    ///< base64
  bool lead = false;  ///< the report's first picture, which is shown larger
  int halvings = 0;
};

/// Exhibits get stable anchors: scripts and people link to them.
std::string anchor(const std::string& name, std::size_t place) {
  std::string id;
  for (char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    id += plain ? c : '-';
  }
  return id.empty() ? "exhibit-" + std::to_string(place) : id;
}

std::string heading(const std::string& title) { return title.empty() ? "" : "<h3>" + escape_html(title) + "</h3>\n"; }

std::string caption(const std::string& text, const std::string& note = {}) {
  if (text.empty() && note.empty()) return {};
  return "<figcaption>" + escape_prose(text) +
         (note.empty() ? "" : " <span class=\"note\">" + escape_html(note) + "</span>") + "</figcaption>\n";
}

std::string picture_html(const Shown& shown) {
  const Picture& picture = *shown.picture;
  const std::string note = shown.halvings == 0
                               ? ""
                               : "Shown at 1/" + std::to_string(1 << shown.halvings) +
                                     " of its size; the whole picture is pictures/" + picture.name + ".png.";
  return heading(picture.title) + "<div class=\"plate\">" +
         picture_tag(shown.pixels.shape(), shown.png, picture.caption.empty() ? picture.title : picture.caption,
                     picture.smooth, shown.lead) +
         "</div>\n" + caption(picture.caption, note);
}

/// 3-D charts need the complete chart library.
bool is_solid(const Chart& chart) {
  return std::any_of(chart.traces.begin(), chart.traces.end(),
                     [](const Trace& trace) { return trace.kind == Trace::Kind::surface || !trace.z.empty(); });
}

std::string chart_html(const Chart& chart, const Value& data, const PageContext& context) {
  std::string out = heading(chart.title);
  const bool solid = is_solid(chart);
  const bool drawn = context.plotly.complete || (context.plotly.flat && !solid);
  if (drawn) {
    out += std::string("<div class=\"chart") +
           (solid              ? " solid"
            : chart.equal_axes ? " square"
                               : "") +
           "\" role=\"img\" aria-label=\"" + escape_html(chart.caption.empty() ? chart.title : chart.caption) +
           "\"><script type=\"application/json\">" + json_for_script(data) + "</script></div>\n";
  } else {
    out +=
        "<p class=\"missing\">The chart’s numbers are below. To see it drawn, get the chart library once with <code>" +
        escape_html(context.charts_command) + "</code> and make this page again.</p>\n";
  }
  const bool thinned = data.at("thinned").as_bool();
  out += caption(chart.caption, thinned ? "Thinned to keep this page small: not every point is shown." : "");
  return out + "<details class=\"" + (drawn ? "data drawn" : "data") + "\"><summary>Numbers of this chart</summary>\n" +
         chart_tables(chart) + "</details>\n";
}

std::string table_html(const Table& table, const std::map<std::string, std::string>& links) {
  // A column whose cells are all numbers, or empty, is set flush right with its heading.
  std::vector<bool> numeric(table.columns.size(), true);
  for (const auto& row : table.rows)
    for (std::size_t k = 0; k < row.size() && k < numeric.size(); ++k)
      if (!row[k].empty() && row[k] != "—" && !looks_numeric(row[k])) numeric[k] = false;
  const auto cell = [&](const char* tag, std::size_t k, const std::string& text) {
    const bool right = k > 0 && k < numeric.size() && numeric[k] && !table.rows.empty();
    const auto link = k == 0 ? links.find(text) : links.end();
    const std::string shown = link == links.end()
                                  ? escape_html(text)
                                  : "<a href=\"" + escape_html(link->second) + "\">" + escape_html(text) + "</a>";
    return std::string("<") + tag + (right ? " class=\"number\">" : ">") + shown + "</" + tag + ">";
  };
  std::string out = heading(table.title) + "<div class=\"scroll\"><table><thead><tr>";
  for (std::size_t k = 0; k < table.columns.size(); ++k) out += cell("th", k, table.columns[k]);
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t k = 0; k < row.size(); ++k) out += cell(k == 0 ? "th" : "td", k, row[k]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n" + caption(table.caption);
}

std::string remark_html(const Remark& remark) { return heading(remark.title) + paragraphs(remark.text); }

void flatten(const Value& value, const std::string& path, std::vector<std::pair<std::string, const Value*>>& rows) {
  if (!value.is_table()) {
    if (!value.is_null()) rows.emplace_back(path, &value);
    return;
  }
  for (const auto& [key, entry] : value.as_table()) flatten(entry, path.empty() ? key : path + " · " + key, rows);
}

std::string key_table(const char* title, const Value& value, bool seconds) {
  std::vector<std::pair<std::string, const Value*>> rows;
  if (value.is_table()) flatten(value, "", rows);
  if (rows.empty()) return {};
  std::string out = std::string("<h3>") + title + "</h3>\n<div class=\"scroll\"><table class=\"keys\"><tbody>\n";
  for (const auto& [key, entry] : rows)
    out += "<tr><th>" + escape_html(heading_of(key)) + "</th><td>" +
           escape_html(seconds && entry->is_number() ? format_seconds(entry->as_number()) : format_value(*entry, 10)) +
           "</td></tr>\n";
  return out + "</tbody></table></div>\n";
}

std::string provenance_html(const Report& report, const PageContext& context) {
  std::string out = "<section id=\"provenance\"><h2>How this was made</h2>\n";
  if (!context.command.empty())
    out += "<p>To repeat it:</p><pre class=\"command\"><code>" + escape_html(context.command) + "</code></pre>\n";
  if (!report.run.empty()) out += "<p>Results lie in <code>" + escape_html(report.run) + "</code>.</p>\n";
  out += key_table("Provenance", context.provenance, false) + key_table("Times", context.times, true);
  if (!context.experiment_toml.empty())
    out += "<details><summary>The experiment, every default written</summary>\n<pre><code>" +
           escape_html(context.experiment_toml) + "</code></pre></details>\n";
  return out + "</section>\n";
}

/// The charts as data, thinned until all of them together stay below `limit` bytes.
std::vector<Value> all_chart_data(const Report& report, std::size_t limit) {
  for (std::size_t most = 40'000;; most /= 2) {
    std::vector<Value> data;
    std::size_t bytes = 0;
    for (const Exhibit& exhibit : report.exhibits)
      if (const Chart* chart = std::get_if<Chart>(&exhibit))
        bytes += json_for_script(data.emplace_back(chart_data(*chart, most))).size();
    if (bytes <= limit || most < 100) return data;
  }
}

std::string encode(const Array& pixels) { return base64(png_bytes(pixels)); }

/// Halves the largest picture until all together stay below `limit` bytes.
void fit(std::vector<Shown>& pictures, std::size_t limit) {
  for (;;) {
    std::size_t bytes = 0;
    Shown* largest = nullptr;
    for (Shown& shown : pictures) {
      bytes += shown.png.size();
      const Shape& shape = shown.pixels.shape();
      if (shape[0] > 64 && shape[1] > 64 && (!largest || shown.png.size() > largest->png.size())) largest = &shown;
    }
    if (bytes <= limit || !largest) return;
    largest->pixels = halve(largest->pixels);
    largest->png = encode(largest->pixels);
    ++largest->halvings;
  }
}

/// The chart library, packed: the smallest that draws what can be drawn.
std::string library_html(const Report& report, const PageContext& context) {
  bool any = false, any_solid = false;
  for (const Exhibit& exhibit : report.exhibits)
    if (const auto* chart = std::get_if<Chart>(&exhibit)) {
      const bool solid = is_solid(*chart);
      any_solid |= solid;
      any |= !solid || context.plotly.complete.has_value();
    }
  const auto& library = context.plotly.fitting(any_solid);
  if (!library || !any) return {};
  const std::string packed = gzip(read_text(*library));
  return "<script type=\"text/plain\" id=\"chart-library\">" + base64(std::as_bytes(std::span(packed))) + "</script>\n";
}

}  // namespace

std::string report_page(const Report& report, const PageContext& context) {
  const std::string library = library_html(report, context);
  const std::size_t room = context.size_limit > library.size() ? context.size_limit - library.size() : 0;
  const std::vector<Value> charts = all_chart_data(report, room / 2);

  // Everything but the pictures first: they get the room that is left.
  std::vector<std::string> parts;
  std::vector<Shown> pictures;
  std::size_t chart = 0;
  for (const Exhibit& exhibit : report.exhibits) {
    if (const auto* picture = std::get_if<Picture>(&exhibit)) {
      pictures.push_back({picture, picture->pixels, encode(picture->pixels), pictures.empty()});
      parts.emplace_back();
    } else if (const auto* drawing = std::get_if<Chart>(&exhibit)) {
      parts.push_back(chart_html(*drawing, charts[chart++], context));
    } else if (const auto* table = std::get_if<Table>(&exhibit)) {
      parts.push_back(table_html(*table, context.links));
    } else {
      parts.push_back(remark_html(std::get<Remark>(exhibit)));
    }
  }
  const std::string figures = figures_table(report.figures), provenance = provenance_html(report, context);
  std::size_t bytes = figures.size() + provenance.size() + page_style.size() + page_script.size() + 4000;
  for (const std::string& part : parts) bytes += part.size() + 200;
  for (const Shown& shown : pictures) bytes += 2 * shown.picture->caption.size() + 600;
  fit(pictures, room > bytes ? room - bytes : 0);

  std::string body = "<header class=\"page\"><p class=\"kicker\">Neurarium · " + escape_html(report.study) +
                     "</p>\n<h1>" + escape_html(heading_of(report.study)) + "</h1>\n";
  if (!report.question.empty()) body += "<p class=\"question\">" + escape_prose(report.question) + "</p>\n";
  if (!report.answer.empty()) body += "<p class=\"answer\">" + escape_prose(report.answer) + "</p>\n";
  body += "</header>\n<main>\n" + figures;
  if (!parts.empty()) body += "<section id=\"exhibits\"><h2>Results</h2>\n";
  // Narrow pictures that follow one another share a row.
  std::vector<bool> narrow(parts.size() + 1, false);
  for (std::size_t k = 0, seen = 0; k < parts.size(); ++k)
    if (const auto* shown = std::get_if<Picture>(&report.exhibits[k]))
      narrow[k] = shown_size(shown->pixels.shape(), shown->smooth, seen++ == 0).width <= 420;
  const auto in_row = [&](std::size_t k) { return narrow[k] && (narrow[k + 1] || (k > 0 && narrow[k - 1])); };
  std::size_t picture = 0;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const std::string name = std::visit(
        [](const auto& exhibit) -> std::string {
          if constexpr (requires { exhibit.name; }) return exhibit.name;
          else return {};
        },
        report.exhibits[k]);
    const bool remark = std::holds_alternative<Remark>(report.exhibits[k]);
    if (in_row(k) && !(k > 0 && in_row(k - 1))) body += "<div class=\"row\">\n";
    body += std::string(remark ? "<div class=\"remark\" id=\"" : "<figure id=\"") + anchor(name, k + 1) + "\">\n" +
            (std::holds_alternative<Picture>(report.exhibits[k]) ? picture_html(pictures[picture++]) : parts[k]) +
            (remark ? "</div>\n" : "</figure>\n");
    if (in_row(k) && !(k + 1 < parts.size() && in_row(k + 1))) body += "</div>\n";
  }
  if (!parts.empty()) body += "</section>\n";
  body += provenance + "</main>\n";
  return page(heading_of(report.study), body + library, true);
}

}  // namespace neurarium
