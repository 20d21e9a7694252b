#include "neurarium/models/finite_gaussian/reach.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/quantile.hpp"
#include "neurarium/models/finite_gaussian/finite_gaussian.hpp"
#include "neurarium/models/finite_gaussian/network_layers.hpp"
#include "neurarium/nn/gaussian/widths.hpp"

namespace neurarium {
namespace {

/// Settings that the description leaves out have their defaults.
FiniteGaussianParams params_of(const Value& layer, const Registry& registry) {
  Value settings = layer;
  settings.erase("type");
  FiniteGaussianParams params;
  std::vector<Fault> faults;
  FiniteGaussianParams::fields().read(settings, &params, {&registry, &faults, {}, {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  return params;
}

/// q [n, units]
Tensor<double> exponents_of(const NetworkState& network, const NetworkLayers& layers, std::size_t k,
                            const Registry& registry, ArrayView x, double divisor) {
  const FiniteGaussianParams params = params_of(layers.tables[k], registry);
  const auto numbers = [&](const std::string& name) {
    return to_tensor<double>(*find_array(network.arrays, layers.names[k] + "." + name));
  };
  const Tensor<double> centres = numbers("centre");
  const std::size_t units = centres.shape()[0], inputs = centres.shape()[1];
  const auto widths = make_widths<double>(params.shape, params.order, units, inputs, 1);
  widths->parameter().value = numbers(widths->parameter().name);
  Array h = reaching(network, k, registry, x, divisor);
  h.reshape({h.shape()[0], inputs});
  Tensor<double> q(Shape{h.shape()[0], units});
  WidthsMemory<double> memory;
  widths->exponents(to_tensor<double>(h).view(), centres.view(), memory, q.view());
  return q;
}

}  // namespace

std::vector<LayerReach> reach_of(const NetworkState& network, const Registry& registry, ArrayView x, double divisor) {
  const NetworkLayers layers = layers_of(network, registry);
  std::vector<LayerReach> found;
  for (std::size_t k = 0; k < layers.tables.size(); ++k) {
    if (layers.type(k) != "finite_gaussian") continue;
    Tensor<double> g = exponents_of(network, layers, k, registry, x, divisor);
    for (double& value : g.flat()) value = std::exp(-value);
    LayerReach reach{
        layers.names[k], g.shape()[1], find_array(network.arrays, layers.names[k] + ".centre")->shape()[1], {}, 0};
    for (std::size_t j = 0; j < reach.units; ++j) {
      std::vector<double> of_unit(g.shape()[0]);
      for (std::size_t r = 0; r < of_unit.size(); ++r) of_unit[r] = g(r, j);
      reach.lost_units += quantile(std::move(of_unit), 0.5) < least_median_g;
    }
    std::ranges::sort(g.flat());
    const double last = static_cast<double>(g.size() - 1);
    for (std::size_t percent = 0; percent <= 100; ++percent) {
      const double place = last * static_cast<double>(percent) / 100;
      const auto below = static_cast<std::size_t>(place), above = std::min(below + 1, g.size() - 1);
      const double share = place - static_cast<double>(below);
      reach.quantiles.push_back(g.flat()[below] * (1 - share) + g.flat()[above] * share);
    }
    found.push_back(std::move(reach));
  }
  return found;
}

}  // namespace neurarium
