#include "neurarium/report/figures_table.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "neurarium/interchange/json.hpp"
#include "neurarium/report/markup.hpp"

namespace neurarium {
namespace {

/// Digits to show: times are noisy beyond three; beside a reference, as many decimals as it has.
int digits_of(const Figure& figure) {
  constexpr int usual = 6, most = 15;
  if (figure.unit == "s" || figure.unit == "1/s") return 3;
  if (!figure.reference.is_number() || !figure.value.is_number() || figure.value.as_number() == 0) return usual;
  const std::string reference = to_json(figure.reference, -1);
  const std::size_t point = reference.find('.');
  if (point == std::string::npos || reference.find('e') != std::string::npos) return usual;
  const int decimals = static_cast<int>(reference.size() - point - 1);
  const int before = static_cast<int>(std::floor(std::log10(std::abs(figure.value.as_number())))) + 1;
  return std::clamp(decimals + before, usual, most);
}

/// Long names may be broken behind their underscores.
std::string breakable(const std::string& name) {
  std::string out;
  for (char c : escape_html(name)) {
    out += c;
    if (c == '_') out += "<wbr>";
  }
  return out;
}

}  // namespace

namespace {

std::string table_of(std::span<const Figure> figures, bool referenced) {
  std::string out =
      "<div class=\"scroll\"><table class=\"figures\"><thead><tr>"
      "<th>Figure</th><th class=\"number\">This run</th>";
  if (referenced) out += "<th class=\"number\">Reference</th>";
  out += "<th>Unit</th>";
  if (referenced) out += "<th>Source of the reference</th>";
  out += "</tr></thead><tbody>\n";
  for (const Figure& figure : figures) {
    const int digits = digits_of(figure);
    const auto number = [&](const Value& value) {
      const bool words =
          value.is_text() ||
          (value.is_list() && (value.as_list().size() > 4 || std::ranges::any_of(value.as_list(), &Value::is_list)));
      return std::string("<td class=\"") + (words ? "text" : "number") +
             (value.is_number() ? "\" title=\"" + to_json(value, -1) : "") + "\">" +
             escape_html(format_value(value, digits)) + "</td>";
    };
    out += "<tr id=\"figure-" + escape_html(figure.name) + "\"><th><code>" + breakable(figure.name) +
           "</code><span class=\"meaning\">" + escape_html(figure.meaning) + "</span></th>" + number(figure.value);
    if (referenced) out += number(figure.reference);
    out += "<td>" + escape_html(figure.unit) + "</td>";
    if (referenced) out += "<td class=\"source\">" + escape_html(figure.reference_source) + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string figures_table(const std::vector<Figure>& figures) {
  if (figures.empty()) return {};
  constexpr std::size_t most = 60, shown_of_many = 20;  // a wall of figures hides the rest of the page
  const bool referenced =
      std::any_of(figures.begin(), figures.end(), [](const Figure& figure) { return !figure.reference.is_null(); });
  const std::span all(figures);
  const std::size_t shown = figures.size() <= most ? figures.size() : shown_of_many;
  std::string out = "<section id=\"figures\"><h2>Figures</h2>\n" + table_of(all.first(shown), referenced);
  if (shown < figures.size())
    out += "<details><summary>" + std::to_string(figures.size() - shown) + " more figures</summary>\n" +
           table_of(all.subspan(shown), referenced) + "</details>\n";
  return out + "</section>\n";
}

}  // namespace neurarium
