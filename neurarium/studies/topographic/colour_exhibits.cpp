// Where the colours stand: chart, tables of tests, and the verdict in words.
#include <cmath>

#include "neurarium/studies/topographic/findings.hpp"
#include "neurarium/studies/topographic/pictures.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {
namespace {

constexpr const char* colour_codes[] = {"#d9443f", "#2f9e58", "#3b76d6"};
constexpr double significant = 0.05;

std::string tested(const PlacementTest& test) {
  return rounded(test.statistic, 3) + " (" + p_value(test.p_shuffled) + "; " + p_value(test.p_moved) + ")";
}

Chart chart_of(const Findings& found) {
  Chart chart;
  chart.name = "colours-and-border";
  chart.title = "Colours against the distance from the border";
  chart.caption =
      "Mean share of red, green and blue in the weights of the units at each distance from the border (0 = the "
      "outermost units). Lines: the map; dots: the "
      "control without lateral connections.";
  chart.x_label = "distance from the border";
  chart.y_label = "mean share of the weights";
  for (const NamedMap* map : found.maps()) {
    if (found.other_fidelity && map == &*found.other_fidelity) continue;
    const Tensor<double>& shares = map->colours->by_distance;
    for (std::size_t c = 0; c < 3; ++c) {
      Trace trace;
      trace.kind = map == &found.map ? Trace::Kind::line : Trace::Kind::points;
      trace.name = std::string(colour_names[c]) + (map == &found.map ? "" : ", " + map->name);
      trace.colour = colour_codes[c];
      for (std::size_t d = 0; d < shares.shape()[0]; ++d)
        trace.x.push_back(static_cast<double>(d)), trace.y.push_back(shares(d, c));
      chart.traces.push_back(std::move(trace));
    }
  }
  return chart;
}

}  // namespace

void add_colour_positions(RunContext& context, const Findings& found) {
  if (!found.map.colours) return;
  std::vector<Array> pictures;
  std::vector<std::string> words;
  for (const NamedMap* map : found.maps()) {
    pictures.push_back(unit_colours(colour_shares(map->map.weights(), found.images.shape).view(), found.grid));
    words.push_back(map->name);
  }
  context.add(Picture{"unit-colours", "The colours of the units",
                      "Each square is one unit in the colour of its weights as a whole (mean red, green and blue, the "
                      "largest as 1): the map" +
                          std::string(found.control ? ", the control without lateral connections" : "") +
                          (found.other_fidelity ? ", and the map by the other rule." : "."),
                      titled(pictures, words), false});
  context.add(chart_of(found));

  Table border{"colour-positions",
               "Blue at the edges and corners, red in the middle?",
               "Correlation of a unit's share of a colour with its distance from the border, and from the nearest "
               "corner; in brackets two p values, two-sided. The first: 10,000 "
               "random shuffles of the units over the places. Neighbours resemble each other, so that this p is too "
               "small for a map with any order at all. The second keeps the "
               "map's own smoothness: the map as it is, moved by every shift around the torus with every mirroring and "
               "rotation; p is the share of these places in which the "
               "correlation is as strong. Strongest colour: share of the units in which this colour is the strongest, "
               "at the rim and on the whole map.",
               {"map", "colour", "border", "corner", "strongest at the rim", "on the map"},
               {}};
  Table rows{"blue-rows",
             "Is the last row bluer than the others?",
             "Mean share of blue in that row or column, less its mean over all other units; in brackets p by shuffling "
             "and p by moving, as above (a row is compared with every other "
             "row and column of the same map, so the second p is at least 1/" +
                 std::to_string(found.grid.rows == found.grid.columns ? 2 * found.grid.rows : found.grid.rows) +
                 "). The notebook's slip makes the last row and the last column excite nobody; the first row and "
                 "column are as usual.",
             {"map", "last row", "last column", "first row", "first column", "last less first"},
             {}};
  for (const NamedMap* map : found.maps()) {
    for (std::size_t c = 0; c < 3; ++c) {
      const ColourPosition& p = map->colours->colours[c];
      border.rows.push_back({map->name, colour_names[c], tested(p.border), tested(p.corner), percent(p.dominant_rim),
                             percent(p.dominant)});
    }
    std::vector<std::string> row = {map->name};
    for (const PlacementTest& test : map->colours->blue_excess) row.push_back(tested(test));
    row.push_back(tested(map->colours->last_less_first));
    rows.rows.push_back(std::move(row));
  }
  context.add(std::move(border));
  context.add(std::move(rows));
  context.add(Remark{"The blue bottom row", bottom_row_verdict(found)});
}

std::string bottom_row_verdict(const Findings& found) {
  const auto bluer = [](const PlacementTest& t) { return t.statistic > 0 && t.p_shuffled < significant; };
  const auto stands_out = [&](const PlacementTest& t) { return bluer(t) && t.p_moved < significant; };
  const auto say = [&](const NamedMap& map) {
    const PlacementTest& row = map.colours->blue_excess[0];
    const double excess = row.statistic;
    return rounded(100 * std::abs(excess), 1) + " percentage points " + (excess < 0 ? "less" : "more") +
           " blue than the rest (p " + p_value(row.p_shuffled) + " shuffled, " + p_value(row.p_moved) + " moved)";
  };
  const NamedMap *notebook = found.with_fidelity("notebook"), *corrected = found.with_fidelity("corrected");
  if (!notebook || !corrected)
    return "The last row of this map is " + say(found.map) +
           ". Whether the notebook's slip does it takes both rules: analysis.compare_fidelity=true.";
  std::string text = "By the notebook's rule the last row is " + say(*notebook) + "; with the slips mended it is " +
                     say(*corrected) + ". ";
  const bool with_slip = bluer(notebook->colours->blue_excess[0]), without = bluer(corrected->colours->blue_excess[0]);
  if (with_slip && !without)
    text += "So in this run the blue bottom row comes with the notebook's slips and goes with them";
  else if (with_slip && without)
    text += "So in this run the bottom row is bluer under both rules: the slips are not needed for it";
  else if (!with_slip && without)
    text += "So in this run the bottom row is bluer only with the slips mended: they do not cause it";
  else text += "So in this run there is no blue bottom row under either rule";
  if (with_slip || without) {
    const bool strict = stands_out(with_slip ? notebook->colours->blue_excess[0] : corrected->colours->blue_excess[0]);
    text += strict ? ", and it stands out from the other rows and columns of its own map."
                   : ", but it does not stand out from the other rows and columns of its own map.";
  } else {
    text += ".";
  }
  const auto lopsided = [](const NamedMap& map) {
    const PlacementTest& t = map.colours->last_less_first;
    return t.statistic > 0 && t.p_shuffled < significant;
  };
  const auto points = [](const NamedMap& map) {
    const PlacementTest& t = map.colours->last_less_first;
    return rounded(100 * t.statistic, 1) + " points (p " + p_value(t.p_shuffled) + ")";
  };
  text += " The last row and column exceed the first ones by " + points(*notebook) + " with the slips and " +
          points(*corrected) + " without: ";
  text += lopsided(*notebook) && !lopsided(*corrected) ? "that the last are bluer than the first is the slip."
          : lopsided(*notebook)                        ? "that the last are bluer than the first is not the slip alone."
          : lopsided(*corrected)                       ? "the slip does not make the last bluer than the first."
                                                       : "the last are no bluer than the first.";
  return text + " (Bluer: p < " + rounded(significant, 2) +
         " by shuffling; standing out: also by moving. One run shows one map; other seeds are other maps.)";
}

}  // namespace neurarium
