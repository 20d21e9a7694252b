// The gradient of a convolution at its weights: for every pair of a filter and a tap, the sum over positions and samples of
// dy × x. A tile keeps filters × taps sums in registers and runs along rows of positions, where both lie in one piece.
// Compiled once per instruction set.
#if defined(NEURARIUM_KERNELS_CONVOLUTION_WEIGHTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_CONVOLUTION_WEIGHTS_INL
#undef NEURARIUM_KERNELS_CONVOLUTION_WEIGHTS_INL
#else
#define NEURARIUM_KERNELS_CONVOLUTION_WEIGHTS_INL
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <vector>

#include "neurarium/kernels/convolution_taps.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Filters and taps of a tile: their product in sums, and one vector of each, must fit the registers.
constexpr std::size_t tile_filters = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
constexpr std::size_t tile_taps = 6;

/// A block of positions: rows of dy, each `count` lines long, meet rows of x whose lines are `x_step` apart.
template <class T>
struct PositionBlock {
  const T* dy;
  std::size_t dy_plane;  ///< from filter to filter
  const T* x;
  std::size_t rows, dy_row, x_row;
  std::size_t count, line, x_step;
};

/// sums[f][t] += Σ dy[f] · x[taps[t]] over the block. `sums` holds whole vectors, [Filters][stride][lanes].
template <class T, std::size_t Filters, std::size_t Taps>
HWY_INLINE void correlate(const PositionBlock<T>& block, const std::ptrdiff_t* taps, T* HWY_RESTRICT sums,
                          std::size_t stride) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Vec<decltype(tag)> sum[Filters][Taps];
  for (std::size_t f = 0; f < Filters; ++f)
    for (std::size_t t = 0; t < Taps; ++t) sum[f][t] = hn::Load(tag, sums + (f * stride + t) * lanes);
  const bool in_one_piece = block.x_step == block.line;
  const std::size_t pieces = in_one_piece ? 1 : block.count;
  const std::size_t length = in_one_piece ? block.count * block.line : block.line;
  for (std::size_t row = 0; row < block.rows; ++row)
    for (std::size_t p = 0; p < pieces; ++p) {
      const T* HWY_RESTRICT dy = block.dy + row * block.dy_row + p * block.line;
      const T* HWY_RESTRICT x = block.x + row * block.x_row + p * block.x_step;
      for (std::size_t i = 0; i < length; i += lanes) {
        hn::Vec<decltype(tag)> slope[Filters];
        for (std::size_t f = 0; f < Filters; ++f) slope[f] = hn::Load(tag, dy + f * block.dy_plane + i);
        for (std::size_t t = 0; t < Taps; ++t) {
          const auto value = hn::Load(tag, x + taps[t] + static_cast<std::ptrdiff_t>(i));
          for (std::size_t f = 0; f < Filters; ++f) sum[f][t] = hn::MulAdd(slope[f], value, sum[f][t]);
        }
      }
    }
  for (std::size_t f = 0; f < Filters; ++f)
    for (std::size_t t = 0; t < Taps; ++t) hn::Store(sum[f][t], tag, sums + (f * stride + t) * lanes);
}

template <class T, std::size_t Filters>
void correlate(const PositionBlock<T>& block, const std::ptrdiff_t* taps, std::size_t count, T* HWY_RESTRICT sums,
               std::size_t stride) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  while (count > 0) {
    std::size_t done = 1;
    if (count >= 6) done = 6, correlate<T, Filters, 6>(block, taps, sums, stride);
    else if (count == 5) done = 5, correlate<T, Filters, 5>(block, taps, sums, stride);
    else if (count >= 3) done = 3, correlate<T, Filters, 3>(block, taps, sums, stride);
    else correlate<T, Filters, 1>(block, taps, sums, stride);
    count -= done, taps += done, sums += done * lanes;
  }
}

template <class T>
void correlate(const PositionBlock<T>& block, std::size_t filters, const std::ptrdiff_t* taps, std::size_t count,
               T* HWY_RESTRICT sums, std::size_t stride) {
  switch (filters) {
    case 1: return correlate<T, 1>(block, taps, count, sums, stride);
    case 2: return correlate<T, 2>(block, taps, count, sums, stride);
#if HWY_TARGET <= HWY_AVX3
    case 3: return correlate<T, 3>(block, taps, count, sums, stride);
    default: return correlate<T, 4>(block, taps, count, sums, stride);
#else
    default: return;
#endif
  }
}

/// Sums the lanes of `lanes` vectors at once: the result's lane i is the sum over vector i. Destroys `vectors`.
template <class D, class V>
HWY_INLINE V sum_lanes(D tag, V* vectors) {
#if HWY_TARGET != HWY_SCALAR
  for (std::size_t count = hn::Lanes(tag); count > 1; count /= 2)
    for (std::size_t i = 0; i < count / 2; ++i)
      vectors[i] = hn::Add(hn::ConcatEven(tag, vectors[2 * i + 1], vectors[2 * i]),
                           hn::ConcatOdd(tag, vectors[2 * i + 1], vectors[2 * i]));
#endif
  (void)tag;
  return vectors[0];
}

/// The weight gradient of some filters and some columns of taps; a column is a channel and a place along the kernel's width.
template <class T>
class WeightTile {
 public:
  WeightTile(const Convolution& g, std::size_t line)
      : g_(g), line_(line), out_width_(g.out_width()), out_plane_(g.out_height() * out_width_ * line) {
    for (std::size_t k = 0; k < g.kernel_height; ++k) rows_.push_back(positions_inside(g, g.height, g.out_height(), k));
    for (std::size_t l = 0; l < g.kernel_width; ++l) columns_.push_back(positions_inside(g, g.width, out_width_, l));
    sums_.resize(Shape{(g.kernel_height * tile_filters * tile_taps + lanes_) * lanes_});
  }

  /// x and dy are those of the group; dw of the first of `filters`.
  void run(const T* x, const T* dy, std::size_t filters, std::size_t first_column, std::size_t columns, T* dw) {
    sums_.fill(0);
    const std::size_t row_bytes = filters * out_width_ * line_ * sizeof(T), l1_share = 20 << 10;
    const std::size_t rows_at_once = std::max<std::size_t>(1, l1_share / std::max<std::size_t>(row_bytes, 1));
    PositionRange common{0, out_width_};
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
        const PositionRange rows{std::max(first, rows_[k].first), std::min(first + rows_at_once, rows_[k].end)};
        T* sums = sums_.data() + k * filters * columns * lanes_;
        correlate_block(x, dy, k, rows, common, filters, taps_, columns, sums, columns);
      }
    for (std::size_t k = 0; k < g_.kernel_height; ++k) {
      T* sums = sums_.data() + k * filters * columns * lanes_;
      for (std::size_t t = 0; t < columns; ++t) {  // what only some of the columns reach
        const std::size_t left = std::min(range_[t].end, common.first);
        const std::size_t right = std::max(range_[t].first, common.end);
        for (const PositionRange part :
             {PositionRange{range_[t].first, left}, PositionRange{std::max(right, left), range_[t].end}})
          correlate_block(x, dy, k, rows_[k], part, filters, taps_ + t, 1, sums + t * lanes_, columns);
      }
    }
    add_to(dw, filters, first_column, columns);
  }

 private:
  void correlate_block(const T* x, const T* dy, std::size_t k, PositionRange rows, PositionRange columns,
                       std::size_t filters, const std::ptrdiff_t* taps, std::size_t tap_count, T* sums,
                       std::size_t stride) {
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
  std::vector<PositionRange> rows_, columns_;
  PositionRange range_[tile_taps];
  std::ptrdiff_t taps_[tile_taps];
  Tensor<T> sums_;
};

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
