// The layers of a network's description, looked at one by one: what converting, tempering and measuring share.
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

/// A layer, wherever it stands.
struct PlacedLayer {
  Value table;                    ///< its settings, with `type`; `name` is written down
  std::string name;               ///< of its arrays: "dense1", "residual1.dense1"
  std::vector<std::size_t> path;  ///< {2}: the third layer; {2, 0}: the first of the layers that this one holds
  std::string type() const { return table.at("type").as_text(); }
};

/// The layers of a description. Names that are not given follow from the layers before; they are written down, since a layer of another
/// type would change how those after it are counted.
struct NetworkLayers {
  Value::List tables;  ///< the network's own, those that they hold in them
  std::vector<PlacedLayer>
      all;  ///< in the order in which a sample goes through, each residual before the layers it holds
  const PlacedLayer& last() const;  ///< of the network's own
};
/// Those on the way around a residual's layers (`shortcut`) are not among `all`: they can't be finite Gaussian. SpecError unless it is a
/// network of layers; whatever network_with() throws if its arrays are not those of its layers.
NetworkLayers layers_of(const NetworkState& network, const Registry& registry);
Component with_layers(Component description, Value::List layers);
/// The table of a layer in the description.
Value& table_at(Component& description, const std::vector<std::size_t>& path);

/// The array of that name, or nullptr.
const Array* find_array(const NamedArrays& arrays, const std::string& name);
/// InternalError if there is none.
Array& array_of(NamedArrays& arrays, const std::string& name);

/// The rows [m, d] that the units of a layer look at when the network is shown x [n, …] / divisor, some at a time: samples as the layers
/// before leave them, or patches of some of them where it is a convolution (patches.hpp). ShapeError if the network takes other samples.
Tensor<double> rows_reaching(const NetworkState& network, const PlacedLayer& layer, const Registry& registry,
                             ArrayView x, double divisor);

inline bool is_gaussian(const std::string& type) {
  return type == "finite_gaussian" || type == "finite_gaussian_conv2d";
}

}  // namespace neurarium
