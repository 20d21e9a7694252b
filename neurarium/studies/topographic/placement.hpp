// Does it matter where on the map a unit stands? Tests of statistics T = Σ_places k(place) · f(unit at that place).
//   shuffled  the units are put on the places in 10,000 random orders: p = (1 + #{|T*| ≥ |T|}) / (1 + 10,000). Any order at
//             all on the map makes this p small, since neighbours that resemble each other count as many times as they are.
//   moved     the map is kept as it is, neighbours and all, but laid elsewhere: all shifts around the torus, times
//             all mirrorings and rotations that the grid allows; p = share of these with |T*| ≥ |T|, the map's own place included.
//             It asks whether this place differs from the others for a map of this smoothness, and is much the stricter.
//             (Shifts tear the map where its edges meet: one seam in each direction.)
// Both are two-sided. Above 4,096 units, 10,000 moves drawn at random stand for all.
#pragma once

#include <span>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/studies/topographic/grid.hpp"

namespace neurarium {

/// One statistic: f, a number for each unit, and k, one for each place.
struct Placement {
  std::vector<double> values, places;
};

struct PlacementTest {
  double statistic = 0;
  double p_shuffled = 1;
  double p_moved = 1;
};

/// All tests use the same shuffles, which are a pure function of `stream`.
std::vector<PlacementTest> test_placements(std::span<const Placement> statistics, const Grid& grid,
                                           const Stream& stream, std::size_t shuffles = 10000);

/// k such that T is the Pearson correlation of f with `distance`, given f; 0 everywhere if either is constant.
Placement correlation_with(std::vector<double> values, const std::vector<double>& distance);

/// k such that T is the mean of f over the places chosen, less its mean over all others.
Placement excess_at(std::vector<double> values, const std::vector<bool>& chosen);

/// k such that T is the mean of f over `here` less its mean over `there`; places in both count for both.
Placement difference_between(std::vector<double> values, const std::vector<bool>& here, const std::vector<bool>& there);

}  // namespace neurarium
