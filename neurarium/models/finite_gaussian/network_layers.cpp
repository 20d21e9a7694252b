#include "neurarium/models/finite_gaussian/network_layers.hpp"

#include <algorithm>

#include "neurarium/models/finite_gaussian/patches.hpp"
#include "neurarium/nn/sign_constraint.hpp"

#include <algorithm>

namespace neurarium {

const Array* find_array(const NamedArrays& arrays, const std::string& name) {
  const auto found = std::ranges::find(arrays, name, &NamedArrays::value_type::first);
  return found == arrays.end() ? nullptr : &found->second;
}

Array& array_of(NamedArrays& arrays, const std::string& name) {
  if (const Array* found = find_array(arrays, name)) return const_cast<Array&>(*found);
  throw InternalError("the network has no array '" + name + "'");
}

NetworkLayers layers_of(const NetworkState& network, const Registry& registry) {
  const Value* list = network.description.settings.find("layers");
  if (!list || !list->is_list())
    throw SpecError("a " + network.description.type + " can't be converted", "give a sequential network of layers");
  NetworkLayers layers;
  for (const Value& item : list->as_list()) {
    const Value* rule = item.find_path("dale.rule");
    if (rule && rule->is_text() && is_reparametrised(sign_rule(rule->as_text())))  // what is stored is not W
      throw SpecError("a network whose layers keep Dale's law by rule = \"" + rule->as_text() +
                          "\" can't be converted, nor scaled by a temperature",
                      "train it with rule = \"clamp\" or \"exponentiated\", whose weights are what they are");
    layers.tables.push_back(item);
  }
  const auto model = network_with(network, registry);
  const auto& layered = dynamic_cast<const Layered&>(*model);
  Array one(model->scalar(), model->input_shape().with_leading(1));
  for (const auto& [name, activity] : layered.activities(one, {})) layers.names.push_back(name);
  // Written down, since a layer of another type would change how those after it are counted.
  for (std::size_t k = 0; k < layers.tables.size(); ++k) layers.tables[k].set("name", layers.names[k]);
  return layers;
}

Component with_layers(Component description, Value::List layers) {
  description.settings.set("layers", std::move(layers));
  return description;
}

Array reaching(const NetworkState& network, std::size_t k, const Registry& registry, ArrayView x, double divisor) {
  constexpr std::size_t at_once = 1000;
  const auto model = network_with(network, registry);
  std::vector<Array> parts;
  for (std::size_t first = 0; first < x.shape()[0]; first += at_once) {
    Array part = scaled(x.rows(first, std::min(at_once, x.shape()[0] - first)), divisor, model->scalar());
    if (!entry_fits(part.shape().tail(), model->input_shape()))
      throw ShapeError("x", "[samples, " + to_string(model->input_shape()).substr(1), to_string(x.shape()));
    if (k > 0) part = std::move(dynamic_cast<const Layered&>(*model).activities(part, {})[k - 1].second);
    parts.push_back(std::move(part));
  }
  return joined_rows(parts);
}

Tensor<double> rows_reaching(const NetworkState& network, std::size_t k, const Registry& registry, ArrayView x,
                             double divisor) {
  constexpr std::size_t enough_images = 1000;
  const NetworkLayers layers = layers_of(network, registry);
  const bool is_convolution = layers.type(k).ends_with("conv2d");
  if (is_convolution) x = x.rows(0, std::min(enough_images, x.shape()[0]));
  Array h = reaching(network, k, registry, x, divisor);
  if (is_convolution) return patches_of(h, layers.tables[k]);
  h.reshape({h.shape()[0], h.size() / h.shape()[0]});
  return to_tensor<double>(h);
}

}  // namespace neurarium
