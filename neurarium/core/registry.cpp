#include "neurarium/core/registry.hpp"

#include <algorithm>

namespace neurarium {

const Registry::Entry* Registry::find(std::string_view kind, std::string_view type) const noexcept {
  for (const auto& [entry, make] : entries_)
    if (entry->kind == kind && entry->type == type) return entry.get();
  return nullptr;
}

std::vector<std::string> Registry::names(std::string_view kind) const {
  std::vector<std::string> names;
  for (const auto& [entry, make] : entries_)
    if (entry->kind == kind) names.push_back(entry->type);
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> Registry::kinds() const {
  std::vector<std::string> kinds;
  for (const auto& [entry, make] : entries_)
    if (std::ranges::find(kinds, entry->kind) == kinds.end()) kinds.push_back(entry->kind);
  std::ranges::sort(kinds);
  return kinds;
}

Fault Registry::unknown(std::string_view kind, std::string_view type) const {
  const auto known = names(kind);
  const std::string near = nearest(type, known);
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "known: " : ", ") + name;
  return {{},
          {},
          "no " + std::string(kind) + " is called '" + std::string(type) + "'",
          near.empty() ? all : "did you mean '" + near + "'?"};
}

Registry::Entry& Registry::insert(Entry entry) {
  if (find(entry.kind, entry.type)) throw InternalError(entry.kind + " '" + entry.type + "' is registered twice");
  entries_.emplace_back(std::make_shared<Entry>(std::move(entry)), MakeParams{});
  return *entries_.back().first;
}

Registry::MakeParams& Registry::params_of(const Entry& entry) {
  for (auto& [candidate, make] : entries_)
    if (candidate.get() == &entry) return make;
  throw InternalError("entry is not in this registry");
}

std::pair<const Registry::Entry*, std::shared_ptr<void>> Registry::prepare(std::string_view kind,
                                                                           const Component& component,
                                                                           const std::string& path) const {
  for (const auto& [entry, make] : entries_) {
    if (entry->kind != kind || entry->type != component.type) continue;
    auto params = make();
    std::vector<Fault> faults;
    entry->schema.read(component.settings, params.get(), {this, &faults, path, {}});
    if (!faults.empty()) throw SpecError(std::move(faults));
    return {entry.get(), std::move(params)};
  }
  throw SpecError({unknown(kind, component.type)});
}

}  // namespace neurarium
