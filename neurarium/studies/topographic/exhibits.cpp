// Pictures and charts of the report.
#include <algorithm>
#include <cmath>

#include "neurarium/studies/topographic/findings.hpp"
#include "neurarium/studies/topographic/pictures.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {
namespace {

std::string words_of_epoch(std::uint64_t epoch) { return epoch == 0 ? "start" : "epoch " + std::to_string(epoch); }

Trace line(std::string name, std::vector<double> x, std::vector<double> y) {
  Trace trace;
  trace.name = std::move(name);
  trace.x = std::move(x);
  trace.y = std::move(y);
  return trace;
}

}  // namespace

void add_tapestries(RunContext& context, const Findings& found) {
  const ImageShape& shape = found.images.shape;
  const ArrayView weights = found.map.map.weights();
  context.add(Picture{"tapestry-normalised", "The features of all units, in their places on the map",
                      "Each tile is one unit's weights as an image, divided by the unit's largest weight.",
                      tapestry(weights, shape, found.grid, true), false});
  Array plain = tapestry(weights, shape, found.grid, false);
  if (!shape.in_colour()) plain = with_grey_bar(plain, 0, found.map.map.measures.weights.largest);
  context.add(Picture{"tapestry", "The weights as the notebook shows them",
                      shape.in_colour()
                          ? "The same tiles, colours clipped to [0, 1]: units with small weights look dark."
                          : "Greys from 0 (white) to the largest weight of all (black).",
                      std::move(plain), false});
  if (found.control) {
    const std::size_t gap = shape.in_colour() ? 0 : 1;  // tiles that are mostly white need lines between them
    context.add(Picture{"tapestry-control", "With and without lateral connections",
                        "Left the map; right the control: the same start and the same images in the same order, but "
                        "radius 0. Each unit divided by its largest weight.",
                        titled({tapestry(weights, shape, found.grid, true, gap),
                                tapestry(found.control->map.weights(), shape, found.grid, true, gap)},
                               {"map", "control"}),
                        false});
  }
  const History& history = found.map.map.history;
  std::vector<std::string> words;
  for (const std::uint64_t epoch : history.frame_epochs()) words.push_back(words_of_epoch(epoch));
  context.add(Picture{"film", "How the map came about",
                      "The features at the start and after each epoch" +
                          std::string(history.frames().size() < history.rows() + 1 ? " shown" : "") +
                          ", each unit divided by its largest weight.",
                      film_strip(history.frames(), words), false});
}

void add_order_charts(RunContext& context, const Findings& found) {
  Chart distance;
  distance.name = "correlation-and-distance";
  distance.title = "How alike units are, against how far apart they stand";
  distance.caption =
      "Mean correlation of all pairs of units at each distance. An ordered map is high on the left and falls; "
      "responses that stay high at "
      "every distance mean that all units follow the same thing, the brightness of the image.";
  distance.x_label = "distance on the map";
  distance.y_label = "mean correlation";
  for (const NamedMap* map : found.maps()) {
    if (found.other_fidelity && map == &*found.other_fidelity) continue;
    for (const auto& [what, order] :
         {std::pair{"weights", &map->map.measures.order}, std::pair{"responses", &map->map.measures.response_order}}) {
      std::vector<double> x, y;
      for (std::size_t d = 1; d < order->at_distance.size(); ++d)
        x.push_back(static_cast<double>(d)), y.push_back(order->at_distance[d]);
      distance.traces.push_back(line(std::string(what) + ", " + map->name, std::move(x), std::move(y)));
    }
  }
  if (found.grid.reach() >= 1) context.add(std::move(distance));

  const History& history = found.map.map.history;
  if (history.rows() < 2) return;
  const auto add = [&](const char* name, const char* title, const char* caption, const char* label,
                       std::initializer_list<std::pair<const char*, const char*>> columns) {
    Chart chart;
    chart.name = name;
    chart.title = title;
    chart.caption = caption;
    chart.x_label = "epoch";
    chart.y_label = label;
    for (const auto& [column, words] : columns)
      chart.traces.push_back(line(words, history.column("epoch"), history.column(column)));
    return chart;
  };
  Chart order = add("order-over-epochs", "Order over the epochs", "Measured after each epoch.", "share or correlation",
                    {{"knn8", "knn8"},
                     {"neighbour_correlation", "correlation of neighbours"},
                     {"far_correlation", "correlation of units far apart"}});
  if (found.control)
    order.traces.push_back(
        line("knn8, control", found.control->map.history.column("epoch"), found.control->map.history.column("knn8")));
  context.add(std::move(order));
  context.add(add("activity-over-epochs", "Activity over the epochs", "On the held-out images, after each epoch.",
                  "share of the units",
                  {{"mean_activity", "mean activity"}, {"max_share_on", "largest share on, on one image"}}));
  Chart snr = add("snr-over-epochs", "Reconstruction over the epochs",
                  "Signal to noise of the reconstruction of held-out images.", "dB",
                  {{"snr_db", "SNR"}, {"gain_corrected_snr_db", "SNR with the best gain"}});
  if (found.control)
    snr.traces.push_back(line("SNR with the best gain, control", found.control->map.history.column("epoch"),
                              found.control->map.history.column("gain_corrected_snr_db")));
  context.add(std::move(snr));
}

void add_codes(RunContext& context, const Findings& found) {
  const ImageShape& shape = found.images.shape;
  for (std::size_t i = 0; i < found.shown.size(); ++i) {
    const Response code = respond(*found.map.map.model, found.images.shown[i]);
    const Tensor<double> o = to_tensor<double>(code.activity), r = to_tensor<double>(code.reconstruction);
    const auto [low, high] = std::ranges::minmax(o.flat());
    const auto on = std::ranges::count_if(o.flat(), [](double x) { return x > 0.5; });
    const std::string index = std::to_string(found.shown[i]);
    context.add(Picture{"test-image-" + index, "Test image " + index,
                        "Image, activity of the units (" + rounded(low, 3) + " to " + rounded(high, 3) + "; " +
                            std::to_string(on) + " on), reconstruction with maximum 1.",
                        triptych(found.images.shown[i].as<double>()[0], o.view()[0], r.view()[0], shape, found.grid),
                        false});
  }
  for (const NamedView& buffer : found.map.map.model->buffers())
    if (buffer.name == "thresholds" && buffer.values.size() == found.grid.units()) {
      const Tensor<double> t = to_tensor<double>(ArrayView(buffer.values));
      context.add(Picture{"thresholds", "The thresholds of the units",
                          "What each unit's input must exceed, on the map.", unit_map(t.view(), found.grid), false});
    }

  const double wanted = found.wanted_activity() * static_cast<double>(found.grid.units());
  const std::size_t width = (found.grid.units() + 49) / 50;  // units per bar
  Chart chart;
  chart.name = "units-on";
  chart.title = "How many units are on at once";
  chart.caption = "Images of the " + found.images.held_out_words + " by the number of their units with o > ½" +
                  (width > 1 ? ", " + std::to_string(width) + " to a step" : std::string()) +
                  ". The rule keeps the mean of Σ o at N·s = " + rounded(wanted, 0) +
                  "; whether each image has about so many, or most have none and some have all, is another question. "
                  "Here " +
                  rounded(found.map.map.measures.code.mean_share_on * static_cast<double>(found.grid.units()), 1) +
                  " units are on in the mean; activity below ½ counts for s, but not here. "
                  "Empty steps are left out (the scale is logarithmic).";
  chart.x_label = "units on";
  chart.y_label = "images";
  chart.log_y = true;
  double most = 1;
  for (const NamedMap* map : found.maps()) {
    if (found.other_fidelity && map == &*found.other_fidelity) continue;
    Trace trace;
    trace.kind = map == &found.map ? Trace::Kind::bars : Trace::Kind::points;
    trace.name = map->name;
    std::vector<double> counts(found.grid.units() / width + 1, 0.0);
    for (const std::size_t on : map->map.measures.code.units_on) counts[on / width] += 1;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (counts[k] == 0) continue;
      trace.x.push_back(static_cast<double>(k * width));
      trace.y.push_back(counts[k]);
      most = std::max(most, counts[k]);
    }
    chart.traces.push_back(std::move(trace));
  }
  if (std::isfinite(wanted)) chart.traces.push_back(line("N·s", {wanted, wanted}, {1, most}));
  context.add(std::move(chart));
  if (found.images.left_out.empty()) return;
  Table left_out{"left-out", "Photographs that were left out", "No patch was cut from these.", {"file", "why"}, {}};
  constexpr std::size_t most_listed = 50;
  for (const auto& [path, reason] : found.images.left_out) {
    if (left_out.rows.size() == most_listed) {
      left_out.rows.push_back({"… and " + with_commas(found.images.left_out.size() - most_listed) + " more", ""});
      break;
    }
    left_out.rows.push_back({path, reason});
  }
  context.add(std::move(left_out));
}

}  // namespace neurarium
