// Is the map ordered? How alike units are, against how far apart they stand.
//   correlation    Pearson correlation of two units' weights (or of their responses to the same images); 0 if one of them
//                  is constant
//   at distance d  its mean over all pairs at Chebyshev distance d; "far": at columns/2 and more
//   knn8           the share of a unit's eight most alike units that stand within distance 2, mean over the units
//   colour smoothness  mean distance of the colours of neighbours over that of all pairs, where a unit's colour is the
//                  share of red, green and blue in its weights: 1 = neighbours are no more alike than any two units
// Source: the measures of self-organising maps, as in Bauer & Pawelzik (IEEE Trans. Neural Networks 3, 1992), in their
// simplest form; definitions fixed in docs/topographic-map.md.
#pragma once

#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/studies/topographic/grid.hpp"
#include "neurarium/studies/topographic/images.hpp"

namespace neurarium {

/// `at_distance[d]` is the mean correlation at distance d ≥ 1; entry 0 and distances without a pair are NaN.
struct MapOrder {
  std::vector<double> at_distance;
  double far_correlation = 0;
  double nearest_share = 0;  ///< knn8

  double at(std::size_t distance) const;
};

/// The order of rows [N, k]: one row of numbers per unit. Needs no N × N matrix.
MapOrder order_of(View<const double> rows, const Grid& grid);

/// What knn8 is on average if the units stand anywhere.
double nearest_share_by_chance(const Grid& grid);

/// The share of red, green and blue in the weights of each unit [N, 3]; all 0 where the weights are.
Tensor<double> colour_shares(ArrayView weights, const ImageShape& shape);

/// From colour_shares(): NaN if the map has no neighbours or only one colour.
double colour_smoothness(View<const double> shares, const Grid& grid);

}  // namespace neurarium
