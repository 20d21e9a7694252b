// Initialisers: what weights are before learning. Values are drawn in double and rounded, so that a network starts
// from the same point in float and in double. A weight has one row of fan_in numbers per unit (or feature map).
//   uniform     U(low, high)
//   uniform_fan U(−a, a), a = gain / √fan with fan_in, or fan_out
//   exponential Exp of standard deviation sd: sizes, for weights whose signs are given (nn/sign_constraint.hpp)
//   normal      N(mean, sd²); the notebook's: mean = 0, sd = 0.05
//   glorot      U(−a, a), a = √(6 / (fan_in + fan_out))     Glorot, Bengio, AISTATS 2010
//   he          N(0, 2 / fan_in)                            He et al., ICCV 2015: for ReLU and its kin
//   orthogonal  gain · Q: rows (or columns, if there are fewer of them) are orthonormal; Q is uniform over all such
//               matrices: QR of a matrix of N(0, 1), column j of Q times the sign of R_jj
//                                                           Saxe et al., ICLR 2014; Mezzadri, Notices AMS 2007
//   fluctuation_driven  N(m, s²), so that the membrane u ← α u + Σ w x of a spiking unit without threshold, α = e^(−dt/tau),
//               has mean μ and standard deviation σ when its fan_in inputs fire as Poisson processes of rate ν:
//               m = μ (1 − α) / (fan_in ν dt),  m² + s² = σ² (1 − α²) / (fan_in ν dt)
//                                                           Rossbroich, Gygax, Zenke, Neuromorph. Comput. Eng. 2022
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/core/rng.hpp"

namespace neurarium {

class Initialiser {
 public:
  virtual ~Initialiser() = default;
  virtual void fill(std::span<double> weights, std::size_t fan_in, std::size_t fan_out, const Stream& stream) const = 0;
};

void register_initialisers(Registry& registry);

}  // namespace neurarium
