#include "neurarium/models/finite_gaussian/convert_network.hpp"

#include <algorithm>
#include <functional>

#include "neurarium/models/finite_gaussian/conversion.hpp"
#include "neurarium/models/finite_gaussian/network_layers.hpp"

namespace neurarium {

namespace {

/// Layers that hold layers, other than residuals, are not looked into: one of the wanted type in there would be left as it is without a
/// word.
void require_no_inner(const NetworkLayers& layers, const std::string& type) {
  const std::function<bool(const Value&)> holds = [&](const Value& value) -> bool {
    if (value.is_list()) return std::ranges::any_of(value.as_list(), holds);
    if (!value.is_table()) return false;
    const Value* own = value.find("type");
    if (own && own->is_text() && own->as_text() == type) return true;
    return std::ranges::any_of(value.as_table(), [&](const auto& entry) { return holds(entry.second); });
  };
  for (const PlacedLayer& layer : layers.all)
    if (layer.type() != type && layer.type() != "residual" && holds(layer.table))
      throw SpecError(layer.name + " holds a layer of type " + type + ": such layers can't be converted",
                      "put it among the network's own layers, or in a residual");
}

bool is_classical(const std::string& type) { return type == "dense" || type == "conv2d"; }

/// What the layer of the other kind keeps of this one's settings: its size, its geometry, its function, its signs.
Value kept_settings(const Value& layer, const std::string& type) {
  Value kept = Value::table();
  kept.set("type", type);
  for (const char* key : {"name", "units", "filters", "kernel_size", "stride", "padding", "dilation", "activation",
                          "initialiser", "dale"})
    if (const Value* value = layer.find(key)) kept.set(key, *value);
  return kept;
}

void require_one_group(const Value& layer, const std::string& name) {
  if (const Value* groups = layer.find("groups"); groups && groups->as_integer() > 1)
    throw SpecError(
        name + ": channels in " + std::to_string(groups->as_integer()) + " groups can't become finite Gaussian",
        "convert a network with groups = 1");
}

}  // namespace

NetworkState to_gaussian(const NetworkState& classical, const WidthRule& rule, const Registry& registry, ArrayView x,
                         double divisor) {
  if (rule.looks_at_samples() && (x.shape().axes() == 0 || x.shape()[0] == 0))
    throw SpecError("rule: '" + rule.rule + "' looks at training samples, and there are none",
                    "give samples, or rule = \"scaled\"");
  if (rule.looks_at_samples())
    if (const std::size_t bad = first_non_finite(x); bad < x.size())
      throw DataError("x",
                      "sample " + std::to_string(bad / (x.size() / x.shape()[0])) + " has a number that is not finite");
  const NetworkLayers layers = layers_of(classical, registry);
  require_no_inner(layers, "dense");
  require_no_inner(layers, "conv2d");
  NetworkState made{with_layers(classical.description, layers.tables), classical.arrays};
  bool first = true, any = false;
  for (const PlacedLayer& classic : layers.all) {
    if (is_gaussian(classic.type())) first = false;
    if (!is_classical(classic.type())) continue;
    any = true;
    const std::string& name = classic.name;
    require_one_group(classic.table, name);
    const Array weight = array_of(made.arrays, name + ".weight");
    const std::size_t units = weight.shape()[0];
    Tensor<double> h;
    if (rule.looks_at_samples()) h = rows_reaching(made, classic, registry, x, divisor);
    if (!find_array(made.arrays, name + ".bias"))
      made.arrays.emplace_back(name + ".bias", Array(weight.dtype(), {units}));
    Tensor<double> w = to_tensor<double>(weight);
    const Tensor<double> b = to_tensor<double>(array_of(made.arrays, name + ".bias"));
    const Shape shape = w.shape();
    w.resize({units, w.size() / units});
    Tensor<double> centres(w.shape());
    for (std::size_t j = 0; j < units; ++j)
      std::ranges::copy(nearest_zero(w.view()[j].flat(), b(j), name + ", unit " + std::to_string(j)),
                        centres.view()[j].flat().begin());
    Tensor<double> widths = log_widths(rule, centres.view(), std::as_const(h).view(), name);
    centres.resize(shape);
    if (rule.is_diagonal()) widths.resize(shape);
    made.arrays.emplace_back(name + ".centre", converted(centres.view(), weight.dtype()));
    made.arrays.emplace_back(name + ".log_width", converted(widths.view(), weight.dtype()));

    Value layer =
        kept_settings(classic.table, classic.type() == "dense" ? "finite_gaussian" : "finite_gaussian_conv2d");
    layer.set("shape", rule.is_diagonal() ? "diagonal" : "spherical");
    layer.set("gate", !first);
    table_at(made.description, classic.path) = std::move(layer);
    first = false;
  }
  if (!any)
    throw SpecError("there is no dense or conv2d layer that could become finite Gaussian",
                    "give a network with dense layers");
  return made;
}

NetworkState to_classical(const NetworkState& gaussian, const Registry& registry) {
  const NetworkLayers layers = layers_of(gaussian, registry);
  require_no_inner(layers, "finite_gaussian");
  require_no_inner(layers, "finite_gaussian_conv2d");
  NetworkState made{with_layers(gaussian.description, layers.tables), gaussian.arrays};
  bool any = false;
  for (const PlacedLayer& finite : layers.all) {
    if (!is_gaussian(finite.type())) continue;
    any = true;
    const std::string& name = finite.name;
    const Array weight = array_of(made.arrays, name + ".weight");
    if (!find_array(made.arrays, name + ".bias")) {  // tied
      Tensor<double> w = to_tensor<double>(weight), c = to_tensor<double>(array_of(made.arrays, name + ".centre"));
      w.resize({w.shape()[0], w.size() / w.shape()[0]}), c.resize(w.shape());
      Tensor<double> b(Shape{w.shape()[0]});
      for (std::size_t j = 0; j < b.size(); ++j) b(j) = bias_through(w.view()[j].flat(), c.view()[j].flat());
      made.arrays.emplace_back(name + ".bias", converted(b.view(), weight.dtype()));
    }
    std::erase_if(made.arrays, [&](const auto& item) {
      return item.first == name + ".centre" || item.first == name + ".log_width" || item.first == name + ".factor";
    });
    table_at(made.description, finite.path) =
        kept_settings(finite.table, finite.type() == "finite_gaussian" ? "dense" : "conv2d");
  }
  if (!any)
    throw SpecError("there is no finite Gaussian layer that could become classical",
                    "give a network with finite_gaussian layers");
  return made;
}

}  // namespace neurarium
