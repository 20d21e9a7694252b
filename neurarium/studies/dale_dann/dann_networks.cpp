#include "neurarium/studies/dale_dann/dann_networks.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/network_parts.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {
namespace {

Value signs(double inhibitory_fraction, const char* start) {
  Value table = Value::table();
  table.set("signs", "random");
  table.set("inhibitory_fraction", inhibitory_fraction);
  table.set("rule", "clamp");
  table.set("start", start);
  return table;
}

std::int64_t inhibitory_beside(std::int64_t excitatory, double share) {
  return std::max<std::int64_t>(1, std::llround(share * static_cast<double>(excitatory)));
}

/// d inputs with first weights of mean s and inputs of mean m: the drive of a unit that all of them excite is d s m.
Value first_colei_layer(std::int64_t units, double d, double mean_input) {
  const double s = 1 / std::sqrt(d);
  Array bias(DType::f64, {static_cast<std::size_t>(units)});
  std::ranges::fill(bias.as<double>().flat(), -d * s * mean_input);
  return part("dense", {{"units", units},
                        {"activation", "relu"},
                        {"initialiser", part("exponential", {{"sd", s}})},
                        {"bias", Value(std::make_shared<const Array>(std::move(bias)))},
                        {"dale", signs(0, "drawn")}});
}

Value::List colei_layers(const DannNetworkParams& params, double d, double mean_input, std::int64_t classes) {
  Value::List layers;
  double fraction = 0;  // of the units below
  const auto add = [&](std::int64_t units, const char* activation) {
    if (layers.empty()) layers.push_back(first_colei_layer(units, d, mean_input));
    else
      layers.push_back(
          part("dense", {{"units", units}, {"activation", activation}, {"dale", signs(fraction, "colei")}}));
  };
  for (const std::int64_t excitatory : params.hidden) {
    const std::int64_t inhibitory = inhibitory_beside(excitatory, params.inhibitory_share);
    add(excitatory + inhibitory, "relu");
    fraction = static_cast<double>(inhibitory) / static_cast<double>(excitatory + inhibitory);
  }
  add(classes, "identity");
  return layers;
}

Value::List dann_layers(const DannNetworkParams& params, const char* updates, double d, std::int64_t classes) {
  Value::List layers;
  for (const std::int64_t units : params.hidden)
    layers.push_back(part("dann", {{"units", units},
                                   {"inhibitory", inhibitory_beside(units, params.inhibitory_share)},
                                   {"activation", "relu"},
                                   {"updates", updates},
                                   {"initial_sd", layers.empty() ? std::sqrt(1 / (2 * d)) : 0.0}}));
  layers.push_back(part("dann", {{"units", classes}, {"inhibitory", 1}, {"updates", updates}}));
  return layers;
}

Value::List free_layers(const DannNetworkParams& params, std::int64_t classes) {
  Value::List layers;
  for (const std::int64_t units : params.hidden)
    layers.push_back(part("dense", {{"units", units}, {"activation", "relu"}, {"initialiser", "he"}}));
  layers.push_back(part("dense", {{"units", classes}}));
  return layers;
}

}  // namespace

const char* words_of(DannKind kind) noexcept {
  constexpr const char* words[] = {"unconstrained", "ColEI", "DANN, plain", "DANN, corrected"};
  return words[static_cast<std::size_t>(kind)];
}

const char* key_of(DannKind kind) noexcept {
  constexpr const char* keys[] = {"unconstrained", "colei", "dann_plain", "dann_corrected"};
  return keys[static_cast<std::size_t>(kind)];
}

Component dann_network(DannKind kind, const DannNetworkParams& params, const Shape& entry, double mean_input,
                       std::size_t classes, std::uint64_t seed) {
  const double d = static_cast<double>(entry.elements());
  const auto outputs = static_cast<std::int64_t>(classes);
  Value::List layers = kind == DannKind::unconstrained ? free_layers(params, outputs)
                       : kind == DannKind::colei
                           ? colei_layers(params, d, mean_input, outputs)
                           : dann_layers(params, kind == DannKind::plain ? "plain" : "corrected", d, outputs);
  return sequential_model(entry, seed, std::move(layers), "cross_entropy");
}

Tensor<double> first_fields(Model& model, std::size_t count) {
  const std::vector<NamedView> parameters = model.parameters();
  const auto first = [&](std::size_t i) { return to_tensor<double>(effective_weights(parameters[i]).view()); };
  Tensor<double> fields(Shape{count, parameters[0].values.shape()[1]});
  const Tensor<double> all = first(0);
  std::copy_n(all.data(), fields.size(), fields.data());
  if (!parameters[0].name.ends_with("weight_ex")) return fields;
  const Tensor<double> drive = first(1), inhibit = first(2);
  for (std::size_t e = 0; e < count; ++e)
    for (std::size_t i = 0; i < drive.shape()[0]; ++i)
      for (std::size_t j = 0; j < drive.shape()[1]; ++j) fields(e, j) -= inhibit(e, i) * drive(i, j);
  return fields;
}

}  // namespace neurarium
