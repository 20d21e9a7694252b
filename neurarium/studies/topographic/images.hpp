// Images for the topographic map: crops of a data set, and pictures of weights and codes.
#pragma once

#include <string>

#include "neurarium/core/array.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// Height, width and channels (1 or 3) of flat images.
struct ImageShape {
  std::size_t height = 0, width = 0, channels = 1;
  std::size_t numbers() const { return height * width * channels; }
};

/// The middle crop × crop pixels of images [n, h, w(, 3)] as flat rows [n, crop·crop·channels], in the order height, width,
/// channel. From row and column h/2 − crop/2 on, as the notebook cuts [11, 21) of 32. crop = 0 keeps the whole image.
/// Rows [n, D] that are no images stay as they are.
Array centre_crop(const Array& images, std::size_t crop, ImageShape& shape);

/// Weights [N, D] as tiles in a grid of rows × columns, unit y·columns + x at (y, x). Values are clipped to [0, 1], as the
/// notebook shows them; with `each_to_its_maximum` every unit is divided by its largest weight first.
Array tapestry(ArrayView weights, const ImageShape& shape, std::size_t rows, std::size_t columns,
               bool each_to_its_maximum);

/// One flat image as a picture: colours clipped to [0, 1], or greys (0 white, 1 black).
Array image_of(View<const double> flat, const ImageShape& shape);

/// Input, activity map (from its smallest to its largest value, as the notebook shows it) and reconstruction side by side.
Array triptych(View<const double> input, View<const double> activity, View<const double> reconstruction,
               const ImageShape& shape, std::size_t rows, std::size_t columns);

}  // namespace neurarium
