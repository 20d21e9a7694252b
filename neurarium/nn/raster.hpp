// Raster: helpers with which studies make Pictures. An image is an Array of bytes [height, width, 3]; a grey image
// [height, width] is taken wherever an image is. Everything is deterministic: the same numbers give the same bytes.
//
// Drawing: positions are in pixels, x to the right, y down, (0, 0) is the image's upper left corner, so the centre of
// the pixel in row i and column j is (j + 0.5, i + 0.5). A pixel whose centre lies at distance d from a line of width w
// is covered by clamp(w/2 + 1/2 − d, 0, 1) of the line's colour.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// What captions inside pictures are written on, and in.
inline constexpr Colour paper{255, 255, 255}, ink{40, 40, 40};

// ── Colours ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// viridis, cividis: perceptually uniform, for magnitudes (Smith, van der Walt 2015; Nuñez, Anderton, Renslow 2018).
/// greys: black to white. diverging: blue – near white – red with a lightness (Oklab) that is linear on either side,
/// for signed values: give it low = −high.
enum class ColourMap { viridis, cividis, greys, diverging };

/// Entry min(255, ⌊256·share⌋) of the map; shares are clamped to [0, 1] and NaN is `not_a_number`.
Colour colour_at(ColourMap map, double share) noexcept;
inline constexpr Colour not_a_number{255, 0, 255};

/// Numbers [height, width] as an image: `low` and below is the map's first colour, `high` and above its last.
/// If low = high, everything finite is the map's middle.
Array apply_colormap(ArrayView values, double low, double high, ColourMap map = ColourMap::viridis);

/// Numbers of any shape as bytes of the same shape: low → 0, high → 255, rounded, clamped; NaN → 0.
Array to_bytes(ArrayView values, double low, double high);

// ── Arranging ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// An image of one colour.
Array blank_image(std::size_t height, std::size_t width, Colour colour);
/// Tiles [n, height, width(, 3)] of bytes, row by row, in a grid of rows × columns with `gap` pixels between them.
/// Places beyond the last tile show the gap's colour; more tiles than places are a ShapeError.
Array mosaic(ArrayView tiles, std::size_t rows, std::size_t columns, std::size_t gap = 1,
             Colour gap_colour = {128, 128, 128});
/// Every pixel becomes factor × factor pixels.
Array enlarge(ArrayView image, std::size_t factor);
/// Half the size, each pixel the rounded mean of 2 × 2; an odd last row or column is left out.
Array halve(ArrayView image);
/// Images side by side, upper edges aligned; the rest is `colour`.
Array beside(std::span<const Array> images, std::size_t gap = 4, Colour colour = {255, 255, 255});
/// Images below one another, left edges aligned; the rest is `colour`.
Array stack(std::span<const Array> images, std::size_t gap = 4, Colour colour = {255, 255, 255});

// ── Drawing ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct Point {
  double x = 0, y = 0;
};
struct Segment {
  Point from, to;
};

/// Anti-aliased line through `points`; each pixel is painted once, so joints and crossings do not darken. `opacity` in
/// [0, 1]. Non-finite points interrupt the line; parts outside the image are cut off.
void draw_polyline(Array& image, std::span<const Point> points, Colour colour, double width = 1.5, double opacity = 1);
void draw_segments(Array& image, std::span<const Segment> segments, Colour colour, double width = 1.5,
                   double opacity = 1);
/// Anti-aliased filled disc.
void draw_disc(Array& image, Point centre, double radius, Colour colour, double opacity = 1);

/// Every pixel of rows [y, y + height) and columns [x, x + width) becomes `colour`; parts outside the image are cut off.
void fill_rectangle(Array& image, std::size_t x, std::size_t y, std::size_t width, std::size_t height, Colour colour);

/// Small letters of 5 × 7 pixels (6 × 8 with their space), each pixel `scale` pixels wide: A–Z, a–z, 0–9 and
/// . , - + % = ( ) /. Other characters leave a gap; the upper left corner of the first one is at (x, y). Parts outside the
/// image are cut off.
void draw_text(Array& image, std::size_t x, std::size_t y, std::string_view text, Colour colour, std::size_t scale = 1);
/// A line of draw_text() with the space below it, at scale 1.
inline constexpr std::size_t letter_height = 8;
/// How wide draw_text() draws.
std::size_t text_width(std::string_view text, std::size_t scale = 1) noexcept;

/// The pieces of the line where a grid of heights [rows, columns] crosses `level` (marching squares, linear along the
/// edges; saddles by the mean of the four corners). x counts columns, y counts rows. Cells with a non-finite corner
/// give nothing.
std::vector<Segment> iso_lines(ArrayView grid, double level);
/// `count` levels strictly between low and high, evenly spaced.
std::vector<double> even_levels(double low, double high, std::size_t count);

/// Where data coordinates fall on an image of width × height pixels: x_low at the left edge, x_high at the right edge,
/// y_low at the bottom, y_high at the top.
struct Frame {
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  std::size_t width = 0, height = 0;
  Point pixel(double x, double y) const noexcept {
    return {(x - x_low) / (x_high - x_low) * static_cast<double>(width),
            (y_high - y) / (y_high - y_low) * static_cast<double>(height)};
  }
};

/// A grid of heights [rows, columns] as a coloured map seen from above, bilinear between the nodes: row 0 lies on
/// the bottom edge, the last row on the top edge, column 0 on the left edge, the last column on the right edge.
Array height_map(ArrayView grid, std::size_t height, std::size_t width, double low, double high,
                 ColourMap map = ColourMap::viridis);
/// Iso-lines of the same grid on an image laid out like height_map's.
void draw_iso_lines(Array& image, ArrayView grid, std::span<const double> levels, Colour colour, double width = 1,
                    double opacity = 1);

}  // namespace neurarium
