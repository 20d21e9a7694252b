#include "neurarium/nn/network_state.hpp"

#include <algorithm>
#include <cstring>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {

NetworkState state_of_network(const Component& description, Model& model) {
  NetworkState state{description, {}};
  for (const auto& list : {model.parameters(), model.buffers()})
    for (const NamedView& item : list) state.arrays.emplace_back(item.name, Array(ArrayView(item.values)));
  return state;
}

std::unique_ptr<Model> network_with(const NetworkState& state, const Registry& registry, const std::string& source) {
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
  return {description.type, std::move(settings)};
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
