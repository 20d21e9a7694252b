// What becomes of signs: who keeps them, how excitation and inhibition balance, and what directions a weight matrix knows.
//
// Singular values σ of W as a matrix [postsynaptic, everything else]; their normalised entropy is
//   −Σ p ln p / ln n,  p = σ / Σ σ        1: all directions alike; 0: one direction only
// Dale's law makes one singular value stand out, which is what makes such networks learn worse.
// Source: Li, Cornford, Ghosh, Richards, "Learning better with Dale's law: a spectral perspective", NeurIPS 2023.
#pragma once

#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

struct NamedView;

/// The synapses upon one unit.
struct SynapticBalance {
  std::size_t excitatory = 0, inhibitory = 0;     ///< positive weights, negative weights
  double excitatory_sum = 0, inhibitory_sum = 0;  ///< of the weights: ≥ 0, ≤ 0
  /// E/I balance: (E − |I|) / (E + |I|), from −1 (all inhibition) to 1; 0 without synapses.
  double balance() const noexcept;
};

struct SignReport {
  std::size_t constrained = 0;  ///< synapses that must have a sign
  std::size_t violations = 0;   ///< of these, how many have the other one
  double largest_violation = 0;
  std::vector<SynapticBalance> balance;  ///< one per postsynaptic unit
  std::vector<double> singular_values;   ///< from the largest down
  double spectral_entropy = 0;
};

/// Looks at W, [post, pre, …] (post_axis 0) or [pre, post] (1), with the sign that each number must have (0: any). ShapeError if
/// there are not as many signs as numbers, NumericError if a number is not finite.
SignReport sign_report(ArrayView weights, std::span<const signed char> signs, std::size_t post_axis = 0);
/// The same for a model's parameter, as its layer multiplies with it; without signs nothing is constrained.
SignReport sign_report(const NamedView& parameter);

}  // namespace neurarium
