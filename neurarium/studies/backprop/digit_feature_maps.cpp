// What each layer makes of one image.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/image_tiles.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_maps = 64, map_pixels = 56;

/// The maps [channels, height, width] of one layer as tiles, each from black (0, or the least) to the brightest of them all.
Array drawn(View<const double> maps) {
  const std::size_t count = std::min(most_maps, maps.shape()[0]), height = maps.shape()[1], width = maps.shape()[2];
  const std::size_t factor = std::max<std::size_t>(1, map_pixels / std::max(height, width));
  const auto [low, high] = std::ranges::minmax(maps.flat());
  Array tiles(DType::u8, Shape{count, height * factor, width * factor, 3});
  for (std::size_t c = 0; c < count; ++c) {
    const Array map = enlarge(apply_colormap(maps[c], std::min(low, 0.0), high, ColourMap::viridis), factor);
    std::memcpy(tiles.view().rows(c, 1).data(), map.view().data(), map.view().bytes());
  }
  const std::size_t columns = std::min<std::size_t>(count, 10);
  return mosaic(tiles, (count + columns - 1) / columns, columns, 3, paper);
}

}  // namespace

void add_feature_maps(RunContext& context, const Model& model, const Dataset& data) {
  const auto* layered = dynamic_cast<const Layered*>(&model);
  if (!layered || data.test.samples() == 0) return;
  const Array image = scaled(data.test.x.view().rows(0, 1), data.divisor, model.scalar());
  const NamedArrays activities = layered->activities(image, {});
  for (std::size_t i = 0; i < activities.size(); ++i) {
    const auto& [name, values] = activities[i];
    const Shape& shape = values.shape();  // [1, channels, height, width]
    if (shape.axes() != 4 || shape[2] * shape[3] == 1) continue;
    // Of layers that work value by value (batch norm, activation, dropout) the last one tells enough.
    if (i + 1 < activities.size() && activities[i + 1].second.shape() == shape) continue;
    Tensor<double> maps = to_tensor<double>(values.view());
    maps.resize(shape.tail());
    context.add(Picture{"maps-" + name, "The first test image after " + name,
                        (shape[1] > most_maps ? "The first " + std::to_string(most_maps) + " of " : "The ") +
                            with_commas(shape[1]) + " feature maps, " + std::to_string(shape[2]) + " × " +
                            std::to_string(shape[3]) +
                            " each, dark for the smallest value of the layer, yellow for the largest.",
                        drawn(std::as_const(maps).view()), false});
  }
}

}  // namespace neurarium
