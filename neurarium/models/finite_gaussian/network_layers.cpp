#include "neurarium/models/finite_gaussian/network_layers.hpp"

#include <algorithm>

#include "neurarium/models/finite_gaussian/patches.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

const Array* find_array(const NamedArrays& arrays, const std::string& name) {
  const auto found = std::ranges::find(arrays, name, &NamedArrays::value_type::first);
  return found == arrays.end() ? nullptr : &found->second;
}

Array& array_of(NamedArrays& arrays, const std::string& name) {
  if (const Array* found = find_array(arrays, name)) return const_cast<Array&>(*found);
  throw InternalError("the network has no array '" + name + "'");
}

namespace {

constexpr const char* holder = "residual";

/// The layers of the list with their names written down, at every depth.
Value::List named(const Value& list) {
  std::vector<Component> parts;
  for (const Value& item : list.as_list()) parts.push_back(component_from(item));
  const std::vector<std::string> names = names_of_layers(parts);
  Value::List tables;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    Value table = Value::table();
    table.set("type", parts[k].type);
    for (const auto& [key, value] : parts[k].settings.as_table()) table.set(key, value);
    table.set("name", names[k]);
    if (parts[k].type == holder)
      for (const char* way : {"layers", "shortcut"})
        if (Value* inner = table.find(way); inner && inner->is_list()) *inner = named(*inner);
    tables.push_back(std::move(table));
  }
  return tables;
}

void place(const Value::List& tables, const std::string& prefix, std::vector<std::size_t> path,
           std::vector<PlacedLayer>& all) {
  path.push_back(0);
  for (const Value& table : tables) {
    const std::string name = prefix + table.at("name").as_text();
    all.push_back({table, name, path});
    if (all.back().type() == holder) place(table.at("layers").as_list(), name + ".", path, all);
    ++path.back();
  }
}

/// The layers from the input to the one at `path`, and it, as a network of their own, in which it is the last.
NetworkState way_to(const NetworkState& network, const std::vector<std::size_t>& path) {
  Value::List way, here = named(network.description.settings.at("layers"));
  std::string prefix;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    for (std::size_t k = 0; k < path[depth]; ++k) {
      here[k].set("name", prefix + here[k].at("name").as_text());
      way.push_back(here[k]);
    }
    const Value next = here[path[depth]];
    prefix += next.at("name").as_text();
    if (depth + 1 < path.size()) here = next.at("layers").as_list();
    else way.push_back(next);
    if (depth + 1 == path.size()) way.back().set("name", prefix);
    prefix += ".";
  }
  NetworkState made{with_layers(network.description, way), {}};
  made.description.settings.set("loss", "squared_error");  // it takes outputs of any shape
  for (const auto& item : network.arrays)
    if (std::ranges::any_of(
            way, [&](const Value& layer) { return item.first.starts_with(layer.at("name").as_text() + "."); }))
      made.arrays.push_back(item);
  return made;
}

/// What reaches layer k of the network's own.
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

}  // namespace

const PlacedLayer& NetworkLayers::last() const {
  return *std::ranges::find(all, std::vector<std::size_t>{tables.size() - 1}, &PlacedLayer::path);
}

NetworkLayers layers_of(const NetworkState& network, const Registry& registry) {
  const Value* list = network.description.settings.find("layers");
  if (!list || !list->is_list())
    throw SpecError("a " + network.description.type + " can't be converted", "give a sequential network of layers");
  (void)network_with(network, registry);
  NetworkLayers layers{named(*list), {}};
  place(layers.tables, "", {}, layers.all);
  for (const PlacedLayer& layer : layers.all) {
    const Value* rule = layer.table.find_path("dale.rule");
    if (rule && rule->is_text() && is_reparametrised(sign_rule(rule->as_text())))  // what is stored is not W
      throw SpecError("a network whose layers keep Dale's law by rule = \"" + rule->as_text() +
                          "\" can't be converted, nor scaled by a temperature",
                      "train it with rule = \"clamp\" or \"exponentiated\", whose weights are what they are");
  }
  return layers;
}

Component with_layers(Component description, Value::List layers) {
  description.settings.set("layers", std::move(layers));
  return description;
}

Value& table_at(Component& description, const std::vector<std::size_t>& path) {
  Value* table = &description.settings;
  for (const std::size_t k : path) table = &table->find("layers")->as_list().at(k);
  return *table;
}

Tensor<double> rows_reaching(const NetworkState& network, const PlacedLayer& layer, const Registry& registry,
                             ArrayView x, double divisor) {
  constexpr std::size_t enough_images = 1000;
  const bool is_convolution = layer.type().ends_with("conv2d"), is_inner = layer.path.size() > 1;
  if (is_convolution) x = x.rows(0, std::min(enough_images, x.shape()[0]));
  const NetworkState way = is_inner ? way_to(network, layer.path) : NetworkState{};
  Array h = is_inner ? reaching(way, way.description.settings.at("layers").as_list().size() - 1, registry, x, divisor)
                     : reaching(network, layer.path.front(), registry, x, divisor);
  if (is_convolution) return patches_of(h, layer.table);
  h.reshape({h.shape()[0], h.size() / h.shape()[0]});
  return to_tensor<double>(h);
}

}  // namespace neurarium
