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
namespace hn = hwy::HWY_NAMESPACE;

/// For each result index along an axis: which kernel index meets which source index.
struct Meeting {
  std::size_t kernel, source;
};
using Axis = std::vector<std::vector<Meeting>>;

inline Axis forward_axis(const Convolution& g, std::size_t source, std::size_t result, std::size_t kernel) {
  Axis axis(result);
  for (std::size_t i = 0; i < result; ++i)
    for (std::size_t k = 0; k < kernel; ++k) {
      const std::size_t at = i * g.stride + k * g.dilation;
      if (at >= g.padding && at - g.padding < source) axis[i].push_back({k, at - g.padding});
    }
  return axis;
}

inline Axis backward_axis(const Convolution& g, std::size_t source, std::size_t result, std::size_t kernel) {
  Axis axis(result);
  for (std::size_t i = 0; i < source; ++i)
    for (std::size_t k = 0; k < kernel; ++k) {
      const std::size_t at = i * g.stride + k * g.dilation;
      if (at >= g.padding && at - g.padding < result) axis[at - g.padding].push_back({k, i});
    }
  for (auto& meetings : axis) std::ranges::sort(meetings, {}, &Meeting::kernel);
  return axis;
}

/// The taps at each position of the result; the long list of those in the middle is made once.
class TapFinder {
 public:
  TapFinder(Axis rows, Axis columns, std::size_t kernel_width, std::size_t taps, std::size_t source_width,
            std::size_t line)
      : rows_(std::move(rows)),
        columns_(std::move(columns)),
        kernel_width_(kernel_width),
        taps_(taps),
        width_(source_width),
        line_(line) {}

  std::size_t rows() const noexcept { return rows_.size(); }
  std::size_t columns() const noexcept { return columns_.size(); }
  /// Fills `tile` with the taps for result position (i, j), relative to the source place that it returns.
  template <class T>
  std::size_t find(std::size_t i, std::size_t j, GatherTile<T>& tile) {
    const auto &row = rows_[i], &column = columns_[j];
    const std::size_t count = row.size() * column.size();
    const std::size_t base = count == 0 ? 0 : (row.front().source * width_ + column.front().source) * line_;
    std::vector<Tap>& list = count == taps_ ? whole_ : part_;
    if (count != taps_ || whole_.empty()) {
      list.clear();
      for (const Meeting& r : row)
        for (const Meeting& c : column)
          list.push_back({static_cast<std::uint32_t>(r.kernel * kernel_width_ + c.kernel),
                          static_cast<std::int32_t>((r.source * width_ + c.source) * line_ - base)});
    }
    tile.taps = list.data();
    tile.tap_count = count;
    return base;
  }

 private:
  Axis rows_, columns_;
  std::size_t kernel_width_, taps_, width_, line_;
  std::vector<Tap> whole_, part_;
};

/// Numbers per result channel from which on weights are brought into the order in which they are read.
constexpr std::size_t worth_packing = 1024;

/// One group's weights, seen from the result: weight of (result channel r, source channel s, tap t).
template <class T>
struct WeightsOf {
  const T* first;
  std::size_t row_step, source_step, taps;
};

template <class T>
void gather_group(const WeightsOf<T>& weights, std::size_t result_channels, const T* bias, bool relu, const T* source,
                  std::size_t source_channels, std::size_t source_plane, T* result, std::size_t line, TapFinder& taps,
                  Tensor<T>& scratch) {
  const std::size_t plane = taps.rows() * taps.columns() * line;
  const bool packed = plane > worth_packing;  // else their order is not worth the time to make it
  if (packed) scratch.resize(Shape{source_channels * weights.taps * most_tile_rows});
  std::size_t first = 0;
  for (const std::size_t rows : tile_rows(result_channels)) {
    const T* mine = weights.first + first * weights.row_step;
    if (packed) {
      T* to = scratch.data();
      for (std::size_t s = 0; s < source_channels; ++s)
        for (std::size_t t = 0; t < weights.taps; ++t)
          for (std::size_t r = 0; r < rows; ++r) *to++ = mine[r * weights.row_step + s * weights.source_step + t];
    }
    GatherTile<T> tile{};
    tile.weights = packed ? scratch.data() : mine;
    tile.weight_row = weights.row_step;
    tile.weight_source = packed ? weights.taps * rows : weights.source_step;
    tile.bias = bias ? bias + first : nullptr;
    tile.source_plane = source_plane;
    tile.source_channels = source_channels;
    tile.result_plane = plane;
    tile.relu = relu;
    for (std::size_t i = 0; i < taps.rows(); ++i)
      for (std::size_t j = 0; j < taps.columns(); ++j) {
        tile.source = source + taps.find(i, j, tile);
        tile.result = result + first * plane + (i * taps.columns() + j) * line;
        if (packed) gather_line<T, true>(tile, rows, line);
        else gather_line<T, false>(tile, rows, line);
      }
    first += rows;
  }
}

template <class T>
void convolve_all(const Convolution& g, const T* x, const T* weights, const T* bias, bool relu, std::size_t line,
                  Tensor<T>& scratch, T* y) {
  const std::size_t taps = g.kernel_height * g.kernel_width, channels = g.channels / g.groups,
                    filters = g.filters / g.groups;
  const std::size_t in_plane = g.height * g.width * line, out_plane = g.out_height() * g.out_width() * line;
  TapFinder finder(forward_axis(g, g.height, g.out_height(), g.kernel_height),
                   forward_axis(g, g.width, g.out_width(), g.kernel_width), g.kernel_width, taps, g.width, line);
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
  TapFinder finder(backward_axis(g, g.out_height(), g.height, g.kernel_height),
                   backward_axis(g, g.out_width(), g.width, g.kernel_width), g.kernel_width, taps, g.out_width(), line);
  for (std::size_t group = 0; group < g.groups; ++group)
    gather_group<T>({weights + group * filters * channels * taps, taps, channels * taps, taps}, channels, nullptr,
                    false, dy + group * filters * out_plane, filters, out_plane, dx + group * channels * in_plane, line,
                    finder, scratch);
}

/// Result indices [first, end) along an axis for which kernel index k falls inside the source.
struct Range {
  std::size_t first, end;
};
inline Range range_of(const Convolution& g, std::size_t source, std::size_t result, std::size_t k) {
  const std::size_t shift = k * g.dilation;
  Range range{shift >= g.padding ? 0 : (g.padding - shift + g.stride - 1) / g.stride, 0};
  if (source + g.padding > shift) range.end = std::min(result, (source + g.padding - shift - 1) / g.stride + 1);
  range.end = std::max(range.end, range.first);
  return range;
}

/// The weight gradient of some filters and some columns of taps; a column is a channel and a place along the kernel's width.
template <class T>
class WeightTile {
 public:
  WeightTile(const Convolution& g, std::size_t line)
      : g_(g), line_(line), out_width_(g.out_width()), out_plane_(g.out_height() * out_width_ * line) {
    for (std::size_t k = 0; k < g.kernel_height; ++k) rows_.push_back(range_of(g, g.height, g.out_height(), k));
    for (std::size_t l = 0; l < g.kernel_width; ++l) columns_.push_back(range_of(g, g.width, out_width_, l));
    sums_.resize(Shape{(g.kernel_height * tile_filters * tile_taps + lanes_) * lanes_});
  }

  /// x and dy are those of the group; dw of the first of `filters`.
  void run(const T* x, const T* dy, std::size_t filters, std::size_t first_column, std::size_t columns, T* dw) {
    sums_.fill(0);
    const std::size_t row_bytes = filters * out_width_ * line_ * sizeof(T), l1_share = 20 << 10;
    const std::size_t rows_at_once = std::max<std::size_t>(1, l1_share / std::max<std::size_t>(row_bytes, 1));
    Range common{0, out_width_};
    for (std::size_t t = 0; t < columns; ++t) {
      const std::size_t column = first_column + t;
      range_[t] = columns_[column % g_.kernel_width];
      common = {std::max(common.first, range_[t].first), std::min(common.end, range_[t].end)};
      taps_[t] = static_cast<std::ptrdiff_t>(column / g_.kernel_width * g_.height * g_.width * line_) +
                 (static_cast<std::ptrdiff_t>(column % g_.kernel_width * g_.dilation) -
                  static_cast<std::ptrdiff_t>(g_.padding)) *
                     static_cast<std::ptrdiff_t>(line_);
    }
    common.end = std::max(common.first, common.end);
    for (std::size_t first = 0; first < g_.out_height(); first += rows_at_once)
      for (std::size_t k = 0; k < g_.kernel_height; ++k) {
        const Range rows{std::max(first, rows_[k].first), std::min(first + rows_at_once, rows_[k].end)};
        T* sums = sums_.data() + k * filters * columns * lanes_;
        correlate_block(x, dy, k, rows, common, filters, taps_, columns, sums, columns);
      }
    for (std::size_t k = 0; k < g_.kernel_height; ++k) {
      T* sums = sums_.data() + k * filters * columns * lanes_;
      for (std::size_t t = 0; t < columns; ++t) {  // what only some of the columns reach
        const std::size_t left = std::min(range_[t].end, common.first);
        const std::size_t right = std::max(range_[t].first, common.end);
        for (const Range part : {Range{range_[t].first, left}, Range{std::max(right, left), range_[t].end}})
          correlate_block(x, dy, k, rows_[k], part, filters, taps_ + t, 1, sums + t * lanes_, columns);
      }
    }
    add_to(dw, filters, first_column, columns);
  }

 private:
  void correlate_block(const T* x, const T* dy, std::size_t k, Range rows, Range columns, std::size_t filters,
                       const std::ptrdiff_t* taps, std::size_t tap_count, T* sums, std::size_t stride) {
    if (columns.first >= columns.end || rows.first >= rows.end) return;
    const std::size_t row = rows.first * g_.stride + k * g_.dilation - g_.padding;
    const PositionBlock<T> block{dy + (rows.first * out_width_ + columns.first) * line_,
                                 out_plane_,
                                 x + (row * g_.width + columns.first * g_.stride) * line_,
                                 rows.end - rows.first,
                                 out_width_ * line_,
                                 g_.stride * g_.width * line_,
                                 columns.end - columns.first,
                                 line_,
                                 g_.stride * line_};
    correlate<T>(block, filters, taps, tap_count, sums, stride);
  }

  void add_to(T* dw, std::size_t filters, std::size_t first_column, std::size_t columns) {
    const hn::ScalableTag<T> tag;
    const std::size_t count = g_.kernel_height * filters * columns;
    for (std::size_t first = 0; first < count; first += lanes_) {  // the totals go where the first sums were
      hn::Vec<decltype(tag)> vectors[hn::MaxLanes(hn::ScalableTag<T>())];
      for (std::size_t i = 0; i < lanes_; ++i) vectors[i] = hn::Load(tag, sums_.data() + (first + i) * lanes_);
      hn::Store(sum_lanes(tag, vectors), tag, sums_.data() + first);
    }
    const std::size_t taps = g_.kernel_height * g_.kernel_width, filter_step = g_.channels / g_.groups * taps;
    const T* total = sums_.data();
    for (std::size_t k = 0; k < g_.kernel_height; ++k)
      for (std::size_t f = 0; f < filters; ++f) {
        std::size_t channel = first_column / g_.kernel_width, l = first_column % g_.kernel_width;
        for (std::size_t t = 0; t < columns; ++t) {
          dw[f * filter_step + channel * taps + k * g_.kernel_width + l] += *total++;
          if (++l == g_.kernel_width) l = 0, ++channel;
        }
      }
  }

  const Convolution& g_;
  std::size_t line_, out_width_, out_plane_;
  std::size_t lanes_ = hn::Lanes(hn::ScalableTag<T>());
  std::vector<Range> rows_, columns_;
  Range range_[tile_taps];
  std::ptrdiff_t taps_[tile_taps];
  Tensor<T> sums_;
};

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
