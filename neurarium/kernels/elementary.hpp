// exp and tanh of many numbers at once. Run-time dispatch through Highway; `reference` holds the plain loops that they are
// tested against. NaN stays NaN; far below, exp is exactly 0.
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// y_i = exp(factor · x_i); y may be x.
template <class T>
void exponential(T factor, std::type_identity_t<View<const T>> x, View<T> y);

/// y_i = tanh(x_i); y may be x.
template <class T>
void hyperbolic_tangent(std::type_identity_t<View<const T>> x, View<T> y);

namespace reference {
template <class T>
void exponential(T factor, std::type_identity_t<View<const T>> x, View<T> y);
template <class T>
void hyperbolic_tangent(std::type_identity_t<View<const T>> x, View<T> y);
}  // namespace reference

}  // namespace neurarium::kernels
