// Results as data: a study produces figures, pictures, charts and tables; report/ only draws them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/value.hpp"

namespace neurarium {

/// A named value with its unit. Names are stable: scripts and `compare` rely on them.
struct Figure {
  std::string name;     ///< snake_case
  Value value;          ///< a number, text, or list of numbers
  std::string unit;     ///< "" = dimensionless; "s" and "1/s" mark times and rates, which `compare --exact` leaves out
  std::string meaning;  ///< one line for the table
  Value reference;      ///< what the notebook or the literature gives, if anything
  std::string reference_source;
};

/// An image, ready to be shown: uint8 [height, width, 3].
struct Picture {
  std::string name;  ///< file name without ending
  std::string title;
  std::string caption;  ///< what one sees, in words: also the alternative text
  Array pixels;
  bool smooth = false;  ///< false: enlarged with hard pixel edges
};

struct Trace {
  /// A band is a filled outline, drawn pale and not named in the legend: forth along its upper edge, back along the lower.
  enum class Kind { line, points, bars, heatmap, contour, surface, band };
  /// The words of the kinds in files and in Python, in the order of Kind.
  static constexpr std::array<std::string_view, 7> kind_names = {"line",    "points",  "bars", "heatmap",
                                                                 "contour", "surface", "band"};
  Kind kind = Kind::line;
  std::string name;
  std::vector<double> x, y;
  std::vector<double> z;            ///< heights of a 3-D line; empty otherwise
  Array grid;                       ///< floating [y.size(), x.size()] for heatmap, contour, surface
  std::vector<std::string> labels;  ///< one per point; of a map, one per row or column
  std::string colour;               ///< CSS colour; empty = the page's choice
  /// How the page finds the numbers again when the reader moves the chart's sliders (report/formula.hpp): the height of a grid
  /// as a function of x and y, or the place of point t = 0 … 1 of a line. Empty: the trace stays as it is.
  std::string formula, x_formula, y_formula;
};

/// A number that the reader of a page may change.
struct Slider {
  std::string name;   ///< as formulas call it
  std::string label;  ///< as the reader sees it
  double low = 0, high = 1, step = 0.1, value = 0;
};

constexpr std::string_view name_of(Trace::Kind kind) noexcept {
  return Trace::kind_names[static_cast<std::size_t>(kind)];
}
constexpr std::optional<Trace::Kind> trace_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < Trace::kind_names.size(); ++i)
    if (Trace::kind_names[i] == name) return static_cast<Trace::Kind>(i);
  return std::nullopt;
}

/// A chart as data. All traces share its axes; it is 3-D if one trace is a surface.
struct Chart {
  std::string name;
  std::string title;
  std::string caption;
  std::string x_label, y_label, z_label;
  std::vector<Trace> traces;
  bool log_y = false;
  bool equal_axes = false;
  bool log_x = false;
  std::vector<Slider> sliders = {};  ///< sliders of one name in several charts of a page move together
  std::vector<std::string> x_names =
      {};  ///< what stands at x = 0, 1, 2, …, for axes that count kinds of things; empty: numbers
};

/// A table of texts.
struct Table {
  std::string name;
  std::string title;
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A paragraph under a heading; plain text.
struct Remark {
  std::string title;
  std::string text;
};

using Exhibit = std::variant<Picture, Chart, Table, Remark>;

/// What a run found, as a value.
struct Report {
  std::string study;
  std::string run;       ///< the run directory
  std::string question;  ///< what the study asks
  std::string answer;    ///< one line, set by the study at its end
  std::vector<Figure> figures;
  std::vector<Exhibit> exhibits;  ///< in the order of the page; the first Picture is the study's card

  const Figure* find(std::string_view name) const noexcept {
    for (const Figure& figure : figures)
      if (figure.name == name) return &figure;
    return nullptr;
  }
};

}  // namespace neurarium
