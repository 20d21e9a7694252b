// An error surface over two weights, and ways over it, as a picture and as charts to turn and zoom.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

struct Surface {
  std::vector<double> axis;  ///< the values of either weight
  Array error;               ///< [second, first]
  double low = 0, high = 0, mean = 0, first_at_low = 0, second_at_low = 0;
};

/// A way of two weights over the surface.
struct Walk {
  std::string name, figure;  ///< in words, and in names of figures
  Colour colour;
  std::vector<Point> points;
};

/// Which of `count` points a line of about `some` shows: evenly spaced ones from the first on, and always the last.
std::vector<std::size_t> thinned(std::size_t count, std::size_t some);

/// As CSS writes it: "#ff503c".
std::string css(Colour colour);

struct SurfaceCaption {
  std::string name, title, caption;
  std::string first, second, error;  ///< names of the two weights and of the error
};

/// Adds the picture, a contour chart and a chart in three dimensions. There is at least one walk, and each has at least one
/// point. Walks end where they leave the surface; the first is drawn on top. `error_at` is the height of a walk's points.
void add_surface(RunContext& context, const SurfaceCaption& words, const Surface& surface, std::vector<Walk> walks,
                 const std::function<double(const Point&)>& error_at);

}  // namespace neurarium
