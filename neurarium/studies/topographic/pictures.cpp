#include "neurarium/studies/topographic/pictures.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {
namespace {

constexpr Colour between{128, 128, 128};

/// White at `low`, black at `high`: matplotlib's "Greys", which the notebook uses.
Array in_ink(Array numbers, double low, double high) {
  for (double& x : numbers.as<double>().flat()) x = -x;
  return apply_colormap(numbers, -high, -low, ColourMap::greys);
}

/// `image`, and beside it a bar from `low` (bottom) to `high` (top) with both numbers.
Array with_bar(const Array& image, double low, double high, const std::function<Array(Array, double, double)>& paint) {
  const std::size_t height = image.shape()[0], width = std::max<std::size_t>(8, height / 24);
  const std::size_t scale = std::clamp<std::size_t>(height / 120, 1, 2);
  Array gradient(DType::f64, {height, width});
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      gradient.as<double>()(y, x) =
          1 - static_cast<double>(y) / static_cast<double>(std::max<std::size_t>(1, height - 1));
  const std::string top = rounded(high, 2), bottom = rounded(low, 2);
  Array words = blank_image(height, std::max(text_width(top, scale), text_width(bottom, scale)), paper);
  draw_text(words, 0, 0, top, ink, scale);
  draw_text(words, 0, height > letter_height * scale ? height - letter_height * scale : 0, bottom, ink, scale);
  const Array parts[] = {image, paint(std::move(gradient), 0, 1), std::move(words)};
  return beside(parts, 4 * scale, paper);
}

Array tiles_of(ArrayView weights, const ImageShape& shape, bool each_to_its_maximum) {
  Tensor<double> w = to_tensor<double>(weights);
  const std::size_t units = w.shape()[0];
  double largest_of_all = 0;
  for (std::size_t n = 0; n < units; ++n) {
    const auto row = w.view()[n].flat();
    const double largest = std::ranges::max(row);
    largest_of_all = std::max(largest_of_all, largest);
    if (each_to_its_maximum && largest > 0)
      for (double& x : row) x /= largest;
  }
  const double high = each_to_its_maximum || shape.in_colour() ? 1 : largest_of_all;
  Array tiles(DType::u8, {units, shape.height, shape.width, 3});
  for (std::size_t n = 0; n < units; ++n) {
    const Array tile = image_of(std::as_const(w).view()[n], shape, high);
    std::memcpy(tiles.view().rows(n, 1).data(), tile.view().data(), tile.view().bytes());
  }
  return tiles;
}

}  // namespace

Array image_of(View<const double> flat, const ImageShape& shape, double high) {
  Array numbers{ArrayView(flat)};
  if (shape.in_colour()) {
    numbers.reshape({shape.height, shape.width, 3});
    return to_bytes(numbers, 0, high);
  }
  numbers.reshape({shape.height, shape.width});
  return in_ink(std::move(numbers), 0, high > 0 ? high : 1);
}

Array tapestry(ArrayView weights, const ImageShape& shape, const Grid& grid, bool each_to_its_maximum,
               std::size_t gap) {
  return mosaic(tiles_of(weights, shape, each_to_its_maximum), grid.rows, grid.columns, gap, between);
}

Array small_tapestry(ArrayView weights, const ImageShape& shape, const Grid& grid) {
  Tensor<double> w = to_tensor<double>(weights);
  ImageShape small = shape;
  while (std::max(grid.rows * small.height, grid.columns * small.width) > 240 && small.height > 1 && small.width > 1) {
    const ImageShape half{small.height / 2, small.width / 2, small.channels};
    Tensor<double> means({grid.units(), half.numbers()});
    const auto from = w.view().reshaped({grid.units(), small.height, small.width, small.channels}),
               to = means.view().reshaped({grid.units(), half.height, half.width, half.channels});
    for (std::size_t n = 0; n < grid.units(); ++n)
      for (std::size_t y = 0; y < half.height; ++y)
        for (std::size_t x = 0; x < half.width; ++x)
          for (std::size_t c = 0; c < half.channels; ++c)
            to(n, y, x, c) = (from(n, 2 * y, 2 * x, c) + from(n, 2 * y, 2 * x + 1, c) + from(n, 2 * y + 1, 2 * x, c) +
                              from(n, 2 * y + 1, 2 * x + 1, c)) /
                             4;
    w = std::move(means);
    small = half;
  }
  Array picture = tapestry(w.view(), small, grid, true, 0);
  while (std::max(picture.shape()[0], picture.shape()[1]) > 240 && std::min(picture.shape()[0], picture.shape()[1]) > 1)
    picture = halve(picture);
  for (std::uint8_t& byte : picture.as<std::uint8_t>().flat())
    byte = static_cast<std::uint8_t>((byte * 31 + 127) / 255 * 255 / 31);
  return picture;
}

Array unit_colours(View<const double> shares, const Grid& grid) {
  Array numbers(DType::f64, {grid.rows, grid.columns, 3});
  for (std::size_t n = 0; n < grid.units(); ++n) {
    const double largest = std::ranges::max(shares[n].flat());
    for (std::size_t c = 0; c < 3; ++c)
      numbers.as<double>().flat()[3 * n + c] = largest > 0 ? shares(n, c) / largest : 0;
  }
  return enlarge(to_bytes(numbers, 0, 1), std::max<std::size_t>(1, 280 / std::max(grid.rows, grid.columns)));
}

Array titled(const std::vector<Array>& pictures, const std::vector<std::string>& words) {
  std::vector<Array> parts;
  for (std::size_t k = 0; k < pictures.size(); ++k) {
    const std::size_t width = pictures[k].shape()[1], scale = text_width(words[k], 2) <= width ? 2 : 1;
    Array title = blank_image(letter_height * scale, std::max(width, text_width(words[k], scale)), paper);
    draw_text(title, 0, 0, words[k], ink, scale);
    const Array lines[] = {std::move(title), pictures[k]};
    parts.push_back(stack(lines, 2, paper));
  }
  return beside(parts, 8, paper);
}

Array film_strip(const std::vector<Array>& frames, const std::vector<std::string>& words) {
  std::vector<Array> lines;
  for (std::size_t first = 0; first < frames.size(); first += 4) {
    std::vector<Array> line;
    std::vector<std::string> line_words;
    for (std::size_t k = first; k < std::min(frames.size(), first + 4); ++k) {
      const Shape& size = frames[k].shape();
      line.push_back(enlarge(frames[k], std::max<std::size_t>(1, 240 / std::max(size[0], size[1]))));
      line_words.push_back(words[k]);
    }
    lines.push_back(titled(line, line_words));
  }
  return stack(lines, 10, paper);
}

Array triptych(View<const double> input, View<const double> activity, View<const double> reconstruction,
               const ImageShape& shape, const Grid& grid) {
  // About 120 pixels; if there is one near, a size that image and map both fill.
  const std::size_t image_side = std::max(shape.height, shape.width), map_side = std::max(grid.rows, grid.columns);
  std::size_t side = 120;
  while (side <= 168 && (side % image_side != 0 || side % map_side != 0)) ++side;
  if (side > 168) side = 120;
  const auto factor = [&](std::size_t height, std::size_t width) {
    return std::max<std::size_t>(1, side / std::max(height, width));
  };
  const auto [low, high] = std::ranges::minmax(activity.flat());
  Array map{ArrayView(activity)};
  map.reshape({grid.rows, grid.columns});
  const Array parts[] = {
      enlarge(image_of(input, shape), factor(shape.height, shape.width)),
      enlarge(shape.in_colour() ? apply_colormap(map, low, high) : in_ink(std::move(map), low, high),
              factor(grid.rows, grid.columns)),
      enlarge(image_of(reconstruction, shape), factor(shape.height, shape.width)),
  };
  return beside(parts, 8, between);
}

Array unit_map(View<const double> values, const Grid& grid) {
  const auto [low, high] = std::ranges::minmax(values.flat());
  Array map{ArrayView(values)};
  map.reshape({grid.rows, grid.columns});
  const std::size_t factor = std::max<std::size_t>(1, 300 / std::max(grid.rows, grid.columns));
  return with_bar(enlarge(apply_colormap(map, low, high), factor), low, high,
                  [](const Array& x, double from, double to) { return apply_colormap(x, from, to); });
}

Array with_grey_bar(const Array& image, double low, double high) { return with_bar(image, low, high, in_ink); }

}  // namespace neurarium
