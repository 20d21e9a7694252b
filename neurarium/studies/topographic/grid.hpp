// The places of a map: unit n = y·columns + x stands in row y and column x.
#pragma once

#include <algorithm>
#include <cstddef>

namespace neurarium {

struct Grid {
  std::size_t rows = 0, columns = 0;

  std::size_t units() const { return rows * columns; }
  std::size_t row(std::size_t unit) const { return unit / columns; }
  std::size_t column(std::size_t unit) const { return unit % columns; }
  /// Chebyshev distance: 1 for the eight neighbours, 2 for the ring around them.
  std::size_t distance(std::size_t a, std::size_t b) const {
    return std::max(between(row(a), row(b)), between(column(a), column(b)));
  }
  /// The largest distance on the map.
  std::size_t reach() const { return std::max(rows, columns) - 1; }
  /// Distance from which on two units count as far from each other.
  std::size_t far() const { return columns / 2; }
  /// 0 for the units along the border.
  std::size_t to_border(std::size_t unit) const { return std::min(to_edge_row(unit), to_edge_column(unit)); }
  /// Chebyshev distance to the nearest corner.
  std::size_t to_corner(std::size_t unit) const { return std::max(to_edge_row(unit), to_edge_column(unit)); }

 private:
  static std::size_t between(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }
  std::size_t to_edge_row(std::size_t unit) const { return std::min(row(unit), rows - 1 - row(unit)); }
  std::size_t to_edge_column(std::size_t unit) const { return std::min(column(unit), columns - 1 - column(unit)); }
};

}  // namespace neurarium
