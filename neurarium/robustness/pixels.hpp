// Where the numbers of a sample lie, seen as a picture: channels of height × width.
//   [h, w, 3], [3, h, w]   colours last or first, told apart as data/picture_sample.hpp does; [1, h, w] and [h, w, 1] are grey
//   [c, h, w]              any other number of channels
//   [h, w]                 grey
//   [d] and the rest       one row
#pragma once

#include "neurarium/data/picture_sample.hpp"

namespace neurarium {

struct Pixels {
  std::size_t channels = 1, height = 1, width = 1;
  bool colours_last = false;

  explicit Pixels(const Shape& entry) {
    if (entry.axes() == 2) height = entry[0], width = entry[1];
    else if (entry.axes() != 3) width = entry.elements();
    else if (const auto form = picture_form(entry)) {
      height = form->size.height, width = form->size.width;
      channels = form->order == PictureForm::Order::grey ? 1 : 3;
      colours_last = form->order == PictureForm::Order::colours_last;
    } else {
      channels = entry[0], height = entry[1], width = entry[2];
    }
  }
  std::size_t count() const noexcept { return height * width; }
  /// Where channel c of the pixel i · width + j lies.
  std::size_t place(std::size_t c, std::size_t pixel) const noexcept {
    return colours_last ? pixel * channels + c : c * count() + pixel;
  }
  std::size_t place(std::size_t c, std::size_t i, std::size_t j) const noexcept { return place(c, i * width + j); }
};

}  // namespace neurarium
