// Activation functions y = g(a) and their derivatives g'(a):
//   identity    y = a                                  g' = 1
//   tanh        y = tanh a                             g' = 1 − y²
//   logistic    y = σ(a) = 1/(1 + e^−a)                g' = y (1 − y)
//   relu        y = max(0, a)                          g' = 1 where a > 0, else 0   (so g'(0) = 0, as in the notebook)
//   leaky_relu  y = a where a > 0, else a/100          g' = 1 where a > 0, else 1/100          Maas et al. 2013
//   elu         y = a where a > 0, else e^a − 1        g' = 1 where a > 0, else y + 1          Clevert et al. 2016
//   gelu        y = a Φ(a), Φ(a) = ½ erfc(−a/√2)       g' = Φ(a) + a e^(−a²/2)/√(2π)           Hendrycks, Gimpel 2016
//   silu        y = a σ(a)                             g' = σ(a) (1 + a (1 − σ(a)))            Elfwing et al. 2018
//   softplus    y = ln(1 + e^a)                        g' = σ(a) = 1 − e^−y                    Dugas et al. 2001
// gelu is the exact form with the error function, not the approximation by tanh. The first four are the notebook's.
// PyTorch has the same values and derivatives (torch.nn.functional, default settings; its softplus is linear above 20).
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

enum class ActivationFunction { identity, tanh, logistic, relu, leaky_relu, elu, gelu, silu, softplus };

/// The words of the functions in experiments, in the order of ActivationFunction.
const std::vector<std::string>& activation_function_names();
/// By name; a SpecError that lists them if there is none of that name.
ActivationFunction activation_function(const std::string& name);

/// Whether the derivative takes a itself: for the others y is enough, and a need not be kept.
constexpr bool needs_input(ActivationFunction g) noexcept {
  return g == ActivationFunction::gelu || g == ActivationFunction::silu;
}

/// y ← g(a); y may be a. NaN stays NaN.
template <class T>
void activate(ActivationFunction g, std::type_identity_t<View<const T>> a, View<T> y);

/// delta ← g'(a) · delta, with y = g(a). `a` is looked at only if needs_input(g); else it may be empty.
template <class T>
void multiply_by_derivative(ActivationFunction g, std::type_identity_t<View<const T>> a,
                            std::type_identity_t<View<const T>> y, View<T> delta);

}  // namespace neurarium
