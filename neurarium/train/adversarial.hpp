// Adversarial training: each step learns from samples that an attack has changed to fool the network as it is then.
//
//   w ← w − η Σ_n ∂L(f(x'_n), y_n)/∂w,   x'_n in the ball of radius ε around x_n, found by the attack
// Draws are a pure function of (seed, epoch, sample). The attack sees the network in evaluation mode.
// Source: Madry et al., ICLR 2018 (PGD); Wong, Rice, Kolter, "Fast is better than free", ICLR 2020 (FGSM, random start).
#pragma once

#include <memory>
#include <span>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/attack.hpp"

namespace neurarium {

struct AdversarialParams {
  double epsilon = 0;
  Component attack;
  std::vector<double> bounds;
  AdversarialParams();
  static Schema fields();
  bool wanted() const noexcept { return epsilon > 0; }
};

/// A fault for each section of adversarial training in `whole`, settings of this schema with every default, whose attack or bounds
/// are others than usual while epsilon is 0 and none of `given`, what was written, names it: they would change nothing, and nobody
/// said that nothing should change. `path` stands before keys in messages.
void find_idle_adversaries(const Schema& schema, std::span<const Value* const> given, const Value& whole,
                           const Registry& registry, const std::string& path, std::vector<Fault>& faults);

/// Changes the samples of one shard after the other, on one thread at a time.
class Adversary {
 public:
  virtual ~Adversary() = default;
  /// x' [n, …entry] of samples x with labels y, in the model's own type and units (x / divisor). Valid until the next call.
  virtual ArrayView changed(ArrayView x, ArrayView y, double divisor, const Context& context) = 0;
};

/// What the samples to learn from may hold: by the settings, or else by the data's type or range. SpecError if the answers are no
/// labels, or all numbers of the data are the same.
Bounds adversarial_bounds(const AdversarialParams& params, ArrayView data, ArrayView answers, double divisor);

/// Null if none is wanted. SpecError if the model has no gradient at its input where the attack follows it, or if the attack looks for
/// the smallest change.
std::unique_ptr<Adversary> make_adversary(const AdversarialParams& params, const Model& model, const Bounds& bounds,
                                          const Registry& registry);

}  // namespace neurarium
