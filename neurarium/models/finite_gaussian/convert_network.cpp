#include "neurarium/models/finite_gaussian/convert_network.hpp"

#include <algorithm>
#include <functional>

#include "neurarium/models/finite_gaussian/conversion.hpp"
#include "neurarium/models/finite_gaussian/network_layers.hpp"

namespace neurarium {

namespace {

/// Layers that hold layers are not looked into: one of the wanted type in there would be left as it is without a word.
void require_no_inner(const NetworkLayers& layers, const std::string& type) {
  const std::function<bool(const Value&)> holds = [&](const Value& value) -> bool {
    if (value.is_list()) return std::ranges::any_of(value.as_list(), holds);
    if (!value.is_table()) return false;
    const Value* own = value.find("type");
    if (own && own->is_text() && own->as_text() == type) return true;
    return std::ranges::any_of(value.as_table(), [&](const auto& entry) { return holds(entry.second); });
  };
  for (std::size_t k = 0; k < layers.tables.size(); ++k)
    if (layers.type(k) != type && holds(layers.tables[k]))
      throw SpecError(
          layers.names[k] + " holds a layer of type " + type + ": layers within layers can't be converted yet",
          "put it among the network's own layers");
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
  NetworkState made{with_layers(classical.description, layers.tables), classical.arrays};
  bool first = true, any = false;
  for (std::size_t k = 0; k < layers.tables.size(); ++k) {
    if (layers.type(k) == "finite_gaussian") first = false;
    if (layers.type(k) != "dense") continue;
    any = true;
    const std::string& name = layers.names[k];
    const Value& dense = layers.tables[k];
    const Array weight = array_of(made.arrays, name + ".weight");
    const std::size_t units = weight.shape()[0], inputs = weight.shape()[1];
    Array h;
    if (rule.looks_at_samples()) h = reaching(made, k, registry, x, divisor);
    if (!find_array(made.arrays, name + ".bias"))
      made.arrays.emplace_back(name + ".bias", Array(weight.dtype(), {units}));
    const Tensor<double> w = to_tensor<double>(weight), b = to_tensor<double>(array_of(made.arrays, name + ".bias"));
    Tensor<double> centres(w.shape());
    for (std::size_t j = 0; j < units; ++j)
      std::ranges::copy(nearest_zero(w.view()[j].flat(), b(j), name + ", unit " + std::to_string(j)),
                        centres.view()[j].flat().begin());
    if (rule.looks_at_samples()) h.reshape({h.shape()[0], inputs});
    const Tensor<double> widths = log_widths(rule, centres.view(), to_tensor<double>(h).view(), name);
    made.arrays.emplace_back(name + ".centre", converted(centres.view(), weight.dtype()));
    made.arrays.emplace_back(name + ".log_width", converted(widths.view(), weight.dtype()));

    Value layer = Value::table();
    layer.set("type", "finite_gaussian");
    layer.set("name", name);
    layer.set("units", static_cast<std::int64_t>(units));
    for (const char* kept : {"activation", "initialiser"})
      if (const Value* value = dense.find(kept)) layer.set(kept, *value);
    layer.set("shape", rule.is_diagonal() ? "diagonal" : "spherical");
    layer.set("gate", !first);
    made.description.settings.find("layers")->as_list()[k] = std::move(layer);
    first = false;
  }
  if (!any)
    throw SpecError("there is no dense layer that could become finite Gaussian", "give a network with dense layers");
  return made;
}

NetworkState to_classical(const NetworkState& gaussian, const Registry& registry) {
  const NetworkLayers layers = layers_of(gaussian, registry);
  require_no_inner(layers, "finite_gaussian");
  NetworkState made{with_layers(gaussian.description, layers.tables), gaussian.arrays};
  bool any = false;
  for (std::size_t k = 0; k < layers.tables.size(); ++k) {
    const Value& finite = layers.tables[k];
    if (layers.type(k) != "finite_gaussian") continue;
    any = true;
    const std::string& name = layers.names[k];
    const Array weight = array_of(made.arrays, name + ".weight");
    if (!find_array(made.arrays, name + ".bias")) {  // tied
      const Tensor<double> w = to_tensor<double>(weight),
                           c = to_tensor<double>(array_of(made.arrays, name + ".centre"));
      Tensor<double> b(Shape{w.shape()[0]});
      for (std::size_t j = 0; j < b.size(); ++j) b(j) = bias_through(w.view()[j].flat(), c.view()[j].flat());
      made.arrays.emplace_back(name + ".bias", converted(b.view(), weight.dtype()));
    }
    std::erase_if(made.arrays, [&](const auto& item) {
      return item.first == name + ".centre" || item.first == name + ".log_width" || item.first == name + ".factor";
    });
    Value layer = Value::table();
    layer.set("type", "dense");
    layer.set("name", name);
    layer.set("units", static_cast<std::int64_t>(weight.shape()[0]));
    for (const char* kept : {"activation", "initialiser"})
      if (const Value* value = finite.find(kept)) layer.set(kept, *value);
    made.description.settings.find("layers")->as_list()[k] = std::move(layer);
  }
  if (!any)
    throw SpecError("there is no finite Gaussian layer that could become classical",
                    "give a network with finite_gaussian layers");
  return made;
}

}  // namespace neurarium
