#include "neurarium/studies/dale_check/dale_findings.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "neurarium/nn/network_state.hpp"
#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

/// Sections "dale" and "X_dale", the latter only where the layer has an X.
bool says_signs(const FieldInfo& field, const Value& layer) {
  if (field.kind != FieldKind::section) return false;
  if (field.name == "dale") return true;
  constexpr std::string_view ending = "_dale";
  if (!field.name.ends_with(ending)) return false;
  const Value* has = layer.find(field.name.substr(0, field.name.size() - ending.size()));
  return has && has->is_bool() && has->as_bool();
}

/// The same network with a sign for every weight that can have one.
Value with_signs(const Value& settings, const Registry& registry) {
  if (settings.is_list()) {
    Value::List made;
    for (const Value& item : settings.as_list()) made.push_back(with_signs(item, registry));
    return made;
  }
  if (!settings.is_table()) return settings;
  Value made = Value::table(), signs = Value::table();
  signs.set("signs", "first"), signs.set("inhibitory_fraction", 0.0);
  for (const auto& [key, item] : settings.as_table()) made.set(key, with_signs(item, registry));
  const Value* type = settings.find("type");
  if (const auto* layer = type && type->is_text() ? registry.find("layer", type->as_text()) : nullptr)
    for (const FieldInfo& field : layer->schema.fields())
      if (says_signs(field, settings)) made.set(field.name, signs);
  return made;
}

/// By parameter. A layer says how a weight lies only together with its signs; so a network in which all have some is asked.
std::map<std::string, std::size_t> presynaptic_axes(const Component& description, const Registry& registry) {
  const Component whole = completed(description, registry);
  const auto model = registry.make<Model>("model", {whole.type, with_signs(whole.settings, registry)}, "model");
  std::map<std::string, std::size_t> axes;
  for (const NamedView& parameter : model->parameters())
    if (parameter.signs && parameter.values.shape().axes() >= 2) axes[parameter.name] = parameter.signs->synapses.axis;
  return axes;
}

std::size_t sum_of(const SignReport& report, std::size_t SynapticBalance::*count) {
  std::size_t sum = 0;
  for (const SynapticBalance& unit : report.balance) sum += unit.*count;
  return sum;
}

/// Whether the synapses of `weight` lead back to the units that are in front of the next weight as well.
bool leads_back(const std::vector<CheckedWeight>& weights, std::size_t weight) {
  return weight + 1 < weights.size() && weights[weight].synapses.parameter.ends_with(".recurrent") &&
         weights[weight].presynaptic_units() == weights[weight + 1].presynaptic_units();
}

}  // namespace

std::string CheckedWeight::key() const {
  std::string key = synapses.parameter;
  std::ranges::replace(key, '.', '_');
  return key;
}

std::size_t CheckedWeight::synapses_above_0() const { return sum_of(signs, &SynapticBalance::excitatory); }
std::size_t CheckedWeight::synapses_below_0() const { return sum_of(signs, &SynapticBalance::inhibitory); }

double CheckedWeight::inhibitory_share() const {
  const std::size_t all = synapses_above_0() + synapses_below_0();
  return all > 0 ? static_cast<double>(synapses_below_0()) / static_cast<double>(all) : std::nan("");
}

double CheckedWeight::balance() const {
  double sum = 0;
  for (const SynapticBalance& unit : signs.balance) sum += unit.balance();
  return sum / static_cast<double>(signs.balance.size());
}

std::vector<CheckedWeight> checked_weights(Model& model, const Component& description, const Registry& registry) {
  const auto axes = presynaptic_axes(description, registry);
  std::vector<CheckedWeight> weights;
  for (const NamedView& parameter : model.parameters()) {
    const auto axis = axes.find(parameter.name);
    if (axis == axes.end()) continue;
    weights.push_back({{parameter.name, axis->second},
                       parameter.values.shape(),
                       sign_report(effective_weights(parameter), signs_of(parameter), 1 - axis->second)});
  }
  return weights;
}

DaleAblation ablate(Trainable& model, const std::vector<CheckedWeight>& weights, const SplitView& asked, double divisor,
                    RunContext& context) {
  DaleAblation found;
  const EpochResult whole = evaluate(model, asked, divisor, context);
  found.is_accuracy = whole.has_accuracy;
  const auto worth = [&](const EpochResult& result) { return found.is_accuracy ? result.accuracy : result.loss; };
  found.whole = worth(whole);
  std::vector<Synapses> all;
  for (const CheckedWeight& weight : weights) all.push_back(weight.synapses);
  found.without_inhibition = worth(without_inhibition(model, all, asked, divisor, context).result);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (leads_back(weights, i)) continue;
    std::vector<Synapses> of = {all[i]};
    if (i > 0 && leads_back(weights, i - 1)) of.push_back(all[i - 1]);
    UnitAblation& units = found.units.emplace_back();
    units.weight = i;
    for (const AblationResult& one : without_each_unit(model, of, asked, divisor, context))
      units.without.push_back(worth(one.result));
    const auto worst =
        found.is_accuracy ? std::ranges::min_element(units.without) : std::ranges::max_element(units.without);
    units.worst = static_cast<std::size_t>(worst - units.without.begin());
  }
  return found;
}

}  // namespace neurarium
