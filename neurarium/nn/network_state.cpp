#include "neurarium/nn/network_state.hpp"

#include <algorithm>
#include <cstring>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

/// Calls visit(table, key) for every array in `settings`.
template <class Visit>
void for_each_array(Value& settings, const Visit& visit) {
  if (settings.is_list())
    for (Value& item : settings.as_list()) for_each_array(item, visit);
  if (!settings.is_table()) return;
  for (auto& [key, item] : settings.as_table()) {
    if (item.is_array()) visit(settings, key, item);
    else for_each_array(item, visit);
  }
}

Value as_lists(View<const double> numbers) {
  Value::List list;
  for (std::size_t i = 0; i < numbers.shape()[0]; ++i) {
    if (numbers.shape().axes() == 1) list.emplace_back(numbers(i));
    else list.push_back(as_lists(numbers[i]));
  }
  return list;
}

/// Do both have the same parameters and buffers, bit by bit?
bool same_numbers(Model& a, Model& b) {
  for (const auto& [of_a, of_b] : {std::pair(a.parameters(), b.parameters()), std::pair(a.buffers(), b.buffers())}) {
    if (of_a.size() != of_b.size()) return false;
    for (std::size_t i = 0; i < of_a.size(); ++i) {
      const ArrayView x = of_a[i].values, y = of_b[i].values;
      if (x.shape() != y.shape() || x.dtype() != y.dtype() || std::memcmp(x.data(), y.data(), x.bytes()) != 0)
        return false;
    }
  }
  return true;
}

/// Arrays that are no first values of parameters or buffers (time constants that are not learned) become lists, which stay in a
/// description that is kept: nothing else tells them. They are those without which all parameters and buffers are the same.
void keep_fixed_numbers(Component& network, const Registry& registry) {
  std::unique_ptr<Model> whole;
  std::vector<std::pair<Value*, Value>> fixed;
  for_each_array(network.settings, [&](Value&, const std::string&, Value& place) {
    if (!place.as_array() || place.as_array()->shape().axes() == 0) return;
    if (!whole) whole = registry.make<Model>("model", network, "model");
    const Value given = place;
    bool is_fixed = true;  // so is what can't be left out
    try {
      place = Value("");
      is_fixed = same_numbers(*whole, *registry.make<Model>("model", network, "model"));
    } catch (const Error&) {}
    place = given;
    if (is_fixed) fixed.emplace_back(&place, as_lists(to_tensor<double>(given.as_array()->view()).view()));
  });
  for (auto& [place, list] : fixed) *place = std::move(list);
}

/// Fixed numbers of units that files of older versions lost: layer, setting, and what makes it a parameter.
constexpr const char* once_lost[][3] = {{"eventprop_lif", "time_constants", "learn_time_constants"},
                                        {"eventprop_lif", "synapse_time_constants", "learn_time_constants"},
                                        {"eventprop_lif", "thresholds", "learn_thresholds"},
                                        {"eventprop_lif", "adaptations", "learn_adaptation"},
                                        {"eventprop_lif", "adaptation_time_constants", "learn_adaptation"},
                                        {"lif", "time_constants", "learn_time_constants"},
                                        {"lif", "thresholds", "learn_thresholds"}};

/// A description with every default written leaves nothing out but arrays that were given.
void refuse_lost_numbers(const Value& settings, const Registry& registry, const std::string& source) {
  if (settings.is_list())
    for (const Value& item : settings.as_list()) refuse_lost_numbers(item, registry, source);
  if (!settings.is_table()) return;
  for (const auto& [key, item] : settings.as_table()) refuse_lost_numbers(item, registry, source);
  const Value* type = settings.find("type");
  const Registry::Entry* layer = type && type->is_text() ? registry.find("layer", type->as_text()) : nullptr;
  if (!layer) return;
  for (const auto& [of, name, learned] : once_lost) {
    if (type->as_text() != of || settings.find(name)) continue;
    const bool is_complete = std::ranges::all_of(layer->schema.fields(), [&](const FieldInfo& field) {
      return field.kind == FieldKind::array || settings.find(field.name);
    });
    if (is_complete && !settings.at(learned).as_bool())
      throw DataError(source,
                      "the " + std::string(name) + " of a layer '" + type->as_text() +
                          "' are missing: they were given, but the version that wrote this did not keep them",
                      "compute its run anew with --again");
  }
}

}  // namespace

NetworkState state_of_network(const Component& description, Model& model) {
  NetworkState state{description, {}};
  for (const auto& list : {model.parameters(), model.buffers()})
    for (const NamedView& item : list) state.arrays.emplace_back(item.name, Array(ArrayView(item.values)));
  return state;
}

std::unique_ptr<Model> network_with(const NetworkState& state, const Registry& registry, const std::string& source) {
  refuse_lost_numbers(state.description.settings, registry, source);
  auto model = registry.make<Model>("model", state.description, "model");
  std::size_t taken = 0;
  for (const auto& list : {model->parameters(), model->buffers()})
    for (const NamedView& item : list) {
      const auto found = std::ranges::find(state.arrays, item.name, &NamedArrays::value_type::first);
      if (found == state.arrays.end()) throw DataError(source, "the numbers of '" + item.name + "' are missing");
      if (found->second.shape() != item.values.shape())
        throw ShapeError(source + ", " + item.name, to_string(item.values.shape()), to_string(found->second.shape()));
      const Array same = converted(found->second, item.values.dtype());
      std::memcpy(item.values.data(), same.view().data(), item.values.bytes());
      ++taken;
    }
  if (taken != state.arrays.size())
    throw DataError(source, std::to_string(state.arrays.size() - taken) + " arrays belong to no layer of it");
  return model;
}

Value without_arrays(const Value& settings) {
  if (settings.is_list()) {
    Value::List plain;
    for (const Value& item : settings.as_list()) plain.push_back(without_arrays(item));
    return plain;
  }
  if (!settings.is_table()) return settings;
  Value plain = Value::table();
  for (const auto& [key, item] : settings.as_table())
    if (!item.is_array()) plain.set(key, without_arrays(item));
  return plain;
}

Component completed(const Component& description, const Registry& registry, const std::string& kind) {
  const Registry::Entry* part = registry.find(kind, description.type);
  if (!part) throw SpecError({registry.unknown(kind, description.type)});
  std::vector<Fault> faults;
  Value settings = part->schema.complete(description.settings, {&registry, &faults, {}, {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  Component made{description.type, std::move(settings)};
  if (kind == "model") keep_fixed_numbers(made, registry);
  return made;
}

std::string content_lines(const NamedArrays& arrays) {
  std::vector<std::string> lines;
  for (const auto& [name, array] :
       arrays)  // names may hold anything: with their length in front lines can't be confused
    lines.push_back("array " + std::to_string(name.size()) + ':' + name + ' ' + std::string(name_of(array.dtype())) +
                    to_string(array.shape()) + ' ' + sha256(std::span(array.view().data(), array.view().bytes())) +
                    '\n');
  std::ranges::sort(lines);
  std::string all;
  for (const std::string& line : lines) all += line;
  return all;
}

std::string content_hash(const NetworkState& state) {
  Value settings = without_arrays(state.description.settings);
  settings.erase("seed");
  return sha256(state.description.type + '\n' + to_json(settings, -1) + '\n' + content_lines(state.arrays));
}

}  // namespace neurarium
