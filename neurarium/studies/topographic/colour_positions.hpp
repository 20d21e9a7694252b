// Where on the map the colours stand: the notebook's "blue is clustered mostly at the edges and corners", "red
// centralized" and "the bottom row, which is predominantly blue", each with its tests (placement.hpp).
#pragma once

#include <array>
#include <string>

#include "neurarium/core/tensor.hpp"
#include "neurarium/studies/topographic/placement.hpp"

namespace neurarium {

inline constexpr std::array<const char*, 3> colour_names = {"red", "green", "blue"};
inline constexpr std::size_t red = 0, green = 1, blue = 2;

struct ColourPosition {
  PlacementTest border;     ///< correlation of the unit's share of this colour with its distance from the border
  PlacementTest corner;     ///< … with its distance from the nearest corner
  double dominant = 0;      ///< share of all units in which this colour is the strongest
  double dominant_rim = 0;  ///< … of the units along the border
};

struct ColourPositions {
  std::array<ColourPosition, 3> colours;
  /// Mean share of blue in that row or column, less the mean of all other units: last row, last column, first row, first
  /// column.
  std::array<PlacementTest, 4> blue_excess;
  static constexpr std::array<const char*, 4> sides = {"last row", "last column", "first row", "first column"};
  /// Mean share of blue in the last row and the last column, less that in the first row and the first column. By the notebook's
  /// rule the last ones excite nobody; if the slips are mended, nothing tells them from the first.
  PlacementTest last_less_first;
  /// [distance from the border, colour]: mean share of the colour.
  Tensor<double> by_distance;
};

/// shares [units, 3] from colour_shares().
ColourPositions colour_positions(View<const double> shares, const Grid& grid, std::uint64_t seed);

}  // namespace neurarium
