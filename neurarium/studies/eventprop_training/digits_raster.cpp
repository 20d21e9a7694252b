// The picture of eventprop-digits: a word as the network hears it, and what its hidden units say to it.
#include <algorithm>
#include <cmath>

#include "neurarium/nn/classes.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"

namespace neurarium {
namespace {

constexpr std::size_t width = 920, panel_height = 300, margin_left = 58, line = 30;
constexpr Colour heard_colour{48, 48, 48}, said_colour{196, 71, 47}, rule{205, 205, 205};

/// Spikes of some rows.
struct Panel {
  std::string title;
  std::size_t rows = 0;
  std::vector<double> times, row;  ///< s; 0 … rows − 1, from the bottom
  Colour colour;
};

void draw_panel(Array& image, std::size_t top, const Panel& panel, double seconds) {
  draw_text(image, margin_left, top + 4, panel.title, ink, 2);
  const std::size_t above = top + line;
  const Frame frame{0, seconds, 0, static_cast<double>(panel.rows), width - margin_left - 10, panel_height};
  for (double ms = 0; ms <= 1000 * seconds; ms += 100) {
    const auto x = margin_left + static_cast<std::size_t>(frame.pixel(ms / 1000, 0).x);
    fill_rectangle(image, x, above, 1, panel_height, rule);
    const std::string text = std::to_string(static_cast<int>(ms));
    draw_text(image, std::min(x, width - text_width(text, 2)), above + panel_height + 4, text, ink, 2);
  }
  draw_text(image, 2, above, std::to_string(panel.rows - 1), ink, 2);
  draw_text(image, 2, above + panel_height - 2 * letter_height, "0", ink, 2);
  const auto tall = std::clamp<std::size_t>(panel_height / panel.rows, 2, 8);
  for (std::size_t k = 0; k < panel.times.size(); ++k) {
    const Point at = frame.pixel(panel.times[k], panel.row[k] + 1);
    fill_rectangle(image, margin_left + static_cast<std::size_t>(at.x), above + static_cast<std::size_t>(at.y), 2, tall,
                   panel.colour);
  }
}

/// Units that fire, by the mean time of their spikes; the earliest is at the top.
Panel said_panel(const LayerRaster& layer) {
  std::vector<double> sum(layer.units, 0), count(layer.units, 0);
  for (std::size_t k = 0; k < layer.times.size(); ++k) {
    const auto unit = static_cast<std::size_t>(layer.fired[k]);
    sum[unit] += layer.times[k], count[unit] += 1;
  }
  std::vector<std::size_t> order;
  for (std::size_t unit = 0; unit < layer.units; ++unit)
    if (count[unit] > 0) order.push_back(unit);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t unit) { return sum[unit] / count[unit]; });
  std::vector<double> place(layer.units, 0);
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<double>(i);
  Panel panel{std::to_string(order.size()) + " of " + std::to_string(layer.units) +
                  " hidden units fire (earliest on top), " + std::to_string(layer.times.size()) + " spikes",
              std::max<std::size_t>(1, order.size()),
              layer.times,
              {},
              said_colour};
  for (const double unit : layer.fired) panel.row.push_back(place[static_cast<std::size_t>(unit)]);
  return panel;
}

/// The first test sample that is understood, or else the first of all.
std::size_t shown_sample(const DigitsTest& test, ArrayView labels) {
  const Tensor<double> scores = to_tensor<double>(test.scores.view());
  const auto truth = labels.as<std::int64_t>().flat();
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (strongest(scores.view()[i].flat()) == static_cast<std::size_t>(truth[i])) return i;
  return 0;
}

}  // namespace

Picture digits_picture(const DigitsOutcome& outcome, const DigitsTest& test, const DigitsData& data,
                       const Registry& registry) {
  const std::size_t shown = shown_sample(test, data.test.y.view());
  const SpikesView sample = SpikesView(*data.test.spikes).part(shown, 1);
  std::vector<Panel> panels{{"", sample.units(), {}, {}, heard_colour}};
  for (std::size_t step = 0; step < sample.steps(); ++step)
    for (const StepSpikes::Unit unit : sample.at(0, step))
      panels[0].times.push_back(static_cast<double>(step) * data.dt), panels[0].row.push_back(unit);
  panels[0].title = std::to_string(sample.units()) + " channels (low to high) hear " +
                    std::to_string(panels[0].times.size()) + " spikes";
  for (const LayerRaster& layer : hidden_raster(outcome.network, registry, sample)) panels.push_back(said_panel(layer));
  double seconds = data.dt;
  for (const Panel& panel : panels)
    for (const double t : panel.times) seconds = std::max(seconds, t + 5e-3);
  Array image = blank_image(panels.size() * (panel_height + 2 * line) + line, width, paper);
  for (std::size_t p = 0; p < panels.size(); ++p) draw_panel(image, p * (panel_height + 2 * line), panels[p], seconds);
  draw_text(image, width - 10 - text_width("time, ms", 2), panels.size() * (panel_height + 2 * line) + 2, "time, ms",
            ink, 2);
  const auto label = static_cast<std::size_t>(std::as_const(data.test.y).as<std::int64_t>()(shown));
  const std::string word =
      label < data.classes.size() ? "\u201c" + data.classes[label] + "\u201d" : "class " + std::to_string(label);
  return {
      "raster", "A word heard, and what the hidden units say: " + word,
      "The first test sample that is understood, as it is, without what training does to samples. Above: spikes of the "
      "channels, by number, low tones at the bottom. Below: spikes of the hidden units that fire, ordered by the mean "
      "time of "
      "their spikes, the earliest at the top. Time from left to right, in milliseconds.",
      std::move(image), false};
}

}  // namespace neurarium
