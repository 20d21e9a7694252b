// Registry: what can be named in an experiment — layers, models, losses, optimisers, data sets, studies —
// each with its schema and its factories. It is a value: `builtin_registry()` makes one with everything in the
// house, and anyone may add their own before running. Nothing is registered behind anyone's back.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include "neurarium/core/schema.hpp"

namespace neurarium {

class Registry {
 public:
  struct Entry {
    std::string kind;  ///< "layer", "model", "loss", "optimiser", "dataset", "study"
    std::string type;  ///< its name in experiments, e.g. "dense"
    std::string doc;   ///< one line
    Schema schema;
    std::vector<std::pair<std::type_index, std::any>> factories;
  };

  /// Fluent: registry.add<Dense::Params>("layer", "dense", "…").makes<Layer<float>>([](const Params& p) {…});
  /// A factory may take the registry as its second argument, to make the parts it is made of.
  template <class Params>
  class Addition {
   public:
    explicit Addition(Entry& entry) : entry_(entry) {}
    template <class Interface, class Make>
    Addition& makes(Make make) {
      entry_.factories.emplace_back(typeid(Interface),
                                    Factory<Interface>([make](const void* p, const Registry& registry) {
                                      const Params& params = *static_cast<const Params*>(p);
                                      if constexpr (std::is_invocable_v<Make, const Params&, const Registry&>)
                                        return make(params, registry);
                                      else return (void)registry, make(params);
                                    }));
      return *this;
    }

   private:
    Entry& entry_;
  };

  template <class Params>
  Addition<Params> add(std::string kind, std::string type, std::string doc) {
    Entry& entry = insert({std::move(kind), std::move(type), std::move(doc), Params::fields(), {}});
    params_of(entry) = [] { return std::shared_ptr<void>(std::make_shared<Params>()); };
    return Addition<Params>(entry);
  }

  const Entry* find(std::string_view kind, std::string_view type) const noexcept;
  std::vector<std::string> names(std::string_view kind) const;
  std::vector<std::string> kinds() const;
  /// What to say when there is no such part: with the nearest name, or all of them.
  Fault unknown(std::string_view kind, std::string_view type) const;

  /// The part that `component` describes. Faults are reported under `path`.
  template <class Interface>
  std::unique_ptr<Interface> make(std::string_view kind, const Component& component,
                                  const std::string& path = {}) const {
    const auto& [entry, params] = prepare(kind, component, path);
    for (const auto& [type, factory] : entry->factories)
      if (type == typeid(Interface)) return std::any_cast<const Factory<Interface>&>(factory)(params.get(), *this);
    throw SpecError(path + ": " + std::string(kind) + " '" + component.type + "' can't be used here");
  }
  /// Whether `component` can be made as Interface.
  template <class Interface>
  bool can_make(std::string_view kind, std::string_view type) const noexcept {
    if (const Entry* entry = find(kind, type))
      for (const auto& [index, factory] : entry->factories)
        if (index == typeid(Interface)) return true;
    return false;
  }

 private:
  template <class Interface>
  using Factory = std::function<std::unique_ptr<Interface>(const void*, const Registry&)>;
  using MakeParams = std::function<std::shared_ptr<void>()>;

  Entry& insert(Entry entry);
  MakeParams& params_of(const Entry& entry);
  std::pair<const Entry*, std::shared_ptr<void>> prepare(std::string_view kind, const Component& component,
                                                         const std::string& path) const;
  std::vector<std::pair<std::shared_ptr<Entry>, MakeParams>> entries_;
};

}  // namespace neurarium
