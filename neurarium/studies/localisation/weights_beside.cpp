#include "neurarium/studies/localisation/weights_beside.hpp"

#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {

Picture weights_beside(std::span<const LocalisationOutcome* const> networks, std::span<const std::string> titles,
                       const std::string& kind) {
  double most1 = 0, most2 = 0;
  for (const LocalisationOutcome* network : networks) {
    most1 = std::max(most1, largest_of(to_tensor<double>(network->hidden_weight.view())));
    most2 = std::max(most2, largest_of(to_tensor<double>(network->output_weight.view())));
  }
  constexpr std::size_t columns = 6;
  std::vector<Array> rows, row;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const Tensor<double> w1 = to_tensor<double>(networks[i]->hidden_weight.view()),
                         w2 = to_tensor<double>(networks[i]->output_weight.view());
    const std::size_t cell = std::max<std::size_t>(1, 150 / w1.shape()[1]);
    const std::size_t cell2 = std::max<std::size_t>(1, cell * w1.shape()[1] / w2.shape()[1]);
    const Array parts[] = {matrix_picture(w1, 1, cell, most1), matrix_picture(w2, 4, cell2, most2)};
    row.push_back(titled(titles[i], stack(parts, 6)));
    if (row.size() == columns) rows.push_back(beside(row, 14)), row.clear();
  }
  if (!row.empty()) rows.push_back(beside(row, 14));
  return {
      "weights", "Weights of every condition",
      "The first network of each " + kind +
          " (its name is above it), all on one scale. Upper part, W1: a row for each fibre (left ear above, right ear "
          "below), a "
          "column for each hidden unit; lower part, W2: a row for each hidden unit, a column for each direction. Red "
          "excites, blue inhibits; the strongest are " +
          short_digits(most1, 3) + " and " + short_digits(most2, 3) + ".",
      stack(rows, 16), false};
}

}  // namespace neurarium
