// Pictures of a data set as tiles, and sheets of tiles with words above each.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// Throws a DataError naming `dataset` unless one sample is a picture: [height, width], [height, width, 1 or 3].
void require_pictures(const Shape& sample, const std::string& dataset);

/// Samples [n, height, width(, 1 or 3)] as bytes [n, height, width(, 3)]. Bytes stay; other numbers are spread from their
/// smallest to their largest.
Array picture_bytes(ArrayView x, const std::string& dataset);

/// Tiles [n, height, width(, 3)] in rows of `columns`, each enlarged by `factor` and below its two lines of words, whose
/// letters are `scale` times as large as usual. Tiles are as far apart as the longest line needs.
Array titled_sheet(ArrayView tiles, const std::vector<std::array<std::string, 2>>& titles, std::size_t columns,
                   std::size_t factor, std::size_t scale);

/// Letters with narrow spaces: what titled_sheet() draws, and how wide it is.
void draw_tight_text(Array& image, std::size_t x, std::size_t y, const std::string& text, std::size_t scale);
std::size_t tight_text_width(const std::string& text, std::size_t scale);

}  // namespace neurarium
