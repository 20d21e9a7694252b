// Slopes of surrogate derivatives for many membranes. Equations: nn/surrogate.hpp. Run-time dispatch through Highway.
#pragma once

#include <span>

namespace neurarium::kernels {

enum class SurrogateKind { sigmoid, fast_sigmoid, arctan, triangle, rectangle, gaussian, straight };

/// slope[i] = scale · derivative at x[i]; `sharpness` is the β, α, w or σ of the kind. slope may be x.
template <class T>
void surrogate_slopes(SurrogateKind kind, T sharpness, T scale, std::span<const T> x, std::span<T> slope);

}  // namespace neurarium::kernels
