// The gradients at the first hidden weights, side by side, before and after learning: rows are inputs, columns units.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/gradient_duel/duel_findings.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_inputs = 16, most_units = 60, gap = 6;

/// The strongest lines of a matrix [rows, columns] of numbers, in their own order; `across`: columns.
std::vector<std::size_t> strongest_lines(const std::vector<double>& numbers, std::size_t rows, std::size_t columns,
                                         bool across, std::size_t most) {
  std::vector<double> sums(across ? columns : rows);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      sums[across ? j : i] += numbers[i * columns + j] * numbers[i * columns + j];
  std::vector<std::size_t> order(sums.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return sums[a] > sums[b]; });
  order.resize(std::min(most, order.size()));
  std::ranges::sort(order);
  return order;
}

/// "all 5 inputs", or "the 16 of 700 inputs whose gradient is strongest".
std::string lines_shown(std::size_t most, std::size_t all, const std::string& what) {
  if (all <= most) return "all " + std::to_string(all) + " " + what;
  return "the " + std::to_string(most) + " of " + std::to_string(all) + " " + what + " whose gradient is strongest";
}

/// One gradient as coloured squares, in its own scale: the colour is full at twice its root mean square.
Array tile(const std::vector<double>& numbers, std::size_t columns, std::span<const std::size_t> rows,
           std::span<const std::size_t> shown, std::size_t edge) {
  Array grid(DType::f64, {rows.size(), shown.size()});
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < shown.size(); ++j) {
      const double x = numbers[rows[i] * columns + shown[j]];
      grid.as<double>()(i, j) = x, sum += x * x;
    }
  const double most = std::max(1e-300, 2 * std::sqrt(sum / static_cast<double>(rows.size() * shown.size())));
  return enlarge(apply_colormap(grid, -most, most, ColourMap::diverging), edge);
}

Array headed(const std::string& words, const Array& picture) {
  Array line = blank_image(2 * letter_height + 2, picture.shape()[1], paper);
  draw_text(line, 0, 2, words, ink, 2);
  const Array parts[] = {line, picture};
  return stack(parts, 2, paper);
}

}  // namespace

void add_duel_picture(RunContext& context, const DuelFindings& found) {
  const Shape entry = found.data->training.entry_shape();
  const Probe probe(found.data->training, static_cast<std::size_t>(found.params->probe_samples));
  std::vector<std::unique_ptr<Trainable>> models;
  for (const Side side : {Side::surrogate, Side::eventprop, Side::exact})
    if (side != Side::exact || found.params->exact)
      models.push_back(
          build_model<Trainable>(duel_network(*found.params, side, entry, found.data->classes, found.first_seed),
                                 context.registry(), "this study"));
  const char* names[] = {"surrogate", "EventProp, grid", "exact times"};
  const Numbers start = weights_of(*models[1]);
  const auto trained = network_with<Trainable>(found.duels.front().eventprop.network, context.registry(), "this study");
  std::vector<Array> stages;
  std::vector<std::string> cosines;
  for (const auto& [when, weights] : {std::pair("before", start), std::pair("after EventProp", weights_of(*trained))}) {
    std::vector<std::vector<double>> gradients;
    for (const auto& model : models) {
      set_weights(*model, weights);
      gradients.push_back(probe.gradient(*model).front().numbers);
    }
    const std::size_t inputs = entry[1], units = static_cast<std::size_t>(found.params->hidden.front());
    const auto rows = strongest_lines(gradients.back(), inputs, units, false, most_inputs),
               shown = strongest_lines(gradients.back(), inputs, units, true, most_units);
    const std::size_t edge = std::clamp<std::size_t>(900 / shown.size(), 4, 15);
    std::vector<Array> tiles;
    for (std::size_t g = 0; g < gradients.size(); ++g)
      tiles.push_back(headed(std::string(names[g]) + ", " + when, tile(gradients[g], units, rows, shown, edge)));
    stages.push_back(stack(tiles, gap, paper));
    cosines.push_back(rounded(cosine(gradients.front(), gradients.back()), 2));
  }
  context.add(Picture{
      "gradients", "The same weights, asked twice",
      "Gradients at the first hidden weights (rows: " + lines_shown(most_inputs, entry[1], "inputs") +
          ", columns: " + lines_shown(most_units, static_cast<std::size_t>(found.params->hidden.front()), "units") +
          "), each in its own scale: red above 0, blue below, white at 0, and full colour at twice its root mean "
          "square: by surrogate, by EventProp on the grid" +
          (found.params->exact ? " and of exact spike times" : "") +
          ". Above: before learning; below: after learning by EventProp. Cosines of the first and the last of each: " +
          cosines[0] + " and " + cosines[1] + ".",
      stack(stages, 3 * gap, paper)});
}

}  // namespace neurarium
