#include "neurarium/nn/raster.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

/// An image as bytes with three channels, whatever came in.
struct Rgb {
  std::size_t height, width;
  bool grey;
  const std::uint8_t* data;
  Colour at(std::size_t i, std::size_t j) const noexcept {
    if (grey) {
      const std::uint8_t value = data[i * width + j];
      return {value, value, value};
    }
    const std::uint8_t* p = data + 3 * (i * width + j);
    return {p[0], p[1], p[2]};
  }
};

Rgb as_rgb(ArrayView image, const char* where) {
  const Shape& shape = image.shape();
  const bool grey = shape.axes() == 2;
  if (image.dtype() != DType::u8 || !(grey || (shape.axes() == 3 && shape[2] == 3)))
    throw ShapeError(where, "uint8 [height, width] or [height, width, 3]",
                     std::string(name_of(image.dtype())) + " " + to_string(shape),
                     "to_bytes() turns numbers into bytes, apply_colormap() into colours");
  return {shape[0], shape[1], grey, image.as<std::uint8_t>().data()};
}

void put(View<std::uint8_t> image, std::size_t i, std::size_t j, Colour colour) noexcept {
  std::uint8_t* p = image.data() + 3 * (i * image.shape()[1] + j);
  p[0] = colour.red, p[1] = colour.green, p[2] = colour.blue;
}

void paste(Array& canvas, const Rgb& image, std::size_t top, std::size_t left) {
  const auto out = canvas.as<std::uint8_t>();
  for (std::size_t i = 0; i < image.height; ++i)
    for (std::size_t j = 0; j < image.width; ++j) put(out, top + i, left + j, image.at(i, j));
}

}  // namespace

Array apply_colormap(ArrayView values, double low, double high, ColourMap map) {
  if (values.shape().axes() != 2) throw ShapeError("apply_colormap", "[height, width]", to_string(values.shape()));
  const Tensor<double> numbers = to_tensor<double>(values);
  Array image(DType::u8, {values.shape()[0], values.shape()[1], 3});
  const auto out = image.as<std::uint8_t>();
  const std::size_t width = values.shape()[1];
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const double value = numbers.flat()[k];
    const double share = std::isnan(value) ? value : low == high ? 0.5 : (value - low) / (high - low);
    put(out, k / width, k % width, colour_at(map, share));
  }
  return image;
}

Array to_bytes(ArrayView values, double low, double high) {
  const Tensor<double> numbers = to_tensor<double>(values);
  Array bytes(DType::u8, values.shape());
  const auto out = bytes.as<std::uint8_t>().flat();
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const double share = (numbers.flat()[k] - low) / (high - low);
    out[k] = share > 0 ? static_cast<std::uint8_t>(std::min(share, 1.0) * 255 + 0.5) : std::uint8_t{0};
  }
  return bytes;
}

Array blank_image(std::size_t height, std::size_t width, Colour colour) {
  Array image(DType::u8, {height, width, 3});
  const auto out = image.as<std::uint8_t>();
  for (std::size_t i = 0; i < height; ++i)
    for (std::size_t j = 0; j < width; ++j) put(out, i, j, colour);
  return image;
}

Array mosaic(ArrayView tiles, std::size_t rows, std::size_t columns, std::size_t gap, Colour gap_colour) {
  const Shape& shape = tiles.shape();
  if (shape.axes() < 3)
    throw ShapeError("mosaic", "tiles [n, height, width] or [n, height, width, 3]", to_string(shape));
  const std::size_t count = shape[0], height = shape[1], width = shape[2];
  if (count > rows * columns)
    throw ShapeError("mosaic", "at most " + std::to_string(rows * columns) + " tiles", std::to_string(count) + " tiles",
                     "raise rows or columns");
  const auto extent = [gap](std::size_t n, std::size_t size) { return n == 0 ? 0 : n * size + (n - 1) * gap; };
  Array image = blank_image(extent(rows, height), extent(columns, width), gap_colour);
  for (std::size_t k = 0; k < count; ++k) {
    const ArrayView tile(tiles.dtype(), shape.tail(),
                         tiles.data() + k * shape.tail().elements() * item_size(tiles.dtype()));
    paste(image, as_rgb(tile, "mosaic"), k / columns * (height + gap), k % columns * (width + gap));
  }
  return image;
}

Array enlarge(ArrayView image, std::size_t factor) {
  if (factor == 0) throw ShapeError("enlarge", "a factor of at least 1", "0");
  const Rgb in = as_rgb(image, "enlarge");
  Array out(DType::u8, {in.height * factor, in.width * factor, 3});
  const auto pixels = out.as<std::uint8_t>();
  for (std::size_t i = 0; i < in.height * factor; ++i)
    for (std::size_t j = 0; j < in.width * factor; ++j) put(pixels, i, j, in.at(i / factor, j / factor));
  return out;
}

Array halve(ArrayView image) {
  const Rgb in = as_rgb(image, "halve");
  Array out(DType::u8, {in.height / 2, in.width / 2, 3});
  const auto pixels = out.as<std::uint8_t>();
  for (std::size_t i = 0; i < in.height / 2; ++i)
    for (std::size_t j = 0; j < in.width / 2; ++j) {
      const Colour a = in.at(2 * i, 2 * j), b = in.at(2 * i, 2 * j + 1), c = in.at(2 * i + 1, 2 * j),
                   d = in.at(2 * i + 1, 2 * j + 1);
      const auto mean = [&](std::uint8_t Colour::*channel) {
        return static_cast<std::uint8_t>((a.*channel + b.*channel + c.*channel + d.*channel + 2) / 4);
      };
      put(pixels, i, j, {mean(&Colour::red), mean(&Colour::green), mean(&Colour::blue)});
    }
  return out;
}

Array beside(std::span<const Array> images, std::size_t gap, Colour colour) {
  std::size_t height = 0, width = 0;
  for (const Array& image : images) {
    const Rgb in = as_rgb(image, "beside");
    height = std::max(height, in.height);
    width += in.width + (width ? gap : 0);
  }
  Array out = blank_image(height, width, colour);
  std::size_t left = 0;
  for (const Array& image : images) {
    const Rgb in = as_rgb(image, "beside");
    paste(out, in, 0, left);
    left += in.width + gap;
  }
  return out;
}

Array stack(std::span<const Array> images, std::size_t gap, Colour colour) {
  std::size_t height = 0, width = 0;
  for (const Array& image : images) {
    const Rgb in = as_rgb(image, "stack");
    width = std::max(width, in.width);
    height += in.height + (height ? gap : 0);
  }
  Array out = blank_image(height, width, colour);
  std::size_t top = 0;
  for (const Array& image : images) {
    const Rgb in = as_rgb(image, "stack");
    paste(out, in, top, 0);
    top += in.height + gap;
  }
  return out;
}

}  // namespace neurarium
