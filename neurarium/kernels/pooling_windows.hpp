// Where the windows of a pooling lie.
#pragma once

#include <algorithm>

#include "neurarium/kernels/pooling.hpp"

namespace neurarium::kernels {

/// The part of a window that lies inside the image: [first, end) along one axis.
struct Window {
  std::size_t first, end;
};
inline Window window_at(const Pooling& g, std::size_t position, std::size_t extent) {
  const std::size_t start = position * g.stride;
  return {start > g.padding ? start - g.padding : 0,
          std::min(extent, start + g.size - std::min(g.padding, start + g.size))};
}

/// use(first number of the result, rows of the window, columns of the window) for every position.
template <class Use>
void each_position(const Pooling& g, std::size_t line, Use use) {
  const std::size_t height = g.positions(g.height), width = g.positions(g.width);
  for (std::size_t c = 0; c < g.channels; ++c)
    for (std::size_t i = 0; i < height; ++i)
      for (std::size_t j = 0; j < width; ++j)
        use(((c * height + i) * width + j) * line, c * g.height * g.width * line, window_at(g, i, g.height),
            window_at(g, j, g.width));
}

}  // namespace neurarium::kernels
