#include "neurarium/nn/image_tiles.hpp"

#include <algorithm>
#include <string_view>

#include "neurarium/nn/raster.hpp"

namespace neurarium {
namespace {

constexpr std::size_t narrow_space = 3;

/// Calls f(word, x) for each word between spaces; returns where the last one ends.
template <class F>
std::size_t each_word(std::string_view text, std::size_t scale, F&& f) {
  std::size_t x = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    f(text.substr(0, end), x);
    x += text_width(text.substr(0, end), scale);
    if (end == text.size()) break;
    x += narrow_space * scale;
    text.remove_prefix(end + 1);
  }
  return x;
}

}  // namespace

void require_pictures(const Shape& sample, const std::string& dataset) {
  const std::size_t axes = sample.axes();
  if (axes != 2 && !(axes == 3 && (sample[2] == 1 || sample[2] == 3)))
    throw DataError(dataset, "its samples are no pictures: " + to_string(sample),
                    "pictures are [height, width] or [height, width, 3]");
}

Array picture_bytes(ArrayView x, const std::string& dataset) {
  const Shape& shape = x.shape();
  require_pictures(shape.tail(), dataset);
  Array bytes;
  if (x.dtype() == DType::u8) {
    bytes = Array(x);
  } else {
    const Tensor<double> numbers = to_tensor<double>(x);
    const auto [low, high] = std::ranges::minmax(numbers.flat());
    bytes = to_bytes(x, low, high);
  }
  if (shape.axes() == 4 && shape[3] == 1) bytes.reshape({shape[0], shape[1], shape[2]});
  return bytes;
}

std::size_t tight_text_width(const std::string& text, std::size_t scale) {
  return each_word(text, scale, [](std::string_view, std::size_t) {});
}

void draw_tight_text(Array& image, std::size_t x, std::size_t y, const std::string& text, std::size_t scale) {
  each_word(text, scale, [&](std::string_view word, std::size_t at) { draw_text(image, x + at, y, word, ink, scale); });
}

Array titled_sheet(ArrayView tiles, const std::vector<std::array<std::string, 2>>& titles, std::size_t columns,
                   std::size_t factor, std::size_t scale) {
  const std::size_t count = tiles.shape()[0], line = (letter_height + 1) * scale, margin = 3 * scale;
  std::size_t width = tiles.shape()[2] * factor;
  for (const auto& title : titles)
    for (const std::string& words : title) width = std::max(width, tight_text_width(words, scale));
  std::vector<Array> rows;
  for (std::size_t first = 0; first < count; first += columns) {
    std::vector<Array> cells;
    for (std::size_t k = first; k < std::min(count, first + columns); ++k) {
      Array words = blank_image(margin + 2 * line, width, paper);
      draw_tight_text(words, 0, margin, titles[k][0], scale);
      draw_tight_text(words, 0, margin + line, titles[k][1], scale);
      const ArrayView tile = tiles.rows(k, 1);
      const Array parts[] = {std::move(words), enlarge({tile.dtype(), tile.shape().tail(), tile.data()}, factor)};
      cells.push_back(stack(parts, 0, paper));
    }
    rows.push_back(beside(cells, 4 * scale, paper));
  }
  return stack(rows, 4 * scale, paper);
}

}  // namespace neurarium
