// What a pixel of a sample is: the numbers of all channels at one place of [h, w] or [c, h, w]; a single number of [d].
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium {

struct Pixels {
  std::size_t count = 0, channels = 1;  ///< number j of channel c lies at c · count + j
};

inline Pixels pixels_of(const Shape& entry) {
  const std::size_t channels = entry.axes() == 3 ? entry[0] : 1;
  return {entry.elements() / channels, channels};
}

}  // namespace neurarium
