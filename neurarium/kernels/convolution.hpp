// Two-dimensional convolution of many samples at once, and its two gradients.
//
//   y[f, i, j] = b[f] + Σ_c Σ_k Σ_l w[f, c, k, l] · x[c, i s + k d − p, j s + l d − p]      (x = 0 outside the image)
// with stride s, dilation d, padding p on every side, and the channels c of the filter's group. (It is a cross-correlation: the
// kernel is not flipped. So in PyTorch, whose shapes and names these are.)
//
// The samples lie side by side, x [channels, height, width, line] with one sample in each place of a line
// (nn/activity.hpp), so one vector instruction works on as many samples as a vector has lanes, each of which meets the same
// weight. No channel count, kernel or padding wastes a lane, nothing is copied (im2col) and every product is needed. What is
// counted: 2 · filters · channels/groups · kernel² · positions operations per sample in each of the three functions.
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

struct Convolution {
  std::size_t channels = 1, height = 1, width = 1;  ///< of an input entry
  std::size_t filters = 1;
  std::size_t kernel_height = 1, kernel_width = 1;
  std::size_t stride = 1, padding = 0, dilation = 1, groups = 1;

  std::size_t out_height() const noexcept { return positions(height, kernel_height); }
  std::size_t out_width() const noexcept { return positions(width, kernel_width); }
  Shape in() const { return {channels, height, width}; }
  Shape out() const { return {filters, out_height(), out_width()}; }
  Shape weights() const { return {filters, channels / groups, kernel_height, kernel_width}; }
  /// How often the kernel fits along an axis; 0 if it is larger than the padded image.
  std::size_t positions(std::size_t extent, std::size_t kernel) const noexcept {
    const std::size_t reach = dilation * (kernel - 1) + 1, padded = extent + 2 * padding;
    return padded < reach ? 0 : (padded - reach) / stride + 1;
  }
};

/// y = b + w ⋆ x, and max(0, that) if `relu`. x [in…, line], y [out…, line]; `bias` [filters] or empty. `scratch` keeps the
/// weights in the kernel's order. A line is a multiple of 64 bytes.
template <class T>
void convolve(const Convolution& convolution, std::type_identity_t<View<const T>> x,
              std::type_identity_t<View<const T>> weights, std::type_identity_t<View<const T>> bias, bool relu,
              Tensor<T>& scratch, View<T> y);

/// dx = ∂E/∂x, given dy = ∂E/∂y.
template <class T>
void convolve_to_input(const Convolution& convolution, std::type_identity_t<View<const T>> dy,
                       std::type_identity_t<View<const T>> weights, Tensor<T>& scratch, View<T> dx);

/// dw += ∂E/∂w, given dy; samples of a line that are not used must have dy = 0.
template <class T>
void convolve_to_weights(const Convolution& convolution, std::type_identity_t<View<const T>> x,
                         std::type_identity_t<View<const T>> dy, View<T> dw);

// The same for few samples, which would leave lanes empty: one sample after the other, x [n, in…], y [n, out…]. Here the
// positions of an image lie side by side: x is copied into columns, [channels · kernel², positions], and what is left are
// products of matrices.
template <class T>
void convolve_entries(const Convolution& convolution, std::type_identity_t<View<const T>> x,
                      std::type_identity_t<View<const T>> weights, std::type_identity_t<View<const T>> bias, bool relu,
                      Tensor<T>& scratch, View<T> y);
template <class T>
void convolve_entries_to_input(const Convolution& convolution, std::type_identity_t<View<const T>> dy,
                               std::type_identity_t<View<const T>> weights, Tensor<T>& scratch, View<T> dx);
template <class T>
void convolve_entries_to_weights(const Convolution& convolution, std::type_identity_t<View<const T>> x,
                                 std::type_identity_t<View<const T>> dy, Tensor<T>& scratch, View<T> dw);

namespace reference {
/// The same by plain loops over the equation.
template <class T>
void convolve(const Convolution& convolution, std::type_identity_t<View<const T>> x,
              std::type_identity_t<View<const T>> weights, std::type_identity_t<View<const T>> bias, bool relu,
              View<T> y);
template <class T>
void convolve_to_input(const Convolution& convolution, std::type_identity_t<View<const T>> dy,
                       std::type_identity_t<View<const T>> weights, View<T> dx);
template <class T>
void convolve_to_weights(const Convolution& convolution, std::type_identity_t<View<const T>> x,
                         std::type_identity_t<View<const T>> dy, View<T> dw);
}  // namespace reference

}  // namespace neurarium::kernels
