#include "neurarium/studies/topographic/map_order.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "neurarium/kernels/gemm.hpp"

namespace neurarium {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_alike = 8, within = 2;

/// Each row without its mean, with length 1: the product of two such rows is their correlation.
Tensor<double> standardised(View<const double> rows) {
  Tensor<double> out(rows.shape());
  std::copy(rows.flat().begin(), rows.flat().end(), out.flat().begin());
  for (std::size_t n = 0; n < rows.shape()[0]; ++n) {
    const auto row = out.view()[n].flat();
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
    double squares = 0;
    for (double& x : row) x -= mean, squares += x * x;
    if (squares > 0)
      for (double& x : row) x /= std::sqrt(squares);
  }
  return out;
}

/// How many of the eight units most like `unit` stand near it. Of equally alike units the first counts.
std::size_t alike_nearby(std::span<const double> correlations, std::size_t unit, const Grid& grid,
                         std::vector<std::size_t>& order) {
  order.resize(correlations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(unit));
  const std::size_t count = std::min(most_alike, order.size());
  const auto more_alike = [&](std::size_t a, std::size_t b) {
    return correlations[a] > correlations[b] || (correlations[a] == correlations[b] && a < b);
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), more_alike);
  std::size_t near = 0;
  for (std::size_t k = 0; k < count; ++k) near += grid.distance(unit, order[k]) <= within;
  return near;
}

}  // namespace

double MapOrder::at(std::size_t distance) const { return distance < at_distance.size() ? at_distance[distance] : nan; }

MapOrder order_of(View<const double> rows, const Grid& grid) {
  const std::size_t units = grid.units();
  if (rows.shape()[0] != units)
    throw ShapeError("map order", std::to_string(units) + " rows", std::to_string(rows.shape()[0]));
  const Tensor<double> z = standardised(rows);
  std::vector<double> sum(grid.reach() + 1, 0.0), pairs(grid.reach() + 1, 0.0);
  double far_sum = 0, far_pairs = 0;
  std::size_t near = 0;
  std::vector<std::size_t> order;
  constexpr std::size_t block = 128;
  for (std::size_t first = 0; first < units; first += block) {
    const std::size_t count = std::min(block, units - first);
    Tensor<double> c({count, units});
    kernels::gemm<double>(1, z.view().rows(first, count), kernels::Op::none, z.view(), kernels::Op::transpose, 0,
                          c.view());
    for (std::size_t i = 0; i < count; ++i) {
      const auto line = std::as_const(c).view()[i].flat();
      for (std::size_t other = first + i + 1; other < units; ++other) {
        const std::size_t d = grid.distance(first + i, other);
        sum[d] += line[other], pairs[d] += 1;
        if (d >= grid.far()) far_sum += line[other], far_pairs += 1;
      }
      near += alike_nearby(line, first + i, grid, order);
    }
  }
  MapOrder result;
  for (std::size_t d = 0; d < sum.size(); ++d) result.at_distance.push_back(pairs[d] > 0 ? sum[d] / pairs[d] : nan);
  result.far_correlation = far_pairs > 0 ? far_sum / far_pairs : nan;
  const std::size_t asked = units * std::min(most_alike, units - 1);
  result.nearest_share = asked > 0 ? static_cast<double>(near) / static_cast<double>(asked) : nan;
  return result;
}

double nearest_share_by_chance(const Grid& grid) {
  const std::size_t units = grid.units();
  if (units < 2) return nan;
  double near = 0;
  for (std::size_t a = 0; a < units; ++a) {
    const auto span = [](std::size_t at, std::size_t extent) {
      return static_cast<double>(std::min(extent - 1, at + within) - (at < within ? 0 : at - within) + 1);
    };
    near += span(grid.row(a), grid.rows) * span(grid.column(a), grid.columns) - 1;
  }
  return near / (static_cast<double>(units) * static_cast<double>(units - 1));
}

Tensor<double> colour_shares(ArrayView weights, const ImageShape& shape) {
  const Tensor<double> w = to_tensor<double>(weights);
  const std::size_t units = w.shape()[0];
  if (shape.channels != 3 || w.size() != units * shape.numbers())
    throw ShapeError("colours of the units", "weights of colour images", to_string(w.shape()));
  Tensor<double> shares({units, 3});
  for (std::size_t n = 0; n < units; ++n) {
    const auto row = w.view()[n].flat();
    double total = 0;
    for (std::size_t j = 0; j < row.size(); ++j) shares(n, j % 3) += row[j], total += row[j];
    for (std::size_t c = 0; c < 3; ++c) shares(n, c) = total > 0 ? shares(n, c) / total : 0;
  }
  return shares;
}

double colour_smoothness(View<const double> shares, const Grid& grid) {
  double neighbours = 0, neighbour_pairs = 0, all = 0, pairs = 0;
  for (std::size_t a = 0; a < grid.units(); ++a)
    for (std::size_t b = a + 1; b < grid.units(); ++b) {
      double squares = 0;
      for (std::size_t c = 0; c < 3; ++c) squares += (shares(a, c) - shares(b, c)) * (shares(a, c) - shares(b, c));
      const double difference = std::sqrt(squares);
      all += difference, pairs += 1;
      if (grid.distance(a, b) == 1) neighbours += difference, neighbour_pairs += 1;
    }
  return neighbour_pairs > 0 && all > 0 ? (neighbours / neighbour_pairs) / (all / pairs) : nan;
}

}  // namespace neurarium
