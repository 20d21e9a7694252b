// What layers of images share: entries as [channels, height, width], and sums in a fixed order.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "neurarium/core/tensor.hpp"
#include "neurarium/kernels/pooling.hpp"

namespace neurarium {

/// [channels, height, width] of an entry [height, width] or [channels, height, width]; else a ShapeError naming `layer`.
inline Shape image_shape(const Shape& entry, const std::string& layer) {
  if (entry.axes() == 2) return entry.with_leading(1);
  if (entry.axes() == 3) return entry;
  throw ShapeError(layer, "an image, [height, width] or [channels, height, width]", to_string(entry),
                   "set model.inputs to the shape of one image");
}

/// The windows of a pooling layer called `layer` over entries of shape `input`; stride 0 = size. ShapeError if none fits in,
/// SpecError if some would hold nothing but padding.
inline kernels::Pooling pooling_of(const Shape& input, const std::string& layer, std::int64_t size, std::int64_t stride,
                                   std::int64_t padding) {
  const Shape image = image_shape(input, layer);
  const auto count = [](std::int64_t x) { return static_cast<std::size_t>(x); };
  const kernels::Pooling pooling{image[0],      image[1], image[2], count(size), count(stride ? stride : size),
                                 count(padding)};
  if (2 * padding > size)
    throw SpecError(layer + ".padding: " + std::to_string(padding) + " is more than half of the window's size " +
                        std::to_string(size),
                    "some windows would hold nothing; make it smaller");
  if (pooling.out().elements() == 0)
    throw ShapeError(layer, "an image that a window of size " + std::to_string(size) + " fits in", to_string(input),
                     "make the window smaller, or add padding");
  return pooling;
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
