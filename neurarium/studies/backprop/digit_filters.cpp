// What the first weights look like.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

/// Weights as numbers [tiles, height, width(, 3)], or nothing if they have no such shape: convolutions [k, 1 or 3, h, w]
/// and dense layers [units, inputs] whose inputs are the picture.
std::optional<Tensor<double>> as_tiles(const NamedView& weight, const Shape& input) {
  Tensor<double> w = to_tensor<double>(effective_weights(weight));
  const Shape shape = w.shape();
  if (shape.axes() == 2 && shape[1] == input.elements()) {
    const bool colour = input.axes() == 3 && input[2] == 3;
    if (input.axes() < 2 || (input.axes() == 3 && !colour && input[2] != 1)) return std::nullopt;
    w.resize(colour ? Shape{shape[0], input[0], input[1], 3} : Shape{shape[0], input[0], input[1]});
    return w;
  }
  if (shape.axes() != 4 || (shape[1] != 1 && shape[1] != 3)) return std::nullopt;
  if (shape[1] == 1) {
    w.resize({shape[0], shape[2], shape[3]});
    return w;
  }
  Tensor<double> tiles(Shape{shape[0], shape[2], shape[3], 3});
  for (std::size_t k = 0; k < shape[0]; ++k)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < shape[2]; ++i)
        for (std::size_t j = 0; j < shape[3]; ++j) tiles(k, i, j, c) = w(k, c, i, j);
  return tiles;
}

/// A full rectangle of tiles, about twice as wide as high, if there is one.
std::size_t columns_for(std::size_t count) {
  const double wanted = std::sqrt(2 * static_cast<double>(count));
  std::size_t best = 0;
  for (std::size_t c = 1; c <= count; ++c)
    if (count % c == 0 && static_cast<double>(c) > wanted / 2 && static_cast<double>(c) < 2 * wanted)
      if (best == 0 || std::abs(static_cast<double>(c) - wanted) < std::abs(static_cast<double>(best) - wanted))
        best = c;
  return best ? best : static_cast<std::size_t>(std::ceil(wanted));
}

}  // namespace

void add_filters(RunContext& context, Model& model) {
  constexpr std::size_t most = 256;
  const auto parameters = model.parameters();
  const auto first = std::ranges::find_if(parameters, [](const NamedView& p) { return p.name.ends_with(".weight"); });
  if (first == parameters.end()) return;
  const auto numbers = as_tiles(*first, model.input_shape());
  if (!numbers) return;
  const std::size_t count = std::min(most, numbers->shape()[0]);
  const bool colour = numbers->shape().axes() == 4;
  const std::size_t height = numbers->shape()[1], width = numbers->shape()[2];
  const std::size_t factor = std::max<std::size_t>(1, 48 / std::max(height, width));
  Array tiles(DType::u8, Shape{count, height * factor, width * factor, 3});
  for (std::size_t k = 0; k < count; ++k) {
    const auto tile = numbers->view()[k];
    double largest = 0;
    for (const double w : tile.flat()) largest = std::max(largest, std::abs(w));
    if (largest == 0) largest = 1;
    const Array pixels =
        colour ? to_bytes(tile, -largest, largest) : apply_colormap(tile, -largest, largest, ColourMap::diverging);
    const Array bytes = enlarge(pixels, factor);
    std::memcpy(tiles.view().rows(k, 1).data(), bytes.view().data(), bytes.view().bytes());
  }
  const std::size_t columns = columns_for(count);
  context.add(Picture{
      "first-weights", "What the first layer looks for",
      (count < numbers->shape()[0] ? "The first " + with_commas(count) + " of " + with_commas(numbers->shape()[0])
                                   : "The " + with_commas(count)) +
          " weight patterns of " + first->name + ", " + std::to_string(height) + " × " + std::to_string(width) +
          " each, " +
          (colour ? "mid-grey is 0, a colour's channel is brighter where it is weighed above 0, darker below;"
                  : "blue below 0, white 0, red above 0;") +
          " each divided by its largest weight.",
      mosaic(tiles, (count + columns - 1) / columns, columns, 4, paper), false});
}

}  // namespace neurarium
