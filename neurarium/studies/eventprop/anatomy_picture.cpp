#include <algorithm>
#include <cmath>

#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/eventprop/anatomy_exhibits.hpp"

namespace neurarium::anatomy {

Picture anatomy_picture(const AnatomyFindings& found) {
  constexpr std::size_t width = 480, height = 300, head = 34;
  const AnatomyParams& p = found.params;
  const double reach = 5 * std::max(p.tau_m, p.tau_s), end = p.total_ms - 10 * std::max(p.tau_m, p.tau_s);
  const std::size_t n = found.driven.exact.size();
  // From the left to the right as time goes, unlike the charts.
  std::vector<double> t, euler, exact;
  for (std::size_t step = 0; step < n; ++step) {
    const double at = static_cast<double>(step) * p.dt;
    if (at < p.spike_times.front() - reach || at > std::min(p.spike_times.back() + reach, end)) continue;
    t.push_back(at), euler.push_back(found.driven.euler.difference(n - 1 - step));
    exact.push_back(found.driven.exact[n - 1 - step].difference());
  }
  Array image = blank_image(height, width, paper);
  const Colour red{193, 60, 50}, blue{40, 95, 160}, guide{150, 150, 150};
  if (t.size() > 1) {
    double low = 0, high = 0;
    for (const auto& curve : {euler, exact})
      for (const double x : curve) low = std::min(low, x), high = std::max(high, x);
    const double margin = 0.06 * (high - low) + 1e-300;
    const Frame frame{t.front(), t.back(), low - margin, high + margin, width, height - head};
    const auto place = [&](double x, double y) {
      const Point at = frame.pixel(x, y);
      return Point{at.x, at.y + head};
    };
    const std::vector<Segment> zero = {{place(t.front(), 0), place(t.back(), 0)}};
    draw_segments(image, zero, guide, 1);
    std::vector<Segment> spikes;
    for (const double spike : p.spike_times)
      for (double y = head; y < height; y += 9)
        spikes.push_back({{frame.pixel(spike, 0).x, y}, {frame.pixel(spike, 0).x, y + 5}});
    draw_segments(image, spikes, guide, 1.2);
    const auto draw = [&](const std::vector<double>& curve, Colour colour) {
      std::vector<Point> points;
      for (std::size_t k = 0; k < t.size(); ++k) points.push_back(place(t[k], curve[k]));
      draw_polyline(image, points, colour, 2.5);
    };
    draw(euler, red), draw(exact, blue);
  }
  draw_text(image, 10, 8, "grid (Euler)", red, 2);
  draw_text(image, 190, 8, "exact", blue, 2);
  draw_text(image, 290, 8, "- - spikes", guide, 2);
  return {
      "lambda-at-spikes", "What two spikes hear from the loss",
      "λ_V − λ_I of the correct output over time, around the hidden unit's spikes (dashed): on the notebook's grid, in "
      "red, and exact, in blue. The grid's curve comes too early: the last spike reads a "
      "number of the wrong sign.",
      std::move(image), true};
}

}  // namespace neurarium::anatomy
