#include "neurarium/kernels/convolution.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/convolution.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include "neurarium/kernels/convolution_gather-inl.hpp"
#include "neurarium/kernels/convolution_weights-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {

template <class T>
void convolve_all(const Convolution& g, const T* x, const T* weights, const T* bias, bool relu, std::size_t line,
                  Tensor<T>& scratch, T* y) {
  const std::size_t taps = g.kernel_height * g.kernel_width, channels = g.channels / g.groups,
                    filters = g.filters / g.groups;
  const std::size_t in_plane = g.height * g.width * line, out_plane = g.out_height() * g.out_width() * line;
  TapFinder finder = TapFinder::of_output(g, line);
  for (std::size_t group = 0; group < g.groups; ++group)
    gather_group<T>({weights + group * filters * channels * taps, channels * taps, taps, taps}, filters,
                    bias ? bias + group * filters : nullptr, relu, x + group * channels * in_plane, channels, in_plane,
                    y + group * filters * out_plane, line, finder, scratch);
}

template <class T>
void convolve_to_input_all(const Convolution& g, const T* dy, const T* weights, std::size_t line, Tensor<T>& scratch,
                           T* dx) {
  const std::size_t taps = g.kernel_height * g.kernel_width, channels = g.channels / g.groups,
                    filters = g.filters / g.groups;
  const std::size_t in_plane = g.height * g.width * line, out_plane = g.out_height() * g.out_width() * line;
  TapFinder finder = TapFinder::of_input(g, line);
  for (std::size_t group = 0; group < g.groups; ++group)
    gather_group<T>({weights + group * filters * channels * taps, taps, channels * taps, taps}, channels, nullptr,
                    false, dy + group * filters * out_plane, filters, out_plane, dx + group * channels * in_plane, line,
                    finder, scratch);
}

template <class T>
void convolve_to_weights_all(const Convolution& g, const T* x, const T* dy, std::size_t line, T* dw) {
  const std::size_t taps = g.kernel_height * g.kernel_width, channels = g.channels / g.groups,
                    filters = g.filters / g.groups, columns = channels * g.kernel_width;
  const std::size_t in_plane = g.height * g.width * line, out_plane = g.out_height() * g.out_width() * line;
  // Whole kernel rows in a tile: 5, or 6 = 2 · 3.
  const std::size_t at_once = g.kernel_width == 5 ? 5 : tile_taps;
  WeightTile<T> tile(g, line);
  for (std::size_t group = 0; group < g.groups; ++group)
    for (std::size_t f = 0; f < filters; f += tile_filters) {
      const std::size_t filter = group * filters + f;
      for (std::size_t first = 0; first < columns; first += at_once)
        tile.run(x + group * channels * in_plane, dy + filter * out_plane, std::min(tile_filters, filters - f), first,
                 std::min(at_once, columns - first), dw + filter * channels * taps);
    }
}

#define NEURARIUM_FUNCTIONS(T, suffix)                                                                                 \
  void convolve_##suffix(const Convolution& g, const T* x, const T* w, const T* b, bool relu, std::size_t line,        \
                         Tensor<T>& scratch, T* y) {                                                                   \
    convolve_all<T>(g, x, w, b, relu, line, scratch, y);                                                               \
  }                                                                                                                    \
  void convolve_to_input_##suffix(const Convolution& g, const T* dy, const T* w, std::size_t line, Tensor<T>& scratch, \
                                  T* dx) {                                                                             \
    convolve_to_input_all<T>(g, dy, w, line, scratch, dx);                                                             \
  }                                                                                                                    \
  void convolve_to_weights_##suffix(const Convolution& g, const T* x, const T* dy, std::size_t line, T* dw) {          \
    convolve_to_weights_all<T>(g, x, dy, line, dw);                                                                    \
  }
NEURARIUM_FUNCTIONS(float, f32)
NEURARIUM_FUNCTIONS(double, f64)
#undef NEURARIUM_FUNCTIONS

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(convolve_f32);
HWY_EXPORT(convolve_f64);
HWY_EXPORT(convolve_to_input_f32);
HWY_EXPORT(convolve_to_input_f64);
HWY_EXPORT(convolve_to_weights_f32);
HWY_EXPORT(convolve_to_weights_f64);

namespace {
/// The length of a line; ShapeError unless both arrays fit the convolution.
template <class T>
std::size_t line_of(const Convolution& g, const Shape& x, const Shape& y) {
  const std::size_t line = x.axes() == 4 ? x[3] : 0;
  const auto with_line = [&](const Shape& s) { return Shape{s[0], s[1], s[2], line}; };
  if (x != with_line(g.in())) throw ShapeError("convolution: x", to_string(with_line(g.in())), to_string(x));
  if (y != with_line(g.out())) throw ShapeError("convolution: y", to_string(with_line(g.out())), to_string(y));
  if (line * sizeof(T) % 64 != 0) throw InternalError("convolution: a line is not a multiple of 64 bytes");
  if (std::max(g.height * g.width, g.out_height() * g.out_width()) * line > (std::size_t{1} << 31) - 1)
    throw ShapeError("convolution: x", "at most 2^31 numbers in a plane", to_string(x), "make the shards smaller");
  return line;
}
void require_weights(const Convolution& g, const Shape& weights) {
  if (weights != g.weights()) throw ShapeError("convolution: weights", to_string(g.weights()), to_string(weights));
}
}  // namespace

template <class T>
void convolve(const Convolution& g, std::type_identity_t<View<const T>> x, std::type_identity_t<View<const T>> weights,
              std::type_identity_t<View<const T>> bias, bool relu, Tensor<T>& scratch, View<T> y) {
  const std::size_t line = line_of<T>(g, x.shape(), y.shape());
  require_weights(g, weights.shape());
  if (bias.size() != 0 && bias.size() != g.filters)
    throw ShapeError("convolution: bias", to_string(Shape{g.filters}), to_string(bias.shape()));
  const T* b = bias.size() > 0 ? bias.data() : nullptr;
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(convolve_f32)(g, x.data(), weights.data(), b, relu, line, scratch, y.data());
  else HWY_DYNAMIC_DISPATCH(convolve_f64)(g, x.data(), weights.data(), b, relu, line, scratch, y.data());
}

template <class T>
void convolve_to_input(const Convolution& g, std::type_identity_t<View<const T>> dy,
                       std::type_identity_t<View<const T>> weights, Tensor<T>& scratch, View<T> dx) {
  const std::size_t line = line_of<T>(g, dx.shape(), dy.shape());
  require_weights(g, weights.shape());
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(convolve_to_input_f32)(g, dy.data(), weights.data(), line, scratch, dx.data());
  else HWY_DYNAMIC_DISPATCH(convolve_to_input_f64)(g, dy.data(), weights.data(), line, scratch, dx.data());
}

template <class T>
void convolve_to_weights(const Convolution& g, std::type_identity_t<View<const T>> x,
                         std::type_identity_t<View<const T>> dy, View<T> dw) {
  const std::size_t line = line_of<T>(g, x.shape(), dy.shape());
  require_weights(g, dw.shape());
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(convolve_to_weights_f32)(g, x.data(), dy.data(), line, dw.data());
  else HWY_DYNAMIC_DISPATCH(convolve_to_weights_f64)(g, x.data(), dy.data(), line, dw.data());
}

#define NEURARIUM_INSTANTIATE(T)                                                                               \
  template void convolve<T>(const Convolution&, View<const T>, View<const T>, View<const T>, bool, Tensor<T>&, \
                            View<T>);                                                                          \
  template void convolve_to_input<T>(const Convolution&, View<const T>, View<const T>, Tensor<T>&, View<T>);   \
  template void convolve_to_weights<T>(const Convolution&, View<const T>, View<const T>, View<T>);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
