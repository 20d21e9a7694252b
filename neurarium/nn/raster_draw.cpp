#include <algorithm>
#include <cmath>

#include "neurarium/nn/raster.hpp"

namespace neurarium {
namespace {

View<std::uint8_t> canvas_of(Array& image, const char* where) {
  const Shape& shape = image.shape();
  if (image.dtype() != DType::u8 || shape.axes() != 3 || shape[2] != 3)
    throw ShapeError(where, "uint8 [height, width, 3]", std::string(name_of(image.dtype())) + " " + to_string(shape));
  return image.as<std::uint8_t>();
}

bool finite(Point p) noexcept { return std::isfinite(p.x) && std::isfinite(p.y); }

/// Distance from p to the segment. sqrt is exact to the last bit everywhere, hypot is not.
double distance(Point p, const Segment& s) noexcept {
  const double dx = s.to.x - s.from.x, dy = s.to.y - s.from.y;
  const double length2 = dx * dx + dy * dy;
  const double along =
      length2 > 0 ? std::clamp(((p.x - s.from.x) * dx + (p.y - s.from.y) * dy) / length2, 0.0, 1.0) : 0.0;
  const double ex = p.x - s.from.x - along * dx, ey = p.y - s.from.y - along * dy;
  return std::sqrt(ex * ex + ey * ey);
}

/// The pixels [top, bottom) × [left, right).
struct Box {
  std::size_t top, bottom, left, right;
};

/// Where centres may lie within `reach` of the segment.
Box box_around(const Segment& s, double reach, const Shape& image) noexcept {
  const auto range = [reach](double a, double b, std::size_t extent) {
    const double end = static_cast<double>(extent);
    return std::pair(static_cast<std::size_t>(std::clamp(std::floor(std::min(a, b) - reach), 0.0, end)),
                     static_cast<std::size_t>(std::clamp(std::ceil(std::max(a, b) + reach), 0.0, end)));
  };
  const auto [top, bottom] = range(s.from.y, s.to.y, image[0]);
  const auto [left, right] = range(s.from.x, s.to.x, image[1]);
  return {top, bottom, left, right};
}

void blend(View<std::uint8_t> image, std::size_t i, std::size_t j, Colour colour, double share) noexcept {
  std::uint8_t* p = image.data() + 3 * (i * image.shape()[1] + j);
  const std::uint8_t target[3] = {colour.red, colour.green, colour.blue};
  for (int c = 0; c < 3; ++c)
    p[c] = static_cast<std::uint8_t>(static_cast<double>(p[c]) + share * (static_cast<double>(target[c]) - p[c]) + 0.5);
}

/// Heights between the nodes: row and column may be fractions.
double bilinear(View<const double> grid, double row, double column) noexcept {
  const auto base = [](double at, std::size_t extent) {
    return extent < 2 ? std::size_t{0} : std::min(static_cast<std::size_t>(at), extent - 2);
  };
  const std::size_t rows = grid.shape()[0], columns = grid.shape()[1];
  const std::size_t i = base(row, rows), j = base(column, columns);
  const std::size_t i1 = std::min(i + 1, rows - 1), j1 = std::min(j + 1, columns - 1);
  const double u = row - static_cast<double>(i), v = column - static_cast<double>(j);
  return (1 - u) * ((1 - v) * grid(i, j) + v * grid(i, j1)) + u * ((1 - v) * grid(i1, j) + v * grid(i1, j1));
}

}  // namespace

void draw_segments(Array& image, std::span<const Segment> segments, Colour colour, double width, double opacity) {
  const auto canvas = canvas_of(image, "draw_segments");
  const double reach = width / 2 + 0.5;
  // Coverage is kept only for the box around all segments: a disc must not cost a pass over the image.
  std::vector<std::pair<Segment, Box>> visible;
  Box all{canvas.shape()[0], 0, canvas.shape()[1], 0};
  for (const Segment& segment : segments) {
    if (!finite(segment.from) || !finite(segment.to)) continue;
    const Box box = box_around(segment, reach, canvas.shape());
    if (box.top >= box.bottom || box.left >= box.right) continue;
    all = {std::min(all.top, box.top), std::max(all.bottom, box.bottom), std::min(all.left, box.left),
           std::max(all.right, box.right)};
    visible.emplace_back(segment, box);
  }
  if (visible.empty()) return;
  Tensor<double> coverage(Shape{all.bottom - all.top, all.right - all.left});
  for (const auto& [segment, box] : visible)
    for (std::size_t i = box.top; i < box.bottom; ++i)
      for (std::size_t j = box.left; j < box.right; ++j) {
        const Point centre{static_cast<double>(j) + 0.5, static_cast<double>(i) + 0.5};
        double& share = coverage(i - all.top, j - all.left);
        share = std::max(share, std::min(reach - distance(centre, segment), 1.0));
      }
  for (std::size_t i = all.top; i < all.bottom; ++i)
    for (std::size_t j = all.left; j < all.right; ++j)
      if (const double share = coverage(i - all.top, j - all.left); share > 0)
        blend(canvas, i, j, colour, share * opacity);
}

void draw_polyline(Array& image, std::span<const Point> points, Colour colour, double width, double opacity) {
  std::vector<Segment> segments;
  for (std::size_t k = 1; k < points.size(); ++k) segments.push_back({points[k - 1], points[k]});
  draw_segments(image, segments, colour, width, opacity);
}

void draw_disc(Array& image, Point centre, double radius, Colour colour, double opacity) {
  const Segment dot{centre, centre};
  draw_segments(image, {&dot, 1}, colour, 2 * radius, opacity);
}

std::vector<Segment> iso_lines(ArrayView grid, double level) {
  if (grid.shape().axes() != 2) throw ShapeError("iso_lines", "[rows, columns]", to_string(grid.shape()));
  const Tensor<double> heights = to_tensor<double>(grid);
  std::vector<Segment> lines;
  for (std::size_t i = 0; i + 1 < heights.shape()[0]; ++i)
    for (std::size_t j = 0; j + 1 < heights.shape()[1]; ++j) {
      // Corners in the order (i, j), (i, j+1), (i+1, j+1), (i+1, j); edge k runs from corner k to corner k + 1.
      const double z[4] = {heights(i, j), heights(i, j + 1), heights(i + 1, j + 1), heights(i + 1, j)};
      if (!std::isfinite(z[0]) || !std::isfinite(z[1]) || !std::isfinite(z[2]) || !std::isfinite(z[3])) continue;
      const double x = static_cast<double>(j), y = static_cast<double>(i);
      const Point corners[4] = {{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}};
      Point crossings[4];
      int found = 0;
      for (int k = 0; k < 4; ++k) {
        const double a = z[k], b = z[(k + 1) % 4];
        if ((a >= level) == (b >= level)) continue;
        const double share = (level - a) / (b - a);
        const Point from = corners[k], to = corners[(k + 1) % 4];
        crossings[found++] = {from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)};
      }
      if (found == 2) lines.push_back({crossings[0], crossings[1]});
      if (found == 4) {
        // A saddle: the line goes round the corners that differ from the cell's middle.
        const bool high_middle = (z[0] + z[1] + z[2] + z[3]) / 4 >= level;
        if ((z[0] >= level) != high_middle) {
          lines.push_back({crossings[3], crossings[0]});
          lines.push_back({crossings[1], crossings[2]});
        } else {
          lines.push_back({crossings[0], crossings[1]});
          lines.push_back({crossings[2], crossings[3]});
        }
      }
    }
  return lines;
}

void fill_rectangle(Array& image, std::size_t x, std::size_t y, std::size_t width, std::size_t height, Colour colour) {
  const auto pixels = canvas_of(image, "fill_rectangle");
  const Shape& shape = image.shape();
  const std::size_t top = std::min(y, shape[0]), bottom = top + std::min(height, shape[0] - top);
  const std::size_t left = std::min(x, shape[1]), right = left + std::min(width, shape[1] - left);
  for (std::size_t i = top; i < bottom; ++i)
    for (std::size_t j = left; j < right; ++j)
      pixels(i, j, 0) = colour.red, pixels(i, j, 1) = colour.green, pixels(i, j, 2) = colour.blue;
}

std::vector<double> even_levels(double low, double high, std::size_t count) {
  std::vector<double> levels;
  for (std::size_t k = 1; k <= count; ++k)
    levels.push_back(low + (high - low) * static_cast<double>(k) / static_cast<double>(count + 1));
  return levels;
}

Array height_map(ArrayView grid, std::size_t height, std::size_t width, double low, double high, ColourMap map) {
  if (grid.shape().axes() != 2 || grid.empty())
    throw ShapeError("height_map", "[rows, columns], not empty", to_string(grid.shape()));
  const Tensor<double> heights = to_tensor<double>(grid);
  const double last_row = static_cast<double>(heights.shape()[0] - 1),
               last_column = static_cast<double>(heights.shape()[1] - 1);
  Tensor<double> values(Shape{height, width});
  for (std::size_t i = 0; i < height; ++i)
    for (std::size_t j = 0; j < width; ++j)
      values(i, j) =
          bilinear(heights.view(), (1 - (static_cast<double>(i) + 0.5) / static_cast<double>(height)) * last_row,
                   (static_cast<double>(j) + 0.5) / static_cast<double>(width) * last_column);
  return apply_colormap(ArrayView(std::as_const(values).view()), low, high, map);
}

void draw_iso_lines(Array& image, ArrayView grid, std::span<const double> levels, Colour colour, double width,
                    double opacity) {
  const Shape canvas = canvas_of(image, "draw_iso_lines").shape();
  std::vector<Segment> all;
  for (double level : levels) {
    const auto lines = iso_lines(grid, level);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  if (all.empty()) return;
  const Frame frame{
      0, static_cast<double>(grid.shape()[1] - 1), 0, static_cast<double>(grid.shape()[0] - 1), canvas[1], canvas[0]};
  for (Segment& s : all) s = {frame.pixel(s.from.x, s.from.y), frame.pixel(s.to.x, s.to.y)};
  draw_segments(image, all, colour, width, opacity);
}

}  // namespace neurarium
