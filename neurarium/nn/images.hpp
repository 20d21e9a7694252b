// What layers of images share: entries as [channels, height, width], and sums in a fixed order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "neurarium/nn/activity.hpp"

namespace neurarium {

/// [channels, height, width] of an entry [height, width] or [channels, height, width]; else a ShapeError naming `layer`.
inline Shape image_shape(const Shape& entry, const std::string& layer) {
  if (entry.axes() == 2) return entry.with_leading(1);
  if (entry.axes() == 3) return entry;
  throw ShapeError(layer, "an image, [height, width] or [channels, height, width]", to_string(entry),
                   "set model.inputs to the shape of one image");
}

/// The numbers of an activity of such images: [channels, height, width, line] or [sample, channels, height, width].
template <class T>
View<T> images_of(View<T> numbers, const Shape& image, Layout layout, std::size_t samples) {
  if (layout == Layout::sample_major) return numbers.reshaped(image.with_leading(samples));
  return numbers.reshaped(image.with_trailing(line_length<std::remove_const_t<T>>(samples)));
}
template <class T>
View<const T> images_of(const Activity<T>& activity, const Shape& image) {
  return images_of(activity.numbers(), image, activity.layout(), activity.samples());
}
template <class T>
View<T> images_of(Activity<T>& activity, const Shape& image) {
  return images_of(activity.numbers(), image, activity.layout(), activity.samples());
}

/// Largest setting of a layer's geometry (size, stride, padding, dilation): sums and products of them can't overflow.
constexpr double most_extent = 1 << 16;

/// From how many samples on images lie sample-minor: with fewer, most places of a line would be empty.
constexpr std::size_t few_samples = 8;

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

/// sums[c] += Σ over samples and positions of channel c; `images` as images_of gives them.
template <class T>
void add_channel_sums(View<const T> images, bool lines, View<T> sums) {
  const std::size_t channels = sums.size(), samples = lines ? 1 : images.shape()[0];
  const std::size_t plane = images.size() / channels / std::max<std::size_t>(samples, 1);
  for (std::size_t n = 0; n < samples; ++n)
    for (std::size_t c = 0; c < channels; ++c)
      sums(c) += sum_of(images.flat().subspan((n * channels + c) * plane, plane));
}

}  // namespace neurarium
