#include "neurarium/studies/topographic/colour_positions.hpp"

namespace neurarium {

ColourPositions colour_positions(View<const double> shares, const Grid& grid, std::uint64_t seed) {
  const std::size_t units = grid.units();
  std::vector<double> to_border, to_corner;
  std::size_t deepest = 0, rim = 0;
  for (std::size_t n = 0; n < units; ++n) {
    to_border.push_back(static_cast<double>(grid.to_border(n)));
    to_corner.push_back(static_cast<double>(grid.to_corner(n)));
    deepest = std::max(deepest, grid.to_border(n));
    rim += grid.to_border(n) == 0;
  }
  const auto share_of = [&](std::size_t c) {
    std::vector<double> values;
    for (std::size_t n = 0; n < units; ++n) values.push_back(shares(n, c));
    return values;
  };
  std::vector<Placement> questions;
  for (std::size_t c = 0; c < 3; ++c) {
    questions.push_back(correlation_with(share_of(c), to_border));
    questions.push_back(correlation_with(share_of(c), to_corner));
  }
  const auto where = [&](auto&& in) {
    std::vector<bool> chosen;
    for (std::size_t n = 0; n < units; ++n) chosen.push_back(in(n));
    return chosen;
  };
  for (const auto& side : {where([&](std::size_t n) { return grid.row(n) == grid.rows - 1; }),
                           where([&](std::size_t n) { return grid.column(n) == grid.columns - 1; }),
                           where([&](std::size_t n) { return grid.row(n) == 0; }),
                           where([&](std::size_t n) { return grid.column(n) == 0; })})
    questions.push_back(excess_at(share_of(blue), side));

  questions.push_back(difference_between(
      share_of(blue),
      where([&](std::size_t n) { return grid.row(n) == grid.rows - 1 || grid.column(n) == grid.columns - 1; }),
      where([&](std::size_t n) { return grid.row(n) == 0 || grid.column(n) == 0; })));

  const auto tests = test_placements(questions, grid, Stream(seed, "analysis.colour_positions"));
  ColourPositions result;
  for (std::size_t c = 0; c < 3; ++c)
    result.colours[c].border = tests[2 * c], result.colours[c].corner = tests[2 * c + 1];
  for (std::size_t side = 0; side < 4; ++side) result.blue_excess[side] = tests[6 + side];

  result.last_less_first = tests[10];

  result.by_distance = Tensor<double>({deepest + 1, 3});
  std::vector<double> count(deepest + 1, 0.0);
  for (std::size_t n = 0; n < units; ++n) {
    const std::size_t d = grid.to_border(n);
    count[d] += 1;
    std::size_t strongest = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      result.by_distance(d, c) += shares(n, c);
      if (shares(n, c) > shares(n, strongest)) strongest = c;
    }
    result.colours[strongest].dominant += 1;
    if (d == 0) result.colours[strongest].dominant_rim += 1;
  }
  for (ColourPosition& colour : result.colours) {
    colour.dominant /= static_cast<double>(units);
    colour.dominant_rim /= static_cast<double>(rim);
  }
  for (std::size_t d = 0; d <= deepest; ++d)
    for (std::size_t c = 0; c < 3; ++c) result.by_distance(d, c) /= count[d];
  return result;
}

}  // namespace neurarium
