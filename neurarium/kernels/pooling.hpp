// Maxima and means over windows of an image, for many samples side by side (nn/activity.hpp), and the way back.
//   y[c, i, j] = max over 0 ≤ u, v < size of x[c, i s + u − p, j s + v − p]      (places outside the image do not take part)
// The gradient of y goes to the first of the largest values, row by row, as in PyTorch. NaN is the largest of all.
// Means are sums over the window, where places outside the image count as zeros, over size².
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

struct Pooling {
  std::size_t channels = 1, height = 1, width = 1;  ///< of an input entry
  std::size_t size = 2, stride = 2, padding = 0;

  std::size_t positions(std::size_t extent) const noexcept {
    const std::size_t padded = extent + 2 * padding;
    return padded < size ? 0 : (padded - size) / stride + 1;
  }
  Shape in() const { return {channels, height, width}; }
  Shape out() const { return {channels, positions(height), positions(width)}; }
};

/// x [in…, line], y [out…, line]. Lines of whole 64 bytes are worked on by vectors, all others (single samples, say) by plain
/// loops.
template <class T>
void max_pool(const Pooling& pooling, std::type_identity_t<View<const T>> x, View<T> y);
/// dx = ∂E/∂x, given what the forward pass saw and dy = ∂E/∂y.
template <class T>
void max_pool_to_input(const Pooling& pooling, std::type_identity_t<View<const T>> x,
                       std::type_identity_t<View<const T>> y, std::type_identity_t<View<const T>> dy, View<T> dx);

template <class T>
void average_pool(const Pooling& pooling, std::type_identity_t<View<const T>> x, View<T> y);
template <class T>
void average_pool_to_input(const Pooling& pooling, std::type_identity_t<View<const T>> dy, View<T> dx);

namespace reference {
/// The same by plain loops.
template <class T>
void max_pool(const Pooling& pooling, std::type_identity_t<View<const T>> x, View<T> y);
template <class T>
void max_pool_to_input(const Pooling& pooling, std::type_identity_t<View<const T>> x,
                       std::type_identity_t<View<const T>> y, std::type_identity_t<View<const T>> dy, View<T> dx);
template <class T>
void average_pool(const Pooling& pooling, std::type_identity_t<View<const T>> x, View<T> y);
template <class T>
void average_pool_to_input(const Pooling& pooling, std::type_identity_t<View<const T>> dy, View<T> dx);
}  // namespace reference

}  // namespace neurarium::kernels
