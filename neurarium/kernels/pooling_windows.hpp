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

/// The length of a line; ShapeError unless the numbers fit the images.
inline std::size_t line_of(const Pooling& g, std::size_t x, std::size_t y) {
  const std::size_t in = g.in().elements(), out = g.out().elements();
  const std::size_t line = in == 0 ? 0 : x / in;
  if (line * in != x)
    throw ShapeError("pooling: x", to_string(g.in()) + " times a line", std::to_string(x) + " numbers");
  if (line * out != y)
    throw ShapeError("pooling: y", to_string(g.out()) + " times a line", std::to_string(y) + " numbers");
  return line;
}

/// Maxima over single samples (lines of length 1): there a row of the image lies in one piece.
template <class T>
void max_pool_entries(const Pooling& g, const T* x, T* y);

}  // namespace neurarium::kernels
