#include "neurarium/studies/gaussian/neuron_exhibits.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/raster.hpp"

namespace neurarium {
namespace {

double largest_of(const Array& map) {
  double largest = 0;
  for (const double x : map.as<double>().flat()) largest = std::max(largest, std::abs(x));
  return largest;
}

/// The notebook's scale: the largest absolute value, rounded up to one digit.
double scale_of(const Array& map) {
  const double largest = largest_of(map);
  if (largest == 0) return 1;
  const double decade = std::pow(10, std::floor(std::log10(largest)));
  return decade * std::ceil(largest / decade);
}

Array contour_picture(const Array& map, const PlaneGrid& grid, const PlaneNeuron& neuron, bool with_centre) {
  constexpr std::size_t size = 480;
  const double scale = scale_of(map), level = std::pow(10, std::floor(std::log10(scale))) / 10;
  Array stepped = map;
  for (double& x : stepped.as<double>().flat()) x = std::trunc(x / level) * level;
  Array picture = height_map(stepped, size, size, -scale, scale, ColourMap::diverging);
  const Frame frame{grid.x.front(), grid.x.back(), grid.y.front(), grid.y.back(), size, size};
  // Both lines as a point and a direction: neither W₁ = 0 nor W₂ = 0 is special.
  const std::vector<double> c = neuron.centre();
  const double norm = std::hypot(neuron.weights[0], neuron.weights[1]);
  const double u = neuron.weights[0] / norm, v = neuron.weights[1] / norm;
  const double far = 4 * std::max(std::abs(grid.x.front()), std::abs(grid.x.back())) + std::hypot(c[0], c[1]);
  const auto line = [&](double x, double y, double along_x, double along_y, Colour colour) {
    const Point ends[] = {frame.pixel(x - far * along_x, y - far * along_y),
                          frame.pixel(x + far * along_x, y + far * along_y)};
    draw_polyline(picture, ends, colour, 2);
  };
  line(c[0], c[1], -v, u, {0, 0, 0});
  if (with_centre) {
    line(0, 0, u, v, {31, 80, 180});
    const Point middle = frame.pixel(c[0], c[1]);
    draw_disc(picture, middle, 7, {255, 255, 255});
    draw_disc(picture, middle, 5, {200, 20, 20});
  }
  return picture;
}

std::string scale_words(const Array& map) {
  const double scale = scale_of(map);
  return "Blue is negative, red positive, on a scale from " + in_digits(-scale, 4) + " to " + in_digits(scale, 4) + ".";
}

// The page finds maps and centre again by these, in the names of the sliders.
const std::string line_formula = "(w1 * x + w2 * y + b)", square = "max(w1 * w1 + w2 * w2, 1e-30)",
                  c1 = "(-b * w1 / " + square + ")", c2 = "(-b * w2 / " + square + ")";

Chart playground(const char* name, const char* title, const std::string& label, const PlaneNeuron& neuron,
                 const PlaneGrid& grid, const Array& map) {
  Trace heights;
  heights.kind = Trace::Kind::contour;
  heights.name = label;
  heights.x = grid.x;
  heights.y = grid.y;
  heights.grid = map;
  Trace middle;
  middle.kind = Trace::Kind::points;
  middle.name = "centre c";
  middle.colour = "#c81414";
  const std::vector<double> c = neuron.centre();
  middle.x = {c[0]};
  middle.y = {c[1]};
  middle.x_formula = c1;
  middle.y_formula = c2;
  Chart chart{name,  title, "Move W, b and σ; the map and the centre follow.", "x₁", "x₂", label, {heights, middle},
              false, true};
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
  return chart;
}

/// At most so many points of an axis, evenly taken, so that a page answers a slider at once.
std::vector<double> thinned(const std::vector<double>& axis, double shift) {
  constexpr std::size_t most = 101;
  const std::size_t step = (axis.size() + most - 1) / most;
  std::vector<double> some;
  for (std::size_t i = 0; i < axis.size(); i += step) some.push_back(axis[i] + shift);
  return some;
}

}  // namespace

void add_pictures(RunContext& context, const PlaneNeuron& neuron, const PlaneGrid& grid, const NeuronMaps& maps) {
  const std::string where = "x₁ to the right, x₂ upwards, both from " + in_digits(grid.x.front(), 4) + " to " +
                            in_digits(grid.x.back(), 4) + ". ";
  context.add(Picture{"finite-activity", "The finite Gaussian neuron",
                      "(W·x + b) exp(−|x − c|²/σ²). " + where + scale_words(maps.activity) +
                          " Black: where the line is 0. Blue: the line through the origin along W. Red: the centre c, "
                          "where they cross.",
                      contour_picture(maps.activity, grid, neuron, true), true});
  context.add(Picture{"linear-activity", "The classical neuron",
                      "W·x + b. " + where + scale_words(maps.line) + " Black: where it is 0.",
                      contour_picture(maps.line, grid, neuron, false), true});
}

void add_playgrounds(RunContext& context, const PlaneNeuron& neuron, const PlaneGrid& grid) {
  const std::vector<double> c = neuron.centre();
  const bool outside = c[0] < grid.x.front() || c[0] > grid.x.back() || c[1] < grid.y.front() || c[1] > grid.y.back();
  const auto shift = [&](const std::vector<double>& axis, double centre) {
    return outside ? centre - (axis.front() + axis.back()) / 2 : 0;
  };
  const PlaneGrid seen{thinned(grid.x, shift(grid.x, c[0])), thinned(grid.y, shift(grid.y, c[1]))};
  const NeuronMaps maps = maps_of(neuron, seen, context.registry());

  Chart finite =
      playground("finite-map", "The finite Gaussian neuron, to play with", "activity", neuron, seen, maps.activity);
  finite.traces.front().formula =
      line_formula + " * exp(-(pow(x - " + c1 + ", 2) + pow(y - " + c2 + ", 2)) / (sigma * sigma))";
  const double step = neuron.sigma / 20;
  finite.sliders.push_back({"sigma", "σ", step, 4 * neuron.sigma, step, neuron.sigma});
  if (outside) finite.caption = "Around the centre, which is far from the origin. " + finite.caption;
  context.add(std::move(finite));

  Chart linear = playground("linear-map", "The classical neuron, to play with", "W·x + b", neuron, seen, maps.line);
  linear.traces.front().formula = line_formula;
  linear.caption = outside ? "Around the same centre." : "The same sliders.";
  context.add(std::move(linear));
}

}  // namespace neurarium
