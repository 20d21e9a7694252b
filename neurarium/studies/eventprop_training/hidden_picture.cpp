#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"

namespace neurarium {
namespace {

constexpr std::size_t width = 790, left = 280, row = 74, panel = 58, top = 34, bottom = 30;

Colour colour_of(const char* css) {  // "#rrggbb"
  const unsigned long rgb = std::strtoul(css + 1, nullptr, 16);
  return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8), static_cast<std::uint8_t>(rgb)};
}

/// Per spike, over the draws; NaN where hardly a spike ever is.
std::vector<double> per_spike(const HiddenFindings& found, std::size_t loss, std::vector<double> LossView::*signal) {
  std::vector<double> sums(HiddenProbe::parts_of_trial, 0), spikes(HiddenProbe::parts_of_trial, 0);
  double all = 0;
  for (const ProbeView& draw : found.draws)
    for (std::size_t p = 0; p < sums.size(); ++p) {
      sums[p] += (draw.losses[loss].*signal)[p], spikes[p] += draw.spikes[p];
      all += draw.spikes[p];
    }
  for (std::size_t p = 0; p < sums.size(); ++p) sums[p] = spikes[p] > 1e-3 * all ? sums[p] / spikes[p] : NAN;
  return sums;
}

}  // namespace

Picture hidden_picture(const HiddenFindings& found) {
  const std::size_t height = top + row * (1 + found.losses()) + bottom;
  Array image = blank_image(height, width, paper);
  const Colour pale{200, 200, 200}, grey{110, 110, 110};
  const double part = static_cast<double>(width - left - 20) / HiddenProbe::parts_of_trial;
  const auto x_of = [&](std::size_t p) { return static_cast<double>(left) + part * static_cast<double>(p); };
  std::vector<double> spikes(HiddenProbe::parts_of_trial, 0);
  for (const ProbeView& draw : found.draws)
    for (std::size_t p = 0; p < spikes.size(); ++p) spikes[p] += draw.spikes[p];
  const double most = std::max(1e-300, *std::ranges::max_element(spikes));
  draw_text(image, left, 8, "line = all of dE/dt", grey, 2);
  draw_text(image, left + 250, 8, "filled = label part", ink, 2);
  const auto bar = [&](std::size_t p, std::size_t base, double share, Colour with) {
    const auto h = static_cast<std::size_t>(std::lround(share * panel));
    const auto from = static_cast<std::size_t>(x_of(p)), to = static_cast<std::size_t>(x_of(p + 1));
    fill_rectangle(image, from, base - h, to - from, h, with);
  };
  for (std::size_t p = 0; p < spikes.size(); ++p) bar(p, top + panel, spikes[p] / most, pale);
  fill_rectangle(image, left, top + panel, width - left - 20, 1, ink);
  draw_text(image, 8, top + panel / 2 - 8, "hidden spikes", grey, 2);
  for (std::size_t l = 0; l < found.losses(); ++l) {
    const std::size_t y = top + row * (l + 1);
    const Colour colour = colour_of(found.loss(l).colour);
    const auto whole = per_spike(found, l, &LossView::signal), label = per_spike(found, l, &LossView::label_signal);
    double largest = 1e-300;
    for (const auto& curve : {whole, label})
      for (const double v : curve)
        if (std::isfinite(v)) largest = std::max(largest, v);
    std::vector<Point> line;
    for (std::size_t p = 0; p < label.size(); ++p) {
      if (std::isfinite(label[p])) bar(p, y + panel, label[p] / largest, colour);
      line.push_back({x_of(p) + part / 2, static_cast<double>(y + panel) - whole[p] / largest * panel});
    }
    draw_polyline(image, line, grey, 2.5);
    fill_rectangle(image, left, y + panel, width - left - 20, 1, ink);
    const std::string words = found.loss(l).words;
    const std::size_t space = words.find_last_of(' ');
    if (text_width(words, 2) < left - 10) {
      draw_text(image, 8, y + panel / 2 - 8, words, colour, 2);
    } else {
      draw_text(image, 8, y + panel / 2 - 18, words.substr(0, space), colour, 2);
      draw_text(image, 8, y + panel / 2 + 2, words.substr(space + 1), colour, 2);
    }
  }
  const std::string end = std::to_string(std::lround(1e3 * found.params.duration)) + " ms";
  draw_text(image, left, height - 22, "0", ink, 2);
  draw_text(image, width - 20 - text_width(end, 2), height - 22, end, ink, 2);
  return {"signal-in-the-trial", "Where in the trial a loss speaks to hidden spikes, and where the label is heard",
          "From the beginning of the trial to its end, over networks that have learned nothing. First row: how many "
          "hidden spikes there are. Then a row "
          "for each loss. Line: mean size of ∂E/∂t of a spike at that time. Filled: the part of it that would be "
          "another under another label. Heights "
          "are those of the row's own largest.",
          std::move(image), true};
}

}  // namespace neurarium
