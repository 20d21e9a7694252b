// Steps of a point x in a box, the numbers within ±radius of a centre and within [low, high], as attacks in the largest-change norm
// make them. One pass over the numbers; run-time dispatch through Highway, the same bits as the plain loops in `reference`.
#pragma once

#include <span>
#include <type_traits>

namespace neurarium::kernels {

template <class T>
struct Box {
  std::type_identity_t<std::span<const T>> centre;
  T radius, low, high;
};

/// x_i ← [x_i + size · sign(direction_i)], [·] being the nearest number in the box; a direction of 0 or NaN moves nothing.
template <class T>
void sign_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, std::span<T> x);

/// z = [x + size · sign(direction)],   x ← [x + share · (z − x) + (1 − share) · (x − before)],   before ← x as it was.
template <class T>
void momentum_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, T share,
                   std::type_identity_t<std::span<T>> before, std::span<T> x);

/// max |x_i|, infinite if any is not finite; 0 of none.
template <class T>
T largest_magnitude(std::span<const T> x);

namespace reference {
template <class T>
void sign_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, std::span<T> x);
template <class T>
void momentum_step(const Box<T>& box, std::type_identity_t<std::span<const T>> direction, T size, T share,
                   std::type_identity_t<std::span<T>> before, std::span<T> x);
template <class T>
T largest_magnitude(std::span<const T> x);
}  // namespace reference

}  // namespace neurarium::kernels
