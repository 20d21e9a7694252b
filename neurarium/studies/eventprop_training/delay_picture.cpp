// What learned delays do: where spikes meet before and after learning, and delays beside the lags that they undo.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/eventprop_training/delay_study.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

constexpr const char *delay_name = "eventprop_lif1.delay", *weight_name = "eventprop_lif1.weight";
constexpr const char* class_colour[] = {"#2f6fb3", "#e2a226", "#3c8d5a", "#c4472f", "#7a52a0", "#4aa3a8", "#8a6d3b"};
constexpr Colour class_ink[] = {{47, 111, 179}, {226, 162, 38}, {60, 141, 90}, {196, 71, 47},
                                {122, 82, 160}, {74, 163, 168}, {138, 109, 59}};
constexpr std::size_t colours = std::size(class_ink);

/// Weights or delays of a network, a row for each unit; they lie with a row for each channel.
Tensor<double> by_unit(ArrayView parameters) {
  const Tensor<double> rows = to_tensor<double>(parameters);
  const std::size_t channels = rows.shape()[0], units = rows.shape()[1];
  Tensor<double> turned(Shape{units, channels});
  for (std::size_t i = 0; i < channels; ++i)
    for (std::size_t c = 0; c < units; ++c) turned(c, i) = rows(i, c);
  return turned;
}

Tensor<double> in_seconds(ArrayView parameters, double unit) {
  Tensor<double> delays = by_unit(parameters);
  for (double& d : delays.flat()) d = std::abs(d) * unit;
  return delays;
}

struct Shown {
  Tensor<double> before, after;  ///< delays
  Tensor<double> weight_before, weight_after;
  Tensor<double> fired, fires;  ///< [sample, unit]: first spikes of the test samples before and after, seconds
};

Shown shown_of(RunContext& context, const DelayFindings& found) {
  const TimedOutcome& outcome = found.outcomes[found.shown()].front();
  Shown shown;
  const auto fresh = build_model<Trainable>(outcome.network.description, context.registry(), "this study");
  for (const NamedView& parameter : fresh->parameters())
    if (parameter.name == delay_name) shown.before = in_seconds(parameter.values, found.network.delay_unit);
    else if (parameter.name == weight_name) shown.weight_before = by_unit(parameter.values);
  for (const auto& [name, array] : outcome.network.arrays)
    if (name == delay_name) shown.after = in_seconds(array.view(), found.network.delay_unit);
    else if (name == weight_name) shown.weight_after = by_unit(array.view());
  const auto model = network_with<Trainable>(outcome.network, context.registry(), "this study");
  const auto first_spikes = [&](const Trainable& of) {
    auto times = to_tensor<double>(answers_of(of, found.data.test.x.view(), found.data.divisor, context).view());
    for (double& z : times.flat()) z *= -found.network.temperature;
    return times;
  };
  shown.fired = first_spikes(*fresh), shown.fires = first_spikes(*model);
  return shown;
}

/// One panel: a row for each channel, a dot where its spike arrives, and a line where the unit fires.
struct Panel {
  Frame frame;
  double x = 0, y = 0;  ///< of its upper left corner
  Point at(double seconds, double row) const {
    const Point p = frame.pixel(seconds, row);
    return {p.x + x, p.y + y};
  }
};

/// Area as weight; what does not excite is a point.
double radius_of(double weight) { return std::clamp(3 * std::sqrt(std::max(0., weight)), 1.2, 5.5); }

void draw_arrivals(Array& image, const Panel& panel, std::span<const double> arrivals, std::span<const double> weights,
                   double fires, Colour colour) {
  const double rows = panel.frame.y_low;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const std::vector<Segment> guide = {{panel.at(panel.frame.x_low, static_cast<double>(i) + 0.5),
                                         panel.at(panel.frame.x_high, static_cast<double>(i) + 0.5)}};
    draw_segments(image, guide, {226, 226, 226}, 1);
  }
  if (fires < panel.frame.x_high) {
    const std::vector<Segment> spike = {{panel.at(fires, 0), panel.at(fires, rows)}};
    draw_segments(image, spike, ink, 2);
  }
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    draw_disc(image, panel.at(arrivals[i], static_cast<double>(i) + 0.5), radius_of(weights[i]), colour);
}

Picture arrivals_picture(const DelayFindings& found, const Shown& shown, const Tensor<double>& x) {
  constexpr std::size_t wide = 204, gap = 18, left = 120, head = 64, row = 9, words = 28;
  const std::size_t channels = found.lags.shape()[1], classes = std::min<std::size_t>(found.lags.shape()[0], 6);
  const std::size_t high = channels * row;
  Array image = blank_image(head + classes * (words + high + gap), left + 3 * wide + 2 * gap + 12, paper);
  const auto labels = std::as_const(found.data.test.y).as<std::int64_t>().flat();
  const auto sample_of = [&](std::size_t c) {
    return static_cast<std::size_t>(std::ranges::find(labels, static_cast<std::int64_t>(c)) - labels.begin());
  };
  double end = 0;
  for (const Tensor<double>* delays : {&shown.before, &shown.after})
    end = std::max(end, std::ranges::max(delays->flat()));
  end += found.network.latest;
  const char* heads[] = {"before", "learned", "other"};
  const std::string span = "0-" + rounded(1000 * end, 0) + " ms";
  for (std::size_t k = 0; k < 3; ++k) {
    draw_text(image, left + k * (wide + gap), 6, heads[k], ink, 3);
    draw_text(image, left + k * (wide + gap), 36, span, {90, 90, 90}, 2);
  }
  for (std::size_t c = 0; c < classes; ++c) {
    const std::size_t y = head + c * (words + high + gap) + words, other = (c + 1) % found.lags.shape()[0];
    draw_text(image, 4, y + high / 2 - 11, "unit " + std::to_string(c), class_ink[c % colours], 3);
    for (std::size_t k = 0; k < 3; ++k) {
      const std::size_t sample = sample_of(k == 2 ? other : c);
      if (sample >= labels.size()) continue;  // a small test may lack a class
      const Tensor<double>& delays = k == 0 ? shown.before : shown.after;
      std::vector<double> arrivals;
      for (std::size_t i = 0; i < channels; ++i)
        arrivals.push_back(x(sample, i) / found.data.divisor * found.network.latest + delays(c, i));
      const Panel panel{{0, end, static_cast<double>(channels), 0, wide, high},
                        static_cast<double>(left + k * (wide + gap)),
                        static_cast<double>(y)};
      const double fires = (k == 0 ? shown.fired : shown.fires)(sample, c);
      const bool silent = fires >= found.network.duration;
      draw_text(image, left + k * (wide + gap), y - words + 2,
                std::to_string(k == 2 ? other : c) + (silent ? ", silent" : ", fires"), ink, 3);
      const Tensor<double>& weights = k == 0 ? shown.weight_before : shown.weight_after;
      draw_arrivals(image, panel, arrivals, weights.view()[c].flat(), silent ? end : fires,
                    k == 2 ? Colour{150, 150, 150} : class_ink[c % colours]);
    }
  }
  return {
      "arrivals", "Learned delays make the spikes of a class meet",
      "Arrivals at each class's unit (rows: channels, time to the right; dots: the larger, the stronger the synapse), "
      "behind the delays of their "
      "synapses. Above each: the sample's class, and whether the unit fires; the line is its first spike. Left: a "
      "sample of "
      "the unit's class, before learning. Middle: the same sample after learning. Right: the same unit after learning, "
      "and a sample of the next class, for which it should fire later than that class's unit, or not at all. Shown: " +
          found.ways[found.shown()]->label + ", first network.",
      std::move(image), true};
}

void add_lags_chart(RunContext& context, const DelayFindings& found, const Shown& shown, const Meeting& met) {
  Chart chart;
  chart.name = "delays", chart.title = "Learned delays undo the lags";
  chart.x_label = "lag behind the last channel that has to be undone, ms";
  chart.y_label = "learned delay, from where the spikes meet, ms";
  const auto half = found.network.tau_membrane;
  chart.caption =
      "Every synapse of the first network (" + found.ways[found.shown()]->label +
      "): how long its spike has to wait for the last channel of its class, and how long it waits, from where "
      "most of the unit's spikes meet. On the line they arrive together. Grey: synapses whose spikes "
      "are elsewhere, since a unit needs a few only, and hardly any gradient pulls what is far from them: " +
      percent(met.share) + " of all meet within " + rounded(2000 * half, 0) + " ms, before learning " +
      percent(meeting(found.lags, shown.before, half).share) + ".";
  const std::size_t channels = found.lags.shape()[1];
  Trace line;
  line.name = "all meet", line.colour = "#8a8a8a";
  double most = 0;
  Trace apart;
  apart.kind = Trace::Kind::points, apart.name = "do not meet", apart.colour = "#c9c9c9";
  std::vector<Trace> together;
  for (std::size_t c = 0; c < found.lags.shape()[0]; ++c) {
    Trace points;
    points.kind = Trace::Kind::points, points.name = "class " + std::to_string(c);
    points.colour = class_colour[c % colours];
    const double last = found.lags(c, channels - 1);
    for (std::size_t i = 0; i < channels; ++i) {
      const double lag = last - found.lags(c, i), delay = shown.after(c, i) - (met.at[c] - last);
      Trace& to = std::abs(delay - lag) <= half ? points : apart;
      to.x.push_back(1000 * lag), to.y.push_back(1000 * delay);
      most = std::max(most, 1000 * lag);
    }
    together.push_back(std::move(points));
  }
  chart.traces.push_back(std::move(apart));
  for (Trace& points : together) chart.traces.push_back(std::move(points));
  line.x = line.y = {0, most};
  chart.traces.insert(chart.traces.begin(), std::move(line));
  context.add(std::move(chart));
}

}  // namespace

Meeting meeting(const Tensor<double>& lags, const Tensor<double>& delays, double half_width) {
  const std::size_t classes = lags.shape()[0], channels = lags.shape()[1];
  Meeting met;
  std::size_t all = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    std::vector<double> arrivals;
    for (std::size_t i = 0; i < channels; ++i) arrivals.push_back(lags(c, i) + delays(c, i));
    std::ranges::sort(arrivals);
    std::size_t best = 0, from = 0;
    for (std::size_t i = 0; i < channels; ++i) {
      const auto end = std::ranges::upper_bound(arrivals, arrivals[i] + 2 * half_width);
      const auto many = static_cast<std::size_t>(end - arrivals.begin()) - i;
      if (many > best) best = many, from = i;
    }
    met.at.push_back((arrivals[from] + arrivals[from + best - 1]) / 2), met.many.push_back(best);
    all += best;
  }
  met.share = static_cast<double>(all) / static_cast<double>(classes * channels);
  return met;
}

void add_learned_delays(RunContext& context, const DelayFindings& found) {
  if (found.shown() == found.ways.size()) return;
  const Shown shown = shown_of(context, found);
  const Meeting met = meeting(found.lags, shown.after, found.network.tau_membrane);
  const auto add = [&](const char* name, double value, const char* meaning) {
    context.add(Figure{name, value, "", meaning, {}, {}});
  };
  add("meeting_share_before", meeting(found.lags, shown.before, found.network.tau_membrane).share,
      "Share of synapses whose spikes meet within 2 τm at their class's unit, before learning; first network.");
  add("meeting_share", met.share, "The same after learning.");
  context.add(arrivals_picture(found, shown, to_tensor<double>(found.data.test.x.view())));
  add_lags_chart(context, found, shown, met);
}

}  // namespace neurarium
