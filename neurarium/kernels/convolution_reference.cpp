#include "neurarium/kernels/convolution.hpp"

namespace neurarium::kernels::reference {
namespace {

/// Calls use(f, c, k, l, out position, in position, channel of x) for every product of the sum.
template <class Use>
void each_product(const Convolution& g, Use use) {
  const std::size_t filters = g.filters / g.groups, channels = g.channels / g.groups;
  for (std::size_t f = 0; f < g.filters; ++f)
    for (std::size_t i = 0; i < g.out_height(); ++i)
      for (std::size_t j = 0; j < g.out_width(); ++j)
        for (std::size_t c = 0; c < channels; ++c)
          for (std::size_t k = 0; k < g.kernel_height; ++k)
            for (std::size_t l = 0; l < g.kernel_width; ++l) {
              const std::size_t row = i * g.stride + k * g.dilation, column = j * g.stride + l * g.dilation;
              if (row < g.padding || row - g.padding >= g.height) continue;
              if (column < g.padding || column - g.padding >= g.width) continue;
              const std::size_t channel = f / filters * channels + c;
              use(((f * channels + c) * g.kernel_height + k) * g.kernel_width + l,
                  (f * g.out_height() + i) * g.out_width() + j,
                  (channel * g.height + row - g.padding) * g.width + column - g.padding);
            }
}

}  // namespace

template <class T>
void convolve(const Convolution& g, std::type_identity_t<View<const T>> x, std::type_identity_t<View<const T>> weights,
              std::type_identity_t<View<const T>> bias, bool relu, View<T> y) {
  const std::size_t line = y.shape()[3], plane = g.out_height() * g.out_width() * line;
  for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] = bias.size() > 0 ? bias.data()[i / plane] : T{0};
  each_product(g, [&](std::size_t w, std::size_t out, std::size_t in) {
    for (std::size_t n = 0; n < line; ++n) y.data()[out * line + n] += weights.data()[w] * x.data()[in * line + n];
  });
  if (relu)
    for (T& value : y.flat()) value = value > 0 ? value : T{0};
}

template <class T>
void convolve_to_input(const Convolution& g, std::type_identity_t<View<const T>> dy,
                       std::type_identity_t<View<const T>> weights, View<T> dx) {
  const std::size_t line = dy.shape()[3];
  for (T& value : dx.flat()) value = 0;
  each_product(g, [&](std::size_t w, std::size_t out, std::size_t in) {
    for (std::size_t n = 0; n < line; ++n) dx.data()[in * line + n] += weights.data()[w] * dy.data()[out * line + n];
  });
}

template <class T>
void convolve_to_weights(const Convolution& g, std::type_identity_t<View<const T>> x,
                         std::type_identity_t<View<const T>> dy, View<T> dw) {
  const std::size_t line = dy.shape()[3];
  each_product(g, [&](std::size_t w, std::size_t out, std::size_t in) {
    for (std::size_t n = 0; n < line; ++n) dw.data()[w] += x.data()[in * line + n] * dy.data()[out * line + n];
  });
}

#define NEURARIUM_INSTANTIATE(T)                                                                             \
  template void convolve<T>(const Convolution&, View<const T>, View<const T>, View<const T>, bool, View<T>); \
  template void convolve_to_input<T>(const Convolution&, View<const T>, View<const T>, View<T>);             \
  template void convolve_to_weights<T>(const Convolution&, View<const T>, View<const T>, View<T>);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels::reference
