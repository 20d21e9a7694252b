// One step of Adam over the numbers of a parameter, each read and written once. Run-time dispatch through Highway, without fused
// products: `reference`, the plain loop, gives the same bits.
#pragma once

#include <span>

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// What is the same for all numbers: slope = g + coupled w, m ← keep1 m + take1 slope, s ← keep2 s + take2 slope²,
/// w ← shrink w − move m / (√s / root + epsilon).
template <class T>
struct AdamStep {
  T keep1, take1, keep2, take2, epsilon, move, root, coupled, shrink;
};

/// All four of one size.
template <class T>
void adam(const AdamStep<T>& step, std::type_identity_t<std::span<const T>> g, std::span<T> m, std::span<T> s,
          std::span<T> w);

namespace reference {
template <class T>
void adam(const AdamStep<T>& step, std::type_identity_t<std::span<const T>> g, std::span<T> m, std::span<T> s,
          std::span<T> w);
}  // namespace reference

}  // namespace neurarium::kernels
