// Cross-entropy of an output at an instant: softmax over `outputs` voltages, of which one is V and all others are 0.
//   p = e^V / (e^V + outputs − 1)
//   V belongs to the correct output:  l = −log p,                    −∂l/∂V = 1 − p
//   V belongs to a wrong one:         l = log(e^V + outputs − 1),    −∂l/∂V = −p
// λ is driven by −∂l/∂V. Both losses are convex in V, and ∫ V dt does not depend on when spikes come; so whatever piles V up
// costs, and spikes that overlap are moved apart, whatever the sign of the weight.
#pragma once

#include <cstddef>

namespace neurarium::anatomy {

struct OutputLoss {
  std::size_t outputs = 20;  ///< ≥ 2
  bool correct = true;       ///< V is the voltage of the label's output
  double loss(double v) const;
  double drive(double v) const;
  /// −∂l/∂V of a wrong output that rests at 0 while the correct one has the voltage v: −1/(e^v + outputs − 1).
  double drive_of_resting(double v) const;
};

}  // namespace neurarium::anatomy
