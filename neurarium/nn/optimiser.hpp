// Optimisers: how a gradient g moves the parameters w. η: learning rate × the schedule's factor; λ: weight decay; t = 1, 2, …
//
//   sgd      g' = g + λ w,  v ← μ v + g',  w ← w − η v                        (μ = 0: plain gradient descent)
//            Nesterov: w ← w − η (g' + μ v)
//   rmsprop  g' = g + λ w,  s ← α s + (1 − α) g'²,  d = g' / (√s + ε),  v ← μ v + d,  w ← w − η v
//            centred: m ← α m + (1 − α) g', and √(s − m²) in place of √s
//   adam     g' = g + λ w,  m ← β₁ m + (1 − β₁) g',  s ← β₂ s + (1 − β₂) g'²,
//            w ← w − η / (1 − β₁ᵗ) · m / (√(s / (1 − β₂ᵗ)) + ε)
//   adamw    the same with g' = g, after w ← w − η λ w                        (decoupled weight decay)
//
// Methods that see all samples in each step, and choose its length themselves: full_batch_method.hpp.
//
// Equations and defaults are those of torch.optim, except that sgd has a default learning rate (0.1). λ moves all parameters,
// biases too, as there. Everything starts at 0.
// Sources: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever et al., ICML 2013
// (Nesterov); Tieleman, Hinton, COURSERA lecture 6.5, 2012 (rmsprop); Kingma, Ba, "Adam", ICLR 2015; Loshchilov, Hutter,
// "Decoupled weight decay regularization", ICLR 2019.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

class Optimiser {
 public:
  virtual ~Optimiser() = default;
  /// Moves `parameters` along `gradient` (one array per parameter, same order in every call). `rate_factor` is the
  /// schedule's factor on the learning rate of this step. The threads of `pool`, if there is one, share large parameters, with the same bits.
  virtual void step(const std::vector<NamedView>& parameters, const Gradient& gradient, double rate_factor = 1,
                    WorkerPool* pool = nullptr) = 0;
  /// What must be kept to continue to the same bits, sized for `parameters`.
  virtual std::vector<NamedView> state(const std::vector<NamedView>& parameters) = 0;
};

void register_optimisers(Registry& registry);

}  // namespace neurarium
