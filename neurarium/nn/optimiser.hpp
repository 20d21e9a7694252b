// Optimisers: how a gradient moves the parameters.
//   sgd   v ← μ v + g,  w ← w − η v      (μ = 0: plain gradient descent; as torch.optim.SGD)
// Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

class Optimiser {
 public:
  virtual ~Optimiser() = default;
  /// Moves `parameters` along `gradient` (one array per parameter, same order in every call).
  virtual void step(const std::vector<NamedView>& parameters, const Gradient& gradient) = 0;
  /// What must be kept to continue to the same bits, sized for `parameters`.
  virtual std::vector<NamedView> state(const std::vector<NamedView>& parameters) = 0;
};

void register_optimisers(Registry& registry);

}  // namespace neurarium
