#include "neurarium/studies/gaussian/plane_neuron.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/core/rng.hpp"
#include "neurarium/models/finite_gaussian/conversion.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

std::vector<double> PlaneNeuron::centre() const { return nearest_zero(weights, bias, "model.weights"); }

PlaneNeuron drawn_neuron(std::uint64_t seed, double sigma) {
  std::vector<double> drawn(3);
  fill_uniform(Stream(seed, "gaussian-conversion.neuron"), {}, 0, 1, drawn);
  return {{std::floor(200 * drawn[0]) - 100, std::floor(200 * drawn[1]) - 100}, 2000 * (drawn[2] - 0.5), sigma};
}

namespace {

Value array(std::span<const double> numbers, const Shape& shape) {
  Array a(DType::f64, shape);
  std::ranges::copy(numbers, a.as<double>().data());
  return Value(std::make_shared<const Array>(std::move(a)));
}

/// What a network of one layer with one unit says to the points [n, 2].
Array answers(Value layer, const Array& points, const Registry& registry) {
  Value settings = Value::table();
  layer.set("units", 1);
  settings.set("layers", Value::List{std::move(layer)});
  settings.set("inputs", Value::List{2});
  settings.set("scalar", "float64");
  const auto model = registry.make<Model>("model", {"sequential", settings}, "model");
  return std::move(model->outputs(points, {}).front().second);
}

}  // namespace

NeuronMaps maps_of(const PlaneNeuron& neuron, const PlaneGrid& grid, const Registry& registry) {
  Array points(DType::f64, {grid.x.size() * grid.y.size(), 2});
  double* to = points.as<double>().data();
  for (const double y : grid.y)
    for (const double x : grid.x) *to++ = x, *to++ = y;

  Value dense = Value::table();
  dense.set("type", "dense");
  dense.set("weights", array(neuron.weights, {1, 2}));
  dense.set("bias", array({&neuron.bias, 1}, {1}));
  const auto finite = [&](std::span<const double> weights, double bias) {
    Value layer = Value::table();
    layer.set("type", "finite_gaussian");
    layer.set("weights", array(weights, {1, 2}));
    layer.set("bias_values", array({&bias, 1}, {1}));
    layer.set("centres", array(neuron.centre(), {1, 2}));
    layer.set("width", neuron.sigma / std::numbers::sqrt2);
    return layer;
  };
  const double none[] = {0, 0};
  NeuronMaps maps{answers(std::move(dense), points, registry), answers(finite(none, 1), points, registry),
                  answers(finite(neuron.weights, neuron.bias), points, registry)};
  for (Array* map : {&maps.line, &maps.gauss, &maps.activity}) map->reshape({grid.y.size(), grid.x.size()});
  return maps;
}

}  // namespace neurarium
