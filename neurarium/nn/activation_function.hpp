// Activation functions y = g(a) and their derivatives, written in terms of y where that is exact:
//   identity  y = a               g' = 1
//   tanh      y = tanh a          g' = 1 − y²
//   logistic  y = 1/(1 + e^−a)    g' = y (1 − y)
//   relu      y = max(0, a)       g' = 1 where a > 0, else 0   (so g'(0) = 0)
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/kernels/rows.hpp"

namespace neurarium {

enum class ActivationFunction { identity, tanh, logistic, relu };

inline const std::vector<std::string>& activation_function_names() {
  static const std::vector<std::string> names = {"identity", "tanh", "logistic", "relu"};
  return names;
}

inline ActivationFunction activation_function(const std::string& name) {
  const auto& names = activation_function_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<ActivationFunction>(i);
  throw SpecError("activation '" + name + "' is not known", "use identity, tanh, logistic or relu");
}

/// y ← g(y), in place.
template <class T>
void activate(ActivationFunction g, View<T> y) {
  switch (g) {
    case ActivationFunction::identity: return;
    case ActivationFunction::tanh:
      for (T& x : y.flat()) x = std::tanh(x);
      return;
    case ActivationFunction::logistic: return kernels::logistic<T>(y, y);
    case ActivationFunction::relu:
      for (T& x : y.flat()) x = x < T{0} ? T{0} : x;  // NaN stays NaN
      return;
  }
}

/// delta ← g'(a) · delta, with y = g(a).
template <class T>
void multiply_by_derivative(ActivationFunction g, View<const T> y, View<T> delta) {
  const auto out = y.flat();
  const auto d = delta.flat();
  switch (g) {
    case ActivationFunction::identity: return;
    case ActivationFunction::tanh:
      for (std::size_t i = 0; i < d.size(); ++i) d[i] *= T{1} - out[i] * out[i];
      return;
    case ActivationFunction::logistic:
      for (std::size_t i = 0; i < d.size(); ++i) d[i] *= out[i] * (T{1} - out[i]);
      return;
    case ActivationFunction::relu:
      for (std::size_t i = 0; i < d.size(); ++i) d[i] = out[i] > T{0} ? d[i] : T{0};
      return;
  }
}

}  // namespace neurarium
