// Slopes of surrogate derivatives for many membranes. Equations: nn/surrogate.hpp. Run-time dispatch through Highway.
#pragma once

#include <span>
#include <type_traits>

namespace neurarium::kernels {

enum class SurrogateKind { sigmoid, fast_sigmoid, arctan, triangle, rectangle, gaussian, straight };

/// A surrogate that is a formula; `sharpness` is the β, α, w or σ of the kind.
template <class T>
struct SurrogateCurve {
  SurrogateKind kind;
  T sharpness, scale;
};

/// f.template operator()<kind>() for the kind that is known at run time.
template <class F>
void with_kind(SurrogateKind kind, F&& f) {
  switch (kind) {
    case SurrogateKind::sigmoid: return f.template operator()<SurrogateKind::sigmoid>();
    case SurrogateKind::fast_sigmoid: return f.template operator()<SurrogateKind::fast_sigmoid>();
    case SurrogateKind::arctan: return f.template operator()<SurrogateKind::arctan>();
    case SurrogateKind::triangle: return f.template operator()<SurrogateKind::triangle>();
    case SurrogateKind::rectangle: return f.template operator()<SurrogateKind::rectangle>();
    case SurrogateKind::gaussian: return f.template operator()<SurrogateKind::gaussian>();
    case SurrogateKind::straight: return f.template operator()<SurrogateKind::straight>();
  }
}

/// slope[i] = scale · derivative at x[i]. slope may be x.
template <class T>
void surrogate_slopes(const SurrogateCurve<T>& curve, std::type_identity_t<std::span<const T>> x,
                      std::type_identity_t<std::span<T>> slope);

}  // namespace neurarium::kernels
