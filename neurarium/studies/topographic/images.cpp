#include "neurarium/studies/topographic/images.hpp"

#include <algorithm>

#include "neurarium/nn/raster.hpp"

namespace neurarium {

Array centre_crop(const Array& images, std::size_t crop, ImageShape& shape) {
  const Shape& s = images.shape();
  if (s.axes() < 3) {
    if (crop > 0)
      throw ShapeError("data.crop", "images [n, height, width] or [n, height, width, 3]", to_string(s),
                       "set data.crop=0");
    shape = {1, s.tail().elements(), 1};
    Array flat = images;
    flat.reshape({s[0], s.tail().elements()});
    return flat;
  }
  const std::size_t channels = s.axes() == 4 ? s[3] : 1;
  if (channels != 1 && channels != 3) throw ShapeError("images", "1 or 3 channels", to_string(s));
  if (crop > s[1] || crop > s[2])
    throw ShapeError("data.crop", "at most " + std::to_string(std::min(s[1], s[2])), std::to_string(crop));
  shape = {crop > 0 ? crop : s[1], crop > 0 ? crop : s[2], channels};
  const std::size_t top = crop > 0 ? s[1] / 2 - crop / 2 : 0, left = crop > 0 ? s[2] / 2 - crop / 2 : 0;
  Array out(images.dtype(), {s[0], shape.numbers()});
  const std::size_t item = item_size(images.dtype()), line = shape.width * channels * item;
  std::byte* to = out.view().data();
  for (std::size_t n = 0; n < s[0]; ++n)
    for (std::size_t y = 0; y < shape.height; ++y, to += line)
      std::memcpy(to, images.view().data() + (((n * s[1] + top + y) * s[2] + left) * channels) * item, line);
  return out;
}

Array image_of(View<const double> flat, const ImageShape& shape) {
  Array numbers{ArrayView(flat)};
  if (shape.channels == 3) {
    numbers.reshape({shape.height, shape.width, 3});
    return to_bytes(numbers, 0, 1);
  }
  numbers.reshape({shape.height, shape.width});
  for (double& x : numbers.as<double>().flat()) x = 1 - x;
  return apply_colormap(numbers, 0, 1, ColourMap::greys);
}

Array tapestry(ArrayView weights, const ImageShape& shape, std::size_t rows, std::size_t columns,
               bool each_to_its_maximum) {
  Tensor<double> w = to_tensor<double>(weights);
  const std::size_t units = w.shape()[0];
  if (each_to_its_maximum)
    for (std::size_t n = 0; n < units; ++n) {
      const auto row = w.view()[n].flat();
      const double largest = std::ranges::max(row);
      if (largest > 0)
        for (double& x : row) x /= largest;
    }
  Array tiles(DType::u8, {units, shape.height, shape.width, 3});
  for (std::size_t n = 0; n < units; ++n) {
    const Array tile = image_of(std::as_const(w).view()[n], shape);
    std::memcpy(tiles.view().rows(n, 1).data(), tile.view().data(), tile.view().bytes());
  }
  return mosaic(tiles, rows, columns, 1, {128, 128, 128});
}

Array triptych(View<const double> input, View<const double> activity, View<const double> reconstruction,
               const ImageShape& shape, std::size_t rows, std::size_t columns) {
  constexpr std::size_t side = 120;  // pixels, about
  const auto [low, high] = std::ranges::minmax(activity.flat());
  Array map{ArrayView(activity)};
  map.reshape({rows, columns});
  const Array parts[] = {
      enlarge(image_of(input, shape), std::max<std::size_t>(1, side / shape.height)),
      enlarge(apply_colormap(map, low, high, shape.channels == 3 ? ColourMap::viridis : ColourMap::greys),
              std::max<std::size_t>(1, side / rows)),
      enlarge(image_of(reconstruction, shape), std::max<std::size_t>(1, side / shape.height)),
  };
  return beside(parts, 8, {128, 128, 128});
}

}  // namespace neurarium
