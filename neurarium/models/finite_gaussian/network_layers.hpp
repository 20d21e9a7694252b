// The layers of a network's description, looked at one by one: what converting, tempering and measuring share.
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

/// The layers of the description as tables, each with its name: one that is not given follows from the layers before.
struct NetworkLayers {
  Value::List tables;
  std::vector<std::string> names;
  std::string type(std::size_t k) const { return tables[k].at("type").as_text(); }
};
/// SpecError unless it is a network of layers.
NetworkLayers layers_of(const NetworkState& network, const Registry& registry);
Component with_layers(Component description, Value::List layers);

/// The array of that name, or nullptr.
const Array* find_array(const NamedArrays& arrays, const std::string& name);
/// InternalError if there is none.
Array& array_of(NamedArrays& arrays, const std::string& name);

/// What reaches layer k: the samples x [n, …] / divisor, or what the layers before make of them, some at a time. ShapeError if the
/// network takes other samples.
Array reaching(const NetworkState& network, std::size_t k, const Registry& registry, ArrayView x, double divisor);

/// The rows [m, d] that the units of layer k look at: samples, or patches of some of them where it is a convolution (patches.hpp).
Tensor<double> rows_reaching(const NetworkState& network, std::size_t k, const Registry& registry, ArrayView x,
                             double divisor);

inline bool is_gaussian(const std::string& type) {
  return type == "finite_gaussian" || type == "finite_gaussian_conv2d";
}

}  // namespace neurarium
