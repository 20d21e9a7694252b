// What the optimisers share: arrays as large as the parameters, and their registration one by one.
#pragma once

#include "neurarium/nn/optimiser.hpp"

namespace neurarium {

/// One array of zeros per parameter, of its type and shape.
class Slots {
 public:
  explicit Slots(std::string name) : name_(std::move(name)) {}
  void prepare(const std::vector<NamedView>& parameters) {
    if (arrays_.size() == parameters.size()) return;
    arrays_.clear();
    for (const NamedView& p : parameters) arrays_.emplace_back(p.values.dtype(), p.values.shape());
  }
  template <class T>
  std::span<T> flat(std::size_t parameter) {
    return arrays_[parameter].as<T>().flat();
  }
  void add_to(std::vector<NamedView>& state, const std::vector<NamedView>& parameters) {
    prepare(parameters);
    for (std::size_t i = 0; i < arrays_.size(); ++i)
      state.push_back({name_ + "." + parameters[i].name, arrays_[i].view()});
  }

 private:
  std::string name_;
  std::vector<Array> arrays_;
};

void register_sgd(Registry& registry);
void register_rmsprop(Registry& registry);
void register_adam(Registry& registry);

}  // namespace neurarium
