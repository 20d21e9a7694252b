#include <algorithm>
#include <cstring>
#include <vector>

#include "neurarium/kernels/convolution_taps.hpp"
#include "neurarium/kernels/gemm.hpp"

namespace neurarium::kernels {
namespace {

/// Copies a short stretch in pieces of known size: a call of memcpy for each would take longer than the copy.
template <class T>
void copy_stretch(const T* from, std::size_t count, T* to) {
  constexpr std::size_t piece = 32 / sizeof(T);
  for (; count >= piece; count -= piece, from += piece, to += piece) std::memcpy(to, from, piece * sizeof(T));
  for (std::size_t j = 0; j < count; ++j) to[j] = from[j];
}

/// One group of one sample, and its columns: a row for every channel and tap, a place for every position; rows are padded to
/// whole 64 bytes.
template <class T>
class Columns {
 public:
  const Convolution& g;
  std::size_t channels = g.channels / g.groups, filters = g.filters / g.groups;
  std::size_t rows = channels * g.kernel_height * g.kernel_width;
  std::size_t out_width = g.out_width(), positions = g.out_height() * out_width;
  std::size_t line = (positions * sizeof(T) + 63) / 64 * 64 / sizeof(T);

  explicit Columns(const Convolution& convolution) : g(convolution) {
    for (std::size_t k = 0; k < g.kernel_height; ++k) down_.push_back(positions_inside(g, g.height, g.out_height(), k));
    for (std::size_t l = 0; l < g.kernel_width; ++l) right_.push_back(positions_inside(g, g.width, out_width, l));
  }

  /// use(row of the columns, position of its first place, first number of x, count): stretches of places that lie at x,
  /// `stride` apart. All others are padding.
  template <class Use>
  void each_stretch(Use use) const {
    std::size_t row = 0;
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t k = 0; k < g.kernel_height; ++k)
        for (std::size_t l = 0; l < g.kernel_width; ++l, ++row) {
          const PositionRange down = down_[k], right = right_[l];
          if (right.first >= right.end) continue;
          const std::size_t left = right.first * g.stride + l * g.dilation - g.padding;
          for (std::size_t i = down.first; i < down.end; ++i)
            use(row, i * out_width + right.first,
                (c * g.height + i * g.stride + k * g.dilation - g.padding) * g.width + left, right.end - right.first);
        }
  }

  void take(const T* x, T* columns) const {
    if (g.padding > 0 || line != positions) std::fill(columns, columns + rows * line, T{0});
    each_stretch([&](std::size_t row, std::size_t position, std::size_t at, std::size_t count) {
      T* to = columns + row * line + position;
      if (g.stride == 1) copy_stretch(x + at, count, to);
      else
        for (std::size_t j = 0; j < count; ++j) to[j] = x[at + j * g.stride];
    });
  }
  void add_back(const T* columns, T* dx) const {
    each_stretch([&](std::size_t row, std::size_t position, std::size_t at, std::size_t count) {
      const T* from = columns + row * line + position;
      for (std::size_t j = 0; j < count; ++j) dx[at + j * g.stride] += from[j];
    });
  }
  /// dy of one group as rows of `line` places.
  void pad(const T* dy, T* padded) const {
    for (std::size_t f = 0; f < filters; ++f) {
      std::copy(dy + f * positions, dy + (f + 1) * positions, padded + f * line);
      std::fill(padded + f * line + positions, padded + (f + 1) * line, T{0});
    }
  }

 private:
  std::vector<PositionRange> down_, right_;
};

void require(const Convolution& g, const Shape& x, const Shape& y, const Shape& weights) {
  const std::size_t n = x.axes() == 4 ? x[0] : 0;
  if (x != g.in().with_leading(n)) throw ShapeError("convolution: x", to_string(g.in().with_leading(n)), to_string(x));
  if (y != g.out().with_leading(n))
    throw ShapeError("convolution: y", to_string(g.out().with_leading(n)), to_string(y));
  if (weights != g.weights()) throw ShapeError("convolution: weights", to_string(g.weights()), to_string(weights));
}

}  // namespace

template <class T>
void convolve_entries(const Convolution& g, std::type_identity_t<View<const T>> x,
                      std::type_identity_t<View<const T>> weights, std::type_identity_t<View<const T>> bias, bool relu,
                      Tensor<T>& scratch, View<T> y) {
  require(g, x.shape(), y.shape(), weights.shape());
  const Columns<T> columns(g);
  const bool straight = columns.line == columns.positions;  // then results can go where they belong at once
  scratch.resize(Shape{columns.rows + columns.filters, columns.line});
  const View<T> left = scratch.view().rows(0, columns.rows),
                padded = scratch.view().rows(columns.rows, columns.filters);
  const Convolution product{columns.rows, 1, 1, columns.filters};
  Tensor<T> unused;
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t group = 0; group < g.groups; ++group) {
      columns.take(x[n].data() + group * columns.channels * g.height * g.width, left.data());
      T* result = y[n].data() + group * columns.filters * columns.positions;
      const View<T> to(straight ? result : padded.data(), Shape{columns.filters, 1, 1, columns.line});
      const View<const T> w(weights.data() + group * columns.filters * columns.rows,
                            Shape{columns.filters, columns.rows, 1, 1});
      const View<const T> b = bias.size() > 0 ? bias.rows(group * columns.filters, columns.filters) : bias;
      convolve<T>(product, left.reshaped({columns.rows, 1, 1, columns.line}), w, b, relu, unused, to);
      if (straight) continue;
      for (std::size_t f = 0; f < columns.filters; ++f)
        std::copy(padded[f].data(), padded[f].data() + columns.positions, result + f * columns.positions);
    }
}

template <class T>
void convolve_entries_to_input(const Convolution& g, std::type_identity_t<View<const T>> dy,
                               std::type_identity_t<View<const T>> weights, Tensor<T>& scratch, View<T> dx) {
  require(g, dx.shape(), dy.shape(), weights.shape());
  const Columns<T> columns(g);
  scratch.resize(Shape{columns.rows + columns.filters, columns.line});
  const View<T> left = scratch.view().rows(0, columns.rows),
                padded = scratch.view().rows(columns.rows, columns.filters);
  std::ranges::fill(dx.flat(), T{0});
  for (std::size_t n = 0; n < dx.shape()[0]; ++n)
    for (std::size_t group = 0; group < g.groups; ++group) {
      columns.pad(dy[n].data() + group * columns.filters * columns.positions, padded.data());
      const View<const T> w(weights.data() + group * columns.filters * columns.rows,
                            Shape{columns.filters, columns.rows});
      gemm<T>(1, w, Op::transpose, padded, Op::none, 0, left);
      columns.add_back(left.data(), dx[n].data() + group * columns.channels * g.height * g.width);
    }
}

template <class T>
void convolve_entries_to_weights(const Convolution& g, std::type_identity_t<View<const T>> x,
                                 std::type_identity_t<View<const T>> dy, Tensor<T>& scratch, View<T> dw) {
  require(g, x.shape(), dy.shape(), dw.shape());
  const Columns<T> columns(g);
  scratch.resize(Shape{columns.rows + columns.filters, columns.line});
  const View<T> left = scratch.view().rows(0, columns.rows),
                padded = scratch.view().rows(columns.rows, columns.filters);
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t group = 0; group < g.groups; ++group) {
      columns.take(x[n].data() + group * columns.channels * g.height * g.width, left.data());
      columns.pad(dy[n].data() + group * columns.filters * columns.positions, padded.data());
      const View<T> w(dw.data() + group * columns.filters * columns.rows, Shape{columns.filters, columns.rows});
      gemm<T>(1, padded, Op::none, left, Op::transpose, 1, w);
    }
}

#define NEURARIUM_INSTANTIATE(T)                                                                                       \
  template void convolve_entries<T>(const Convolution&, View<const T>, View<const T>, View<const T>, bool, Tensor<T>&, \
                                    View<T>);                                                                          \
  template void convolve_entries_to_input<T>(const Convolution&, View<const T>, View<const T>, Tensor<T>&, View<T>);   \
  template void convolve_entries_to_weights<T>(const Convolution&, View<const T>, View<const T>, Tensor<T>&, View<T>);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
