#include "neurarium/studies/topographic/placement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

/// A rigid move: the unit that comes to stand at a place.
struct Move {
  std::size_t shift_rows, shift_columns;
  unsigned mirror;  ///< bit 0: rows, bit 1: columns, bit 2: rows and columns change places (square grids only)

  std::size_t unit_at(std::size_t place, const Grid& grid) const {
    std::size_t y = (grid.row(place) + shift_rows) % grid.rows, x = (grid.column(place) + shift_columns) % grid.columns;
    if (mirror & 4) std::swap(y, x);
    if (mirror & 1) y = grid.rows - 1 - y;
    if (mirror & 2) x = grid.columns - 1 - x;
    return y * grid.columns + x;
  }
};

std::vector<Move> moves_of(const Grid& grid, const Stream& stream, std::size_t draws) {
  constexpr std::size_t most_units = 4096;
  const unsigned mirrors = grid.rows == grid.columns ? 8 : 4;
  std::vector<Move> moves;
  if (grid.units() <= most_units) {
    for (std::size_t y = 0; y < grid.rows; ++y)
      for (std::size_t x = 0; x < grid.columns; ++x)
        for (unsigned m = 0; m < mirrors; ++m) moves.push_back({y, x, m});
    return moves;
  }
  moves.push_back({0, 0, 0});
  const auto draw = [&](std::size_t i, std::uint32_t element, std::size_t below) {
    const double u = uniform(stream, {1, static_cast<std::uint32_t>(i), 0, element});
    return std::min(static_cast<std::size_t>(u * static_cast<double>(below)), below - 1);
  };
  for (std::size_t i = 0; i < draws; ++i)
    moves.push_back({draw(i, 0, grid.rows), draw(i, 1, grid.columns), static_cast<unsigned>(draw(i, 2, mirrors))});
  return moves;
}

/// T for the units in the order given: unit_of(place).
template <class UnitOf>
double statistic(const Placement& s, const UnitOf& unit_of) {
  double sum = 0;
  for (std::size_t place = 0; place < s.places.size(); ++place) sum += s.places[place] * s.values[unit_of(place)];
  return sum;
}

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

/// 0 for numbers that are equal but for rounding.
double length_of_deviation(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double squares = 0, all = 0;
  for (const double value : x) squares += (value - mean) * (value - mean), all += value * value;
  return squares > 1e-24 * all ? std::sqrt(squares) : 0;
}

}  // namespace

std::vector<PlacementTest> test_placements(std::span<const Placement> statistics, const Grid& grid,
                                           const Stream& stream, std::size_t shuffles) {
  std::vector<PlacementTest> tests(statistics.size());
  std::vector<double> bound(statistics.size());
  std::vector<std::size_t> as_extreme(statistics.size(), 0);
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    if (statistics[k].values.size() != grid.units() || statistics[k].places.size() != grid.units())
      throw InternalError("a placement needs a number for each unit and for each place");
    tests[k].statistic = statistic(statistics[k], [](std::size_t place) { return place; });
    bound[k] = std::abs(tests[k].statistic) * (1 - 1e-9);  // sums in another order are equal to rounding only
  }
  const auto count = [&](const auto& unit_of) {
    for (std::size_t k = 0; k < statistics.size(); ++k)
      as_extreme[k] += std::abs(statistic(statistics[k], unit_of)) >= bound[k];
  };

  for (std::size_t i = 0; i < shuffles; ++i) {
    const auto order = permutation(stream, static_cast<std::uint32_t>(i), grid.units());
    count([&](std::size_t place) { return static_cast<std::size_t>(order[place]); });
  }
  for (std::size_t k = 0; k < statistics.size(); ++k)
    tests[k].p_shuffled = static_cast<double>(1 + as_extreme[k]) / static_cast<double>(1 + shuffles);

  as_extreme.assign(statistics.size(), 0);
  const std::vector<Move> moves = moves_of(grid, stream, shuffles);
  for (const Move& move : moves) count([&](std::size_t place) { return move.unit_at(place, grid); });
  for (std::size_t k = 0; k < statistics.size(); ++k)
    tests[k].p_moved = static_cast<double>(as_extreme[k]) / static_cast<double>(moves.size());
  return tests;
}

Placement correlation_with(std::vector<double> values, const std::vector<double>& distance) {
  const double lengths = length_of_deviation(values) * length_of_deviation(distance), mean = mean_of(distance);
  std::vector<double> places;
  for (const double d : distance) places.push_back(lengths > 0 ? (d - mean) / lengths : 0);
  return {std::move(values), std::move(places)};
}

Placement excess_at(std::vector<double> values, const std::vector<bool>& chosen) {
  const auto inside = static_cast<double>(std::count(chosen.begin(), chosen.end(), true));
  const double outside = static_cast<double>(chosen.size()) - inside;
  std::vector<double> places;
  for (const bool here : chosen) places.push_back(inside == 0 || outside == 0 ? 0 : here ? 1 / inside : -1 / outside);
  return {std::move(values), std::move(places)};
}

Placement difference_between(std::vector<double> values, const std::vector<bool>& here,
                             const std::vector<bool>& there) {
  const auto share = [](const std::vector<bool>& chosen, std::size_t n) {
    return chosen[n] ? 1.0 / static_cast<double>(std::count(chosen.begin(), chosen.end(), true)) : 0.0;
  };
  std::vector<double> places;
  for (std::size_t n = 0; n < here.size(); ++n) places.push_back(share(here, n) - share(there, n));
  return {std::move(values), std::move(places)};
}

}  // namespace neurarium
