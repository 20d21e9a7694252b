#include "neurarium/models/finite_gaussian/reach.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/quantile.hpp"
#include "neurarium/models/finite_gaussian/network_layers.hpp"
#include "neurarium/nn/gaussian/gaussian_units.hpp"

namespace neurarium {
namespace {

/// q [n, units]
Tensor<double> exponents_of(const NetworkState& network, const PlacedLayer& layer, const Registry& registry,
                            ArrayView x, double divisor) {
  const Value* shape = layer.table.find("shape");  // settings that are left out have their defaults
  const Value* order = layer.table.find("order");
  const auto numbers = [&](const std::string& name) {
    return to_tensor<double>(*find_array(network.arrays, layer.name + "." + name));
  };
  Tensor<double> centres = numbers("centre");
  const std::size_t units = centres.shape()[0], inputs = centres.size() / units;
  centres.resize({units, inputs});
  const auto widths = make_widths<double>(shape ? shape->as_text() : GaussianUnitsParams{}.shape,
                                          order ? order->as_number() : GaussianUnitsParams{}.order, units, inputs, 1);
  const Shape as_built = widths->parameter().value.shape();
  widths->parameter().value = numbers(widths->parameter().name);
  widths->parameter().value.resize(as_built);
  const Tensor<double> h = rows_reaching(network, layer, registry, x, divisor);
  Tensor<double> q(Shape{h.shape()[0], units});
  WidthsMemory<double> memory;
  widths->exponents(h.view(), std::as_const(centres).view(), memory, q.view());
  return q;
}

}  // namespace

std::vector<LayerReach> reach_of(const NetworkState& network, const Registry& registry, ArrayView x, double divisor) {
  std::vector<LayerReach> found;
  for (const PlacedLayer& layer : layers_of(network, registry).all) {
    if (!is_gaussian(layer.type())) continue;
    Tensor<double> g = exponents_of(network, layer, registry, x, divisor);
    for (double& value : g.flat()) value = std::exp(-value);
    const Shape centres = find_array(network.arrays, layer.name + ".centre")->shape();
    LayerReach reach{layer.name, g.shape()[1], centres.tail().elements(), {}, 0};
    for (std::size_t j = 0; j < reach.units; ++j) {
      std::vector<double> of_unit(g.shape()[0]);
      for (std::size_t r = 0; r < of_unit.size(); ++r) of_unit[r] = g(r, j);
      reach.lost_units += quantile(std::move(of_unit), 0.5) < least_median_g;
    }
    std::ranges::sort(g.flat());
    for (int percent = 0; percent <= 100; ++percent)
      reach.quantiles.push_back(quantile_of_sorted(g.flat(), percent / 100.0));
    found.push_back(std::move(reach));
  }
  return found;
}

std::vector<std::string> warnings_of(std::span<const LayerReach> reach) {
  std::vector<std::string> lines;
  for (const LayerReach& layer : reach)
    if (layer.lost())
      lines.push_back(
          layer.layer + ": the median of exp(−q) over the data is " + short_digits(layer.median(), 3) +
          ", below 0.05: its units have lost the data; choose wider ones (rule = \"calibrated\", or a larger scale)");
  return lines;
}

}  // namespace neurarium
