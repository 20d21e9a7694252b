// gaussian-conversion: can a classical neuron become one that answers only near its centre, and come back?
// (founding notebook: finite-gaussian-neuron)
#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/models/finite_gaussian/conversion.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/gaussian/studies.hpp"

namespace neurarium {
namespace {

struct NeuronParams {
  std::vector<double> weights;
  double bias = 0;
  double sigma = 2;
  static Schema fields() {
    using P = NeuronParams;
    return Schema::of<P>({
        field("weights", &P::weights,
              "W, two numbers; none: whole numbers in −100 … 99, drawn, and b in −1,000 … 1,000."),
        field("bias", &P::bias, "b, if W is given."),
        field("sigma", &P::sigma, "σ of the Gaussian; the notebook's is the number of inputs.").positive(),
    });
  }
};

struct Params {
  NeuronParams model;
  double low = -8;
  double high = 8;
  double step = 0.1;
  static Schema fields() {
    return Schema::of<Params>({
        field("model", &Params::model, "The classical neuron W · x + b in the plane."),
        field("low", &Params::low, "Where both axes of the grid begin."),
        field("high", &Params::high, "Where they end; included."),
        field("step", &Params::step, "Distance of the grid's points.").positive(),
    });
  }
};

/// The notebook's neuron, of which its printed numbers are known.
constexpr double notebook_weights[] = {51, 98};
constexpr double notebook_bias = 861.2337694;

struct Neuron {
  std::vector<double> weights;
  double bias = 0, sigma = 0;
  bool is_the_notebooks() const {
    return std::ranges::equal(weights, notebook_weights) && bias == notebook_bias && sigma == 2;
  }
};

/// The grid's numbers along one axis, as NumPy's arange(low, high + step, step) makes them.
std::vector<double> axis_of(const Params& params) {
  const double second = params.low + params.step, delta = second - params.low;
  const auto count = static_cast<std::size_t>(std::ceil((params.high + params.step - params.low) / params.step));
  std::vector<double> axis;
  for (std::size_t i = 0; i < count; ++i)
    if (const double x = params.low + static_cast<double>(i) * delta; x < params.high + params.step / 2)
      axis.push_back(x);
  return axis;
}

/// The notebook's scale: the largest absolute value, rounded up to one digit.
double rounded_up(double largest) {
  if (largest == 0) return 1;
  const double decade = std::pow(10, std::floor(std::log10(largest)));
  return decade * std::ceil(largest / decade);
}

/// Activity over the plane in filled contours, a tenth of a decade each, with the lines and the centre of the notebook.
Array contour_picture(ArrayView activity, const std::vector<double>& axis, const Neuron& neuron,
                      std::span<const double> centre, bool with_centre) {
  constexpr std::size_t size = 480;
  const auto numbers = activity.as<double>().flat();
  double largest = 0;
  for (const double x : numbers) largest = std::max(largest, std::abs(x));
  const double scale = rounded_up(largest), level = std::pow(10, std::floor(std::log10(scale))) / 10;
  Array stepped{activity};
  for (double& x : stepped.as<double>().flat()) x = std::trunc(x / level) * level;
  Array picture = height_map(stepped, size, size, -scale, scale, ColourMap::diverging);
  const Frame frame{axis.front(), axis.back(), axis.front(), axis.back(), size, size};
  // Both lines as a point and a direction: neither W₁ = 0 nor W₂ = 0 is special.
  const double norm = std::hypot(neuron.weights[0], neuron.weights[1]);
  const double far = 4 * std::max(std::abs(axis.front()), std::abs(axis.back())) + std::hypot(centre[0], centre[1]);
  const auto line = [&](double x, double y, double along_x, double along_y, Colour colour) {
    const Point ends[] = {frame.pixel(x - far * along_x, y - far * along_y),
                          frame.pixel(x + far * along_x, y + far * along_y)};
    draw_polyline(picture, ends, colour, 2);
  };
  const double u = neuron.weights[0] / norm, v = neuron.weights[1] / norm;
  line(centre[0], centre[1], -v, u, {0, 0, 0});
  if (with_centre) {
    line(0, 0, u, v, {31, 80, 180});
    const Point middle = frame.pixel(centre[0], centre[1]);
    draw_disc(picture, middle, 7, {255, 255, 255});
    draw_disc(picture, middle, 5, {200, 20, 20});
  }
  return picture;
}

Value list_of(std::span<const double> numbers) { return Value::List(numbers.begin(), numbers.end()); }

class GaussianConversion : public Study {
 public:
  explicit GaussianConversion(const Params& params) : params_(params) {
    if (!params.model.weights.empty() && params.model.weights.size() != 2)
      throw SpecError("model.weights: " + std::to_string(params.model.weights.size()) +
                          " numbers, expected two: a neuron in the plane",
                      "give weights = [51, 98], say");
    if (!(params.low < params.high)) throw SpecError("low is not below high", "give low < high");
    if ((params.high - params.low) / params.step > 4000)
      throw SpecError("step: the grid would have more than 4,000 points along each axis", "give a larger step");
  }

  void run(RunContext& context) override {
    const Neuron neuron = neuron_for(context.seed());
    const std::vector<double> centre = nearest_zero(neuron.weights, neuron.bias, "model.weights");
    const std::vector<double> axis = axis_of(params_);
    const Maps maps = maps_of(neuron, centre, axis, context.registry());

    report(context, neuron, centre, axis, maps);
    const std::string where = "x₁ to the right, x₂ upwards, both from " + short_digits(axis.front(), 4) + " to " +
                              short_digits(axis.back(), 4) + ". ";
    context.add(Picture{"finite-activity", "The finite Gaussian neuron",
                        "(W·x + b) exp(−|x − c|²/σ²). " + where + scale_words(maps.activity) +
                            " Black: where the line is 0. Blue: the line through the origin along W. Red: the centre "
                            "c, where they cross.",
                        contour_picture(maps.activity, axis, neuron, centre, true), true});
    context.add(Picture{"linear-activity", "The classical neuron",
                        "W·x + b. " + where + scale_words(maps.line) + " Black: where it is 0.",
                        contour_picture(maps.line, axis, neuron, centre, false), true});
    add_chart(context, "finite-map", "The finite Gaussian neuron, to play with", "(W·x + b) exp(−|x − c|²/σ²)", neuron,
              centre, axis, true);
    add_chart(context, "linear-map", "The classical neuron, to play with", "W·x + b", neuron, centre, axis, false);
    context.array("linear", maps.line);
    context.array("activity", maps.activity);
    context.array("gauss", maps.gauss);
  }

 private:
  struct Maps {
    Array line, gauss, activity;  ///< [x₂, x₁]
  };

  Neuron neuron_for(std::uint64_t seed) const {
    if (!params_.model.weights.empty()) return {params_.model.weights, params_.model.bias, params_.model.sigma};
    std::vector<double> drawn(3);
    fill_uniform(Stream(seed, "gaussian-conversion.neuron"), {}, 0, 1, drawn);
    return {{std::floor(200 * drawn[0]) - 100, std::floor(200 * drawn[1]) - 100},
            2000 * (drawn[2] - 0.5),
            params_.model.sigma};
  }

  /// All maps by the engine's own layers: a dense unit, and the finite Gaussian one that it is converted to.
  static Maps maps_of(const Neuron& neuron, const std::vector<double>& centre, const std::vector<double>& axis,
                      const Registry& registry) {
    const std::size_t n = axis.size();
    Array points(DType::f64, {n * n, 2});
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        points.as<double>()(i * n + j, 0) = axis[j], points.as<double>()(i * n + j, 1) = axis[i];
    const auto array = [](std::span<const double> numbers, const Shape& shape) {
      Array a(DType::f64, shape);
      std::ranges::copy(numbers, a.as<double>().data());
      return Value(std::make_shared<const Array>(std::move(a)));
    };
    const auto answers = [&](Value layer) {
      Value settings = Value::table();
      layer.set("units", 1);
      layer.set("weights", array(neuron.weights, {1, 2}));
      settings.set("layers", Value::List{std::move(layer)});
      settings.set("inputs", Value::List{2});
      settings.set("scalar", "float64");
      Array map = std::move(
          registry.make<Model>("model", {"sequential", settings}, "model")->outputs(points, {}).front().second);
      map.reshape({n, n});
      return map;
    };
    Value dense = Value::table(), finite = Value::table(), bump = Value::table();
    dense.set("type", "dense");
    dense.set("bias", array({&neuron.bias, 1}, {1}));
    finite.set("type", "finite_gaussian");
    finite.set("bias_values", array({&neuron.bias, 1}, {1}));
    finite.set("centres", array(centre, {1, 2}));
    finite.set("width", neuron.sigma / std::numbers::sqrt2);
    Maps maps{answers(dense), Array(DType::f64, {n, n}), answers(finite)};
    const auto gauss = maps.gauss.as<double>();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const double away = std::pow(axis[j] - centre[0], 2) + std::pow(axis[i] - centre[1], 2);
        gauss(i, j) = std::exp(-away / (neuron.sigma * neuron.sigma));
      }
    return maps;
  }

  static std::string scale_words(const Array& map) {
    double largest = 0;
    for (const double x : map.as<double>().flat()) largest = std::max(largest, std::abs(x));
    const std::string scale = short_digits(rounded_up(largest), 4);
    return "Blue is negative, red positive, on a scale from −" + scale + " to " + scale + ".";
  }

  /// A map that follows the sliders for W, b and σ, with the neuron's centre.
  static void add_chart(RunContext& context, const char* name, const char* title, const std::string& label,
                        const Neuron& neuron, const std::vector<double>& centre, const std::vector<double>& axis,
                        bool finite) {
    const std::string line = "(w1 * x + w2 * y + b)", square = "max(w1 * w1 + w2 * w2, 1e-30)";
    const std::string c1 = "(-b * w1 / " + square + ")", c2 = "(-b * w2 / " + square + ")";
    Trace grid;
    grid.kind = Trace::Kind::contour;
    grid.name = label;
    // Where there is something to see: the grid, or one as large around a centre that lies outside of it.
    const bool outside = std::ranges::any_of(centre, [&](double c) { return c < axis.front() || c > axis.back(); });
    const double middle_of_axis = (axis.front() + axis.back()) / 2;
    for (const double a : axis) {
      grid.x.push_back(outside ? a - middle_of_axis + centre[0] : a);
      grid.y.push_back(outside ? a - middle_of_axis + centre[1] : a);
    }
    grid.grid = Array(DType::f64, {axis.size(), axis.size()});
    for (std::size_t i = 0; i < axis.size(); ++i)
      for (std::size_t j = 0; j < axis.size(); ++j) {
        const double away = std::pow(grid.x[j] - centre[0], 2) + std::pow(grid.y[i] - centre[1], 2);
        grid.grid.as<double>()(i, j) = (neuron.weights[0] * grid.x[j] + neuron.weights[1] * grid.y[i] + neuron.bias) *
                                       (finite ? std::exp(-away / (neuron.sigma * neuron.sigma)) : 1);
      }
    grid.formula =
        !finite ? line : line + " * exp(-(pow(x - " + c1 + ", 2) + pow(y - " + c2 + ", 2)) / (sigma * sigma))";
    Trace middle;
    middle.kind = Trace::Kind::points;
    middle.name = "centre c";
    middle.colour = "#c81414";
    middle.x = {centre[0]};
    middle.y = {centre[1]};
    middle.x_formula = c1;
    middle.y_formula = c2;
    Chart chart{name,
                title,
                label + " over the plane" + (outside ? ", around the centre, which is far from the origin" : "") +
                    ". Move W, b and σ.",
                "x₁",
                "x₂",
                label,
                {grid, middle},
                false,
                true};
    // Sliders that reach twice as far as the neuron's own numbers, in steps that it stands on.
    const auto slider = [&](const char* called, const char* shown, double value, double reach) {
      const double step = std::pow(10, std::floor(std::log10(reach)) - 2);
      const double down = std::ceil((value + reach) / step) * step, up = std::ceil((reach - value) / step) * step;
      chart.sliders.push_back({called, shown, value - down, value + up, step, value});
    };
    const double weight = 2 * std::max(std::abs(neuron.weights[0]), std::abs(neuron.weights[1]));
    slider("w1", "W₁", neuron.weights[0], weight);
    slider("w2", "W₂", neuron.weights[1], weight);
    slider("b", "b", neuron.bias, neuron.bias == 0 ? 8 * weight : 2 * std::abs(neuron.bias));
    if (finite) {
      const double step = neuron.sigma / 20;
      chart.sliders.push_back({"sigma", "σ", step, 4 * neuron.sigma, step, neuron.sigma});
    }
    context.add(std::move(chart));
  }

  static void report(RunContext& context, const Neuron& neuron, const std::vector<double>& centre,
                     const std::vector<double>& axis, const Maps& maps) {
    const bool known = neuron.is_the_notebooks() && axis.size() == 161;
    const auto add = [&](const char* name, Value value, const char* meaning, Value notebook = {}) {
      if (!known) notebook = {};
      const std::string source = notebook.is_null() ? "" : "the founding notebook";
      context.add(Figure{name, std::move(value), "", meaning, std::move(notebook), source});
    };
    const auto sum = [](const Array& map) {
      double total = 0;
      for (const double x : map.as<double>().flat()) total += x;
      return total;
    };
    const auto line = std::ranges::minmax(maps.line.as<double>().flat());
    const auto activity = std::ranges::minmax(maps.activity.as<double>().flat());
    const double norm = std::hypot(neuron.weights[0], neuron.weights[1]);
    const double back = bias_through(neuron.weights, centre);
    const double bound = norm * neuron.sigma / std::sqrt(2 * std::numbers::e);
    add("weights", list_of(neuron.weights), "W of the classical neuron.");
    add("bias", neuron.bias, "b of the classical neuron.");
    add("centre", list_of(centre), "c = −b W / |W|², the point nearest to the origin where W·x + b = 0.",
        Value::List{-3.59876462, -6.9152732});
    add("bias_back", back, "b = −W · c, on the way back.", 861.2337694007904);
    add("linear_min", line.min, "Least W·x + b on the grid.");
    add("linear_max", line.max, "Largest W·x + b on the grid.");
    add("activity_min", activity.min, "Least activity of the finite neuron on the grid.");
    add("activity_max", activity.max, "Largest activity of the finite neuron on the grid.");
    add("activity_sum", sum(maps.activity), "Sum of its activity over the grid.");
    add("gauss_sum", sum(maps.gauss), "Sum of exp(−|x − c|²/σ²) over the grid.");
    add("gauss_max", std::ranges::max(maps.gauss.as<double>().flat()), "Largest exp(−|x − c|²/σ²) on the grid.");
    add("grid_points", static_cast<std::int64_t>(axis.size() * axis.size()), "Points of the grid.", 25921);
    add("analytic_bound", bound,
        "|W| σ / √(2e): no activity is beyond it; reached at the distance σ/√2 from the zero line.");
    context.answer("W = (" + short_digits(neuron.weights[0], 6) + ", " + short_digits(neuron.weights[1], 6) +
                   "), b = " + short_digits(neuron.bias, 8) + " has its centre at (" + short_digits(centre[0], 6) +
                   ", " + short_digits(centre[1], 6) + ") and comes back with b = " + short_digits(back, 8) +
                   "; its activity is never beyond " + short_digits(bound, 5) + ", where the line reaches " +
                   short_digits(std::max(-line.min, line.max), 5) + ".");
  }

  Params params_;
};

}  // namespace

void register_gaussian_conversion(Registry& registry) {
  registry
      .add<Params>("study", "gaussian-conversion",
                   "Can a classical neuron become one that answers only near its centre, and come back?")
      .makes<Study>([](const Params& params) { return std::make_unique<GaussianConversion>(params); });
}

}  // namespace neurarium
