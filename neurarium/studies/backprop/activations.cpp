// activations: what do activation functions do to a number, and how much of the error do their derivatives let through?
// (founding notebook: learning-anns, its sheet of 2 × 4 graphs)
#include "neurarium/nn/activation_function.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/backprop/studies.hpp"

namespace neurarium {
namespace {

struct Params {
  std::vector<std::string> functions = activation_function_names();
  double low = -5;
  double high = 5;
  std::int64_t points = 100;
  static Schema fields() {
    return Schema::of<Params>({
        field("functions", &Params::functions, "Which functions, in the order of the sheet."),
        field("low", &Params::low, "First a."),
        field("high", &Params::high, "Last a."),
        field("points", &Params::points, "Number of points, evenly spaced, both ends included.").between(2, 100000),
    });
  }
};

/// A function over the points.
struct Graph {
  std::string name;
  ActivationFunction function;
  std::vector<double> y, slope;
};

std::vector<double> values(ActivationFunction g, const std::vector<double>& a) {
  Tensor<double> y(Shape{a.size()});
  std::ranges::copy(a, y.flat().begin());
  activate(g, y.view(), y.view());
  return {y.flat().begin(), y.flat().end()};
}

std::vector<double> slopes(ActivationFunction g, const std::vector<double>& a) {
  Tensor<double> in(Shape{a.size()}), y(Shape{a.size()}), slope(Shape{a.size()});
  std::ranges::copy(a, in.flat().begin());
  activate(g, in.view(), y.view());
  slope.fill(1);
  multiply_by_derivative(g, in.view(), y.view(), slope.view());
  return {slope.flat().begin(), slope.flat().end()};
}

/// One graph of the sheet: its name above, the notebook's margins (½ above and below), axes through 0.
Array panel(const std::string& title, const std::vector<double>& x, const std::vector<double>& y, Colour colour) {
  constexpr std::size_t width = 240, height = 190, head = 24, edge = 6;
  Array image = blank_image(height, width, paper);
  draw_text(image, (width - text_width(title, 2)) / 2, 4, title, ink, 2);
  const auto [least, most] = std::ranges::minmax(y);
  const Frame frame{x.front(), x.back(), least - 0.5, most + 0.5, width - 2 * edge, height - head - edge};
  const auto at = [&](double a, double b) {
    const Point p = frame.pixel(a, b);
    return Point{p.x + edge, p.y + head};
  };
  const Colour grey{200, 200, 200}, border{120, 120, 120};
  const std::vector<Segment> box = {{at(x.front(), least - 0.5), at(x.back(), least - 0.5)},
                                    {at(x.front(), most + 0.5), at(x.back(), most + 0.5)},
                                    {at(x.front(), least - 0.5), at(x.front(), most + 0.5)},
                                    {at(x.back(), least - 0.5), at(x.back(), most + 0.5)}};
  std::vector<Segment> axes = {{at(x.front(), 0), at(x.back(), 0)}};
  if (x.front() < 0 && x.back() > 0) axes.push_back({at(0, least - 0.5), at(0, most + 0.5)});
  if (!(least - 0.5 < 0 && most + 0.5 > 0)) axes.erase(axes.begin());
  draw_segments(image, axes, grey, 1);
  draw_segments(image, box, border, 1);
  std::vector<Point> line;
  for (std::size_t i = 0; i < x.size(); ++i) line.push_back(at(x[i], y[i]));
  draw_polyline(image, line, colour, 2.5);
  return image;
}

constexpr int digits = 4;  // of numbers in words

class Activations : public Study {
 public:
  explicit Activations(const Params& params) : params_(params) {
    if (params.functions.empty()) throw SpecError("functions: none given", "leave the field out for all of them");
    if (!(params.low < params.high)) throw SpecError("low is not below high", "give low < high");
    for (const std::string& name : params.functions) activation_function(name);
  }

  void run(RunContext& context) override {
    const auto n = static_cast<std::size_t>(params_.points);
    std::vector<double> x(n);
    for (std::size_t i = 0; i < n; ++i)  // as NumPy's linspace: the last point is exactly `high`
      x[i] = i + 1 == n
                 ? params_.high
                 : params_.low + static_cast<double>(i) * ((params_.high - params_.low) / static_cast<double>(n - 1));
    std::vector<Graph> graphs;
    for (const std::string& name : params_.functions) {
      const ActivationFunction g = activation_function(name);
      graphs.push_back({name, g, values(g, x), slopes(g, x)});
    }
    // Four columns, as the notebook's figure; what comes later in sheets of five.
    for (std::size_t first = 0, count = 4; first < graphs.size(); first += count, count = 5)
      add_sheet(context, x, std::span(graphs).subspan(first, std::min(count, graphs.size() - first)), first);
    add_chart(context, "values", "The functions", "y = g(a)", x, graphs, &Graph::y);
    add_chart(context, "derivatives", "Their derivatives", "g'(a)", x, graphs, &Graph::slope);
    add_arrays(context, x, graphs);
    add_table(context, x, graphs);
    context.add(Remark{
        "What to look at",
        "In the backward pass each layer multiplies the error by g'(a). The logistic function lets at most a quarter "
        "through, so ten layers of it leave less than one part in a million; tanh lets all of it through at 0 and "
        "almost "
        "nothing where it is saturated. The rectified linear unit lets everything or nothing through: a unit that is "
        "never on learns nothing any more, which leaky ReLU and ELU avoid. GELU and SiLU are smooth and may fall "
        "before "
        "they rise; softplus is the smooth ReLU, and its derivative is the logistic function. g'(0) of ReLU is 0 "
        "here."});
  }

 private:
  static void add_sheet(RunContext& context, const std::vector<double>& x, std::span<const Graph> graphs,
                        std::size_t first) {
    std::vector<Array> above, below;
    std::string names;
    for (const Graph& graph : graphs) {
      std::string title = graph.name;
      std::ranges::replace(title, '_', ' ');
      above.push_back(panel(title, x, graph.y, {200, 60, 40}));
      below.push_back(panel("derivative", x, graph.slope, {30, 100, 190}));
      names += (names.empty() ? "" : ", ") + title;
    }
    const std::vector<Array> rows = {beside(above), beside(below)};
    context.add(Picture{first == 0 ? "sheet" : "sheet-from-" + graphs.front().name,
                        first == 0 ? "Activation functions and their derivatives" : "More of them",
                        "Above: y = g(a); below: g'(a), for " + names + ". a from " + short_digits(x.front(), digits) +
                            " to " + short_digits(x.back(), digits) +
                            "; each graph has a scale of its own, from its least value − ½ to its "
                            "largest + ½, and grey lines through 0.",
                        stack(rows), true});
  }
  static void add_chart(RunContext& context, const char* name, const char* title, const char* label,
                        const std::vector<double>& x, const std::vector<Graph>& graphs,
                        std::vector<double> Graph::*numbers) {
    static constexpr const char* colours[] = {"#2f7fc1", "#d6493a", "#3a9d4f", "#9467bd", "#ee8a1c",
                                              "#1aa3b0", "#a0763a", "#e070b8", "#808080"};
    Chart chart;
    chart.name = name, chart.title = title, chart.x_label = "a", chart.y_label = label;
    chart.caption = std::string(label) + " of every function on one scale. Click a name to hide it.";
    for (const Graph& graph : graphs) {
      Trace& trace = chart.traces.emplace_back();
      trace.name = graph.name;
      trace.colour = colours[(chart.traces.size() - 1) % std::size(colours)];
      trace.x = x;
      trace.y = graph.*numbers;
    }
    context.add(std::move(chart));
  }
  static void add_arrays(RunContext& context, const std::vector<double>& x, const std::vector<Graph>& graphs) {
    Array a(DType::f64, {x.size()}), y(DType::f64, {graphs.size(), x.size()}), slope(y.dtype(), y.shape());
    std::ranges::copy(x, a.as<double>().data());
    for (std::size_t k = 0; k < graphs.size(); ++k) {
      std::ranges::copy(graphs[k].y, y.as<double>()[k].flat().begin());
      std::ranges::copy(graphs[k].slope, slope.as<double>()[k].flat().begin());
    }
    context.array("x", a);
    context.array("values", y);
    context.array("derivatives", slope);
  }
  /// Range, largest slope, and the slope beside a central difference of the function itself.
  static void add_table(RunContext& context, const std::vector<double>& x, const std::vector<Graph>& graphs) {
    Table table{
        "ranges",
        "In numbers",
        "Over the points of the sheet. After ten layers: the largest share of an error that ten derivatives, one "
        "after the other, can let through.",
        {"function", "least y", "largest y", "least g'", "largest g'", "after ten layers"},
        {}};
    double worst = 0;
    Value::List largest;
    for (const Graph& graph : graphs) {
      const auto [y_low, y_high] = std::ranges::minmax(graph.y);
      const auto [slope_low, slope_high] = std::ranges::minmax(graph.slope);
      const double through = std::max(std::abs(slope_low), std::abs(slope_high));
      largest.emplace_back(slope_high);
      table.rows.push_back({graph.name, short_digits(y_low, digits), short_digits(y_high, digits),
                            short_digits(slope_low, digits), short_digits(slope_high, digits),
                            short_digits(std::pow(through, 10), digits)});
      constexpr double h = 1e-5;
      std::vector<double> left = x, right = x;
      for (double& a : left) a -= h;
      for (double& a : right) a += h;
      const auto below = values(graph.function, left), above = values(graph.function, right);
      for (std::size_t i = 0; i < x.size(); ++i)
        if (std::abs(x[i]) > h)  // at 0 some have a kink
          worst = std::max(worst, std::abs((above[i] - below[i]) / (2 * h) - graph.slope[i]));
    }
    context.add(std::move(table));
    context.add(Figure{"functions", static_cast<std::int64_t>(graphs.size()), "", "Functions on the sheet.", {}, {}});
    context.add(Figure{"largest_slopes", largest, "", "Largest derivative of each function on the sheet.", {}, {}});
    context.add(Figure{"slope_error",
                       worst,
                       "",
                       "Largest distance of a derivative from the central difference of its function (h = 10⁻⁵).",
                       {},
                       {}});
    const auto steepest =
        std::ranges::max_element(graphs, {}, [](const Graph& g) { return std::ranges::max(g.slope); });
    const auto flattest =
        std::ranges::min_element(graphs, {}, [](const Graph& g) { return std::ranges::max(g.slope); });
    context.answer(steepest == flattest
                       ? steepest->name + " has a largest slope of " +
                             short_digits(std::ranges::max(steepest->slope), digits) + "."
                       : "Of an error passed back, " + flattest->name + " lets at most " +
                             short_digits(std::ranges::max(flattest->slope), digits) + " through, " + steepest->name +
                             " up to " + short_digits(std::ranges::max(steepest->slope), digits) +
                             "; all derivatives equal central differences to " + short_digits(worst, digits) + ".");
  }
  Params params_;
};

}  // namespace

void register_activations(Registry& registry) {
  registry
      .add<Params>("study", "activations",
                   "What do activation functions do to a number, and how much error do their derivatives let through?")
      .makes<Study>([](const Params& params) { return std::make_unique<Activations>(params); });
}

}  // namespace neurarium
