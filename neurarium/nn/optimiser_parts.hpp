// What the optimisers share: arrays as large as the parameters, how threads share a step, how it keeps the signs of weights, and their
// registration one by one.
#pragma once

#include <functional>
#include <initializer_list>

#include "neurarium/nn/optimiser.hpp"
#include "neurarium/nn/stretches.hpp"

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

/// Calls move(i, stretch) until all numbers of every parameter i were in one, each once. Large parameters go in many stretches, which the
/// threads of `pool` share; one whose rule mends signs goes in one.
void in_stretches(const std::vector<NamedView>& parameters, WorkerPool* pool,
                  const std::function<void(std::size_t, Stretch)>& move);

/// Around the step of one parameter: makes it one that keeps the signs which the parameter must have, whatever the optimiser
/// (clamp and exponentiated in sign_constraint.hpp). It copies and changes nothing where there are none.
template <class T>
class SignedStep {
 public:
  explicit SignedStep(const NamedView& parameter);
  /// After w ← w − Δ. `memories`: what the optimiser keeps of each number.
  void finish(std::initializer_list<std::span<T>> memories);

 private:
  const NamedView& parameter_;
  std::vector<T> before_;
};

void register_sgd(Registry& registry);
void register_rmsprop(Registry& registry);
void register_adam(Registry& registry);

}  // namespace neurarium
