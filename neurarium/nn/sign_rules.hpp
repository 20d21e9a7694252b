// The equations of sign_constraint.hpp for one synapse, and their slopes.
#pragma once

#include <algorithm>
#include <cmath>

#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

/// W / S of the stored number w.
template <SignRule rule, class T>
T size_of(T w) {
  if constexpr (rule == SignRule::abs || rule == SignRule::learned) return std::abs(w);
  if constexpr (rule == SignRule::relu) return std::max(T{0}, w);
  if constexpr (rule == SignRule::square) return w * w;
  if constexpr (rule == SignRule::softplus) return std::max(w, T{0}) + std::log1p(std::exp(-std::abs(w)));
  return w;
}
/// d(W / S) / dw; at a kink that of the right, but for |w| `at_zero`.
template <SignRule rule, class T>
T slope_of(T w, T at_zero) {
  if constexpr (rule == SignRule::abs || rule == SignRule::learned)
    return static_cast<T>((w > 0) - (w < 0)) + (w == 0 ? at_zero : T{0});
  if constexpr (rule == SignRule::relu) return w > 0 ? T{1} : T{0};
  if constexpr (rule == SignRule::square) return 2 * w;
  if constexpr (rule == SignRule::softplus) return 1 / (1 + std::exp(-w));
  return T{1};
}
/// The stored number whose weight has this size, > 0 for softplus.
template <class T>
T stored_for(SignRule rule, T size) {
  if (rule == SignRule::square) return std::sqrt(size);
  if (rule == SignRule::softplus) return size > 20 ? size : std::log(std::expm1(size));
  return size;
}
/// f.template operator()<rule>(), for a rule that is_reparametrised.
template <class F>
void with_rule(SignRule rule, F&& f) {
  switch (rule) {
    case SignRule::abs: return f.template operator()<SignRule::abs>();
    case SignRule::relu: return f.template operator()<SignRule::relu>();
    case SignRule::square: return f.template operator()<SignRule::square>();
    case SignRule::softplus: return f.template operator()<SignRule::softplus>();
    case SignRule::learned: return f.template operator()<SignRule::learned>();
    default: throw InternalError("this rule stores the weight itself");
  }
}

}  // namespace neurarium
