// Surrogate gradients: a spike s = H(x), x = v − θ, has no derivative that could teach; these stand in for it on the way back.
// H(0) = 0: a membrane must be above its threshold.
//
//   sigmoid       β σ(βx) (1 − σ(βx))                   β = 5      peak β/4
//   fast_sigmoid  1 / (1 + β|x|)²                       β = 10     peak 1       Zenke, Ganguli 2018 (SuperSpike)
//   arctan        (α/2) / (1 + (παx/2)²)                α = 2      peak α/2     Fang et al. 2021
//   triangle      max(0, 1 − |x|/w) / w                 w = 1      peak 1/w     Esser et al. 2016, Bellec et al. 2018
//   rectangle     1/w where |x| < w/2                   w = 1      peak 1/w     Wu et al. 2018
//   gaussian      exp(−x²/2σ²) / (σ √2π)                σ = 0.4    peak 1/(σ √2π)    Yin et al. 2021
//   straight      1                                                             Bengio et al. 2013
//   table         straight lines between the points (x, slope) that the user gives, 0 beyond them
//
// All are multiplied by `scale`. `soft` is the primitive of each, which grows where spikes leap: networks of soft spikes have
// exact gradients, by the same code, and so the check of gradients can look at them.
// Source: Neftci, Mostafa, Zenke, "Surrogate gradient learning in spiking neural networks", IEEE SPM 2019.
#pragma once

#include <optional>

#include "neurarium/core/registry.hpp"
#include "neurarium/kernels/surrogate.hpp"

namespace neurarium {

template <class T>
class Surrogate {
 public:
  virtual ~Surrogate() = default;
  /// Its formula, for kernels that can use it at once; nothing: there is none, ask for `slopes`.
  virtual std::optional<kernels::SurrogateCurve<T>> curve() const { return {}; }
  /// slope[i] = the derivative at x[i]; slope may be x.
  virtual void slopes(std::span<const T> x, std::span<T> slope) const = 0;
  /// The primitive, 0.5 at x = 0 (times the scale).
  virtual T soft(T x) const = 0;
};

void register_surrogates(Registry& registry);

}  // namespace neurarium
