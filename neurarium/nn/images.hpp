// What layers of images share: entries as [channels, height, width], and sums in a fixed order.
#pragma once

#include <span>
#include <string>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// [channels, height, width] of an entry [height, width] or [channels, height, width]; else a ShapeError naming `layer`.
inline Shape image_shape(const Shape& entry, const std::string& layer) {
  if (entry.axes() == 2) return entry.with_leading(1);
  if (entry.axes() == 3) return entry;
  throw ShapeError(layer, "an image, [height, width] or [channels, height, width]", to_string(entry),
                   "set model.inputs to the shape of one image");
}

/// Sample-minor numbers of an image as [channels, height, width, line].
template <class T>
View<T> lines_of(View<T> numbers, const Shape& image) {
  return numbers.reshaped({image[0], image[1], image[2], numbers.shape()[numbers.shape().axes() - 1]});
}

/// Σ x, as sixteen interleaved sums that are added in order at the end: quick, and the same bits everywhere.
template <class T>
T sum_of(std::span<const T> numbers) {
  constexpr std::size_t ways = 16;
  T sums[ways] = {};
  std::size_t i = 0;
  for (; i + ways <= numbers.size(); i += ways)
    for (std::size_t k = 0; k < ways; ++k) sums[k] += numbers[i + k];
  for (std::size_t k = 0; i + k < numbers.size(); ++k) sums[k] += numbers[i + k];
  T total = 0;
  for (const T sum : sums) total += sum;
  return total;
}

}  // namespace neurarium
