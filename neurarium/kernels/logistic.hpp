// The logistic function of many numbers at once. Run-time dispatch through Highway; `reference` holds the plain loop that
// it is tested against.
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// y_i = 1 / (1 + exp(−x_i)); y may be x.
template <class T>
void logistic(std::type_identity_t<View<const T>> x, View<T> y);

namespace reference {
template <class T>
void logistic(std::type_identity_t<View<const T>> x, View<T> y);
}  // namespace reference

}  // namespace neurarium::kernels
