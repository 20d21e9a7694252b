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

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
