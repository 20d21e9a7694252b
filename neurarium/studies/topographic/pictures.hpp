// Pictures of weights and codes, by the rules of the founding notebook: colours clipped to [0, 1]; greys from white (0) to
// black (the largest weight of all), with a colour bar; reconstructions with maximum 1; activity from its smallest to its
// largest value.
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/studies/topographic/grid.hpp"
#include "neurarium/studies/topographic/images.hpp"

namespace neurarium {

/// One flat image as a picture: colours clipped to [0, 1], or greys from 0 (white) to `high` (black).
Array image_of(View<const double> flat, const ImageShape& shape, double high = 1);

/// Weights [N, D] as tiles in their places on the map, as the notebook shows them: colours clipped to [0, 1], greys up to
/// the largest weight. With `each_to_its_maximum` every unit is divided by its largest weight first. `gap` grey pixels
/// between the tiles.
Array tapestry(ArrayView weights, const ImageShape& shape, const Grid& grid, bool each_to_its_maximum,
               std::size_t gap = 1);

/// The tapestry without gaps, small enough for a film: images of the units are halved (means of 2 × 2 weights) until no side
/// of the whole is longer than 240 pixels, each unit is divided by its largest weight, and colours are in 32 steps.
Array small_tapestry(ArrayView weights, const ImageShape& shape, const Grid& grid);

/// Each unit as one square of its colour: the share of red, green and blue in its weights [N, 3], the largest as 1.
Array unit_colours(View<const double> shares, const Grid& grid);

/// Pictures beside one another, each below its words.
Array titled(const std::vector<Array>& pictures, const std::vector<std::string>& words);

/// Frames of one size, each below its words, at most four beside one another.
Array film_strip(const std::vector<Array>& frames, const std::vector<std::string>& words);

/// Input, activity map (from its smallest to its largest value) and reconstruction side by side.
Array triptych(View<const double> input, View<const double> activity, View<const double> reconstruction,
               const ImageShape& shape, const Grid& grid);

/// Numbers of the units in their places, viridis, with a colour bar from the smallest to the largest.
Array unit_map(View<const double> values, const Grid& grid);

/// Greys from `low` (white) to `high` (black) as a bar beside `image`.
Array with_grey_bar(const Array& image, double low, double high);

}  // namespace neurarium
