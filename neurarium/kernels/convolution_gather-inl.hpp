// Convolution and its gradient at the input are the same walk: every value of the result gathers, over all source channels and
// all taps of the kernel that fall inside the source, weight × source. Compiled once per instruction set.
#if defined(NEURARIUM_KERNELS_CONVOLUTION_GATHER_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_CONVOLUTION_GATHER_INL
#undef NEURARIUM_KERNELS_CONVOLUTION_GATHER_INL
#else
#define NEURARIUM_KERNELS_CONVOLUTION_GATHER_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <vector>

#include "neurarium/kernels/convolution_taps.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// How many result channels a tile holds in registers, two vectors of samples each.
constexpr std::size_t most_tile_rows = HWY_TARGET <= HWY_AVX3 ? 12 : 5;

/// How `channels` are cut into tiles: sizes that are compiled, as equal as they get.
inline std::vector<std::size_t> tile_rows(std::size_t channels) {
  constexpr std::size_t sizes[] = {1, 2, 4, 5, 8, 10, 12};
  const std::size_t tiles = (channels + most_tile_rows - 1) / most_tile_rows;
  std::size_t size = *std::ranges::lower_bound(sizes, (channels + tiles - 1) / tiles);
  std::vector<std::size_t> rows;
  while (channels > 0) {
    if (size > channels) size = *(std::ranges::upper_bound(sizes, channels) - 1);
    rows.push_back(size);
    channels -= size;
  }
  return rows;
}

template <class T>
struct GatherTile {
  const T* weights;  ///< packed [source channel][tap][row], or as they lie: [row][…], rows `weight_row` apart
  std::size_t weight_row, weight_source;
  const T* bias;  ///< one per row, or null
  const T* source;
  std::size_t source_plane, source_channels;
  const Tap* taps;
  std::size_t tap_count;
  T* result;
  std::size_t result_plane;
  bool relu;
};

/// Rows × Vectors values of the result, kept in registers until they are complete.
template <class T, bool Packed, std::size_t Rows, std::size_t Vectors>
HWY_INLINE void gather(const GatherTile<T>& tile, std::size_t offset) {
  const hn::ScalableTag<T> tag;
  const std::size_t row_step = Packed ? 1 : tile.weight_row, tap_step = Packed ? Rows : 1;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Vec<decltype(tag)> sums[Rows][Vectors];
  for (std::size_t r = 0; r < Rows; ++r)
    for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = tile.bias ? hn::Set(tag, tile.bias[r]) : hn::Zero(tag);
  const T* HWY_RESTRICT weights = tile.weights;
  const T* HWY_RESTRICT source = tile.source + offset;
  for (std::size_t c = 0; c < tile.source_channels; ++c) {
    for (std::size_t t = 0; t < tile.tap_count; ++t) {
      const T* HWY_RESTRICT from = source + static_cast<std::ptrdiff_t>(tile.taps[t].source);
      const T* HWY_RESTRICT w = weights + tile.taps[t].weight * tap_step;
      hn::Vec<decltype(tag)> values[Vectors];
      for (std::size_t v = 0; v < Vectors; ++v) values[v] = hn::Load(tag, from + v * lanes);
      for (std::size_t r = 0; r < Rows; ++r) {
        const auto weight = hn::Set(tag, w[r * row_step]);
        for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = hn::MulAdd(weight, values[v], sums[r][v]);
      }
    }
    weights += tile.weight_source;
    source += tile.source_plane;
  }
  for (std::size_t r = 0; r < Rows; ++r)
    for (std::size_t v = 0; v < Vectors; ++v) {
      if (tile.relu) sums[r][v] = hn::IfThenElse(hn::Lt(sums[r][v], hn::Zero(tag)), hn::Zero(tag), sums[r][v]);
      hn::Store(sums[r][v], tag, tile.result + r * tile.result_plane + offset + v * lanes);
    }
}

/// A tile over a whole line of samples.
template <class T, bool Packed, std::size_t Rows>
HWY_INLINE void gather_line(const GatherTile<T>& tile, std::size_t line) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t offset = 0;
  for (; offset + 2 * lanes <= line; offset += 2 * lanes) gather<T, Packed, Rows, 2>(tile, offset);
  for (; offset < line; offset += lanes) gather<T, Packed, Rows, 1>(tile, offset);
}

template <class T, bool Packed>
void gather_line(const GatherTile<T>& tile, std::size_t rows, std::size_t line) {
  switch (rows) {
    case 1: return gather_line<T, Packed, 1>(tile, line);
    case 2: return gather_line<T, Packed, 2>(tile, line);
    case 4: return gather_line<T, Packed, 4>(tile, line);
    case 5: return gather_line<T, Packed, 5>(tile, line);
#if HWY_TARGET <= HWY_AVX3
    case 8: return gather_line<T, Packed, 8>(tile, line);
    case 10: return gather_line<T, Packed, 10>(tile, line);
    default: return gather_line<T, Packed, 12>(tile, line);
#else
    default: return;
#endif
  }
}

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
        const TapFinder::Taps found = taps.find(i, j);
        tile.taps = found.first, tile.tap_count = found.count, tile.source = source + found.source;
        tile.result = result + first * plane + (i * taps.columns() + j) * line;
        if (packed) gather_line<T, true>(tile, rows, line);
        else gather_line<T, false>(tile, rows, line);
      }
    first += rows;
  }
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
