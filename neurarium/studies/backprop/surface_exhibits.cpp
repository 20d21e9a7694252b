#include "neurarium/studies/backprop/surface_exhibits.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "neurarium/core/digits.hpp"

namespace neurarium {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The names of the lines in their colours, on a dark ground in the upper right corner.
void add_names(Array& picture, const std::vector<Walk>& walks) {
  constexpr std::size_t line = 20;
  std::size_t widest = 0;
  for (const Walk& walk : walks) widest = std::max(widest, text_width(walk.name, 2));
  const double right = static_cast<double>(picture.shape()[1]) - 8,
               height = static_cast<double>(line * walks.size() + 8);
  const std::vector<Segment> ground = {
      {{right - static_cast<double>(widest) - 8, 8 + height / 2}, {right, 8 + height / 2}}};
  draw_segments(picture, ground, {0, 0, 0}, height, 0.7);
  for (std::size_t k = 0; k < walks.size(); ++k)
    draw_text(picture, picture.shape()[1] - 12 - widest, 14 + line * k, lower(walks[k].name), walks[k].colour, 2);
}

}  // namespace

std::vector<std::size_t> thinned(std::size_t count, std::size_t some) {
  const std::size_t stride = std::max<std::size_t>(1, count / some);
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < count; i += stride) shown.push_back(i);
  if (count > 0 && shown.back() + 1 != count) shown.push_back(count - 1);
  return shown;
}

std::string css(Colour c) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", c.red, c.green, c.blue);
  return text;
}

void add_surface(RunContext& context, const SurfaceCaption& words, const Surface& s, std::vector<Walk> walks,
                 const std::function<double(const Point&)>& error_at) {
  // A picture for everybody, then the same as charts to turn and zoom.
  constexpr std::size_t size = 480;
  const double first = s.axis.front(), last = s.axis.back();
  bool left = false;
  for (Walk& walk : walks) {  // as far as the picture goes
    const auto outside = std::ranges::find_if(walk.points, [&](const Point& point) {
      return !(point.x >= first && point.x <= last && point.y >= first && point.y <= last);
    });
    if (outside == walk.points.end() || outside == walk.points.begin()) continue;
    walk.points.erase(outside, walk.points.end());
    left = true;
  }
  Array picture = height_map(s.error, size, size, s.low, s.high, ColourMap::viridis);
  draw_iso_lines(picture, s.error, even_levels(s.low, s.high, 12), {255, 255, 255}, 1, 0.55);
  const Frame frame{first, last, first, last, size, size};
  // The walks may share a valley: the last one is drawn first and broadest, so that each one below is seen.
  for (std::size_t k = walks.size(); k-- > 0;) {
    std::vector<Point> pixels;
    for (const Point& point : walks[k].points) pixels.push_back(frame.pixel(point.x, point.y));
    const double width = 3 + 4 * static_cast<double>(k);
    draw_polyline(picture, pixels, {0, 0, 0}, width + 1.5);
    draw_polyline(picture, pixels, walks[k].colour, width);
    draw_disc(picture, pixels.back(), width / 2 + 4, walks[k].colour);
    draw_disc(picture, pixels.back(), width / 2 + 2, {0, 0, 0});
  }
  const Point start = frame.pixel(walks.front().points.front().x, walks.front().points.front().y);
  draw_disc(picture, start, 6, {0, 0, 0});
  draw_disc(picture, start, 4, {255, 255, 255});
  if (walks.size() > 1) add_names(picture, walks);
  const std::string axes = words.first + " to the right, " + words.second + " upwards, both from " +
                           short_digits(first) + " to " + short_digits(last) + "; from dark (" + short_digits(s.low) +
                           ") to bright (" + short_digits(s.high) + ")." +
                           (left ? " A line that ends at the edge goes on outside." : "");
  context.add(Picture{words.name, words.title, words.caption + " " + axes, std::move(picture), true});

  Trace grid;
  grid.x = grid.y = s.axis;
  grid.grid = s.error;
  grid.name = "error";
  std::vector<Trace> lines;
  std::ranges::reverse(walks);  // the first on top
  for (const Walk& walk : walks) {
    Trace& line = lines.emplace_back();
    line.name = walk.name;
    line.colour = css(walk.colour);
    for (const std::size_t i : thinned(walk.points.size(), 300))
      line.x.push_back(walk.points[i].x), line.y.push_back(walk.points[i].y);
  }
  Chart flat{words.name + "-contours",
             words.title + ": contours",
             words.caption,
             words.first,
             words.second,
             words.error,
             {},
             false,
             true};
  grid.kind = Trace::Kind::contour;
  flat.traces = {grid};
  flat.traces.insert(flat.traces.end(), lines.begin(), lines.end());
  context.add(std::move(flat));
  Chart solid{words.name + "-3d",
              words.title + ": in three dimensions",
              words.caption,
              words.first,
              words.second,
              words.error,
              {},
              false,
              false};
  grid.kind = Trace::Kind::surface;
  solid.traces = {grid};
  for (Trace& line : lines) {
    for (std::size_t i = 0; i < line.x.size(); ++i) line.z.push_back(error_at({line.x[i], line.y[i]}));
    solid.traces.push_back(std::move(line));
  }
  context.add(std::move(solid));
}

}  // namespace neurarium
