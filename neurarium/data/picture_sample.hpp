// A picture of the user's (PNG, JPEG) as one sample of a data set of pictures, so that a network can be asked about it.
//
// The sample's shape says what it needs: [h, w], [1, h, w] and [h, w, 1] are grey, [h, w, 3] and [3, h, w] are red, green,
// blue; a row [n] is a grey square of √n × √n pixels.
//   grey     Y = 0.299 R + 0.587 G + 0.114 B, rounded (luma of ITU-R BT.601-7, section 2.5.1)
//   resize   each axis by itself: smaller, the mean over the area that a new pixel covers; larger, linear between the
//            centres of the pixels
//   invert   v becomes 255 − v: dark ink on light paper for a network that has learned light on dark
#pragma once

#include <optional>

#include "neurarium/core/array.hpp"
#include "neurarium/data/image_file.hpp"

namespace neurarium {

struct PictureOptions {
  bool resize = false;
  bool invert = false;
};

/// How samples of a shape are made of a picture.
struct PictureForm {
  enum class Order { grey, colours_last, colours_first };
  ImageSize size;
  Order order = Order::grey;
};
/// Nothing if a sample of this shape is no picture.
std::optional<PictureForm> picture_form(const Shape& sample);

/// `image`, bytes [height, width, 3], as numbers 0 … 255 of the given shape. `source` names the picture in messages: a
/// ShapeError if it has another size and `resize` is not wanted, or if samples of this shape are no pictures.
Tensor<float> picture_sample(ArrayView image, const Shape& sample, const PictureOptions& options,
                             const std::string& source);

}  // namespace neurarium
