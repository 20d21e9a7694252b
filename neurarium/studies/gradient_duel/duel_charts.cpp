// Charts of a duel. Blue: surrogate; red: EventProp on the grid; grey: the exact gradient.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/gradient_duel/duel_findings.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

constexpr const char *surrogate_colour = "#2f6fb3", *eventprop_colour = "#c4472f", *exact_colour = "#777777",
                     *paler_surrogate = "#9fc3e6", *paler_eventprop = "#eaa898";

std::string over_duels(const DuelFindings& found) {
  return found.duels.size() > 1 ? " Lines: means of " + std::to_string(found.duels.size()) +
                                      " starts; bands: ± their standard deviation (ddof 1)."
                                : "";
}

/// Mean over duels of number(duel, i) at x[i], with a band of ± their standard deviation.
template <class Number>
void add_line(Chart& chart, const DuelFindings& found, const std::string& name, const char* colour,
              const std::vector<double>& x, const Number& number) {
  Trace line, band;
  band.kind = Trace::Kind::band;
  line.name = name, line.colour = band.colour = colour;
  std::vector<double> lower;
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::vector<double> numbers;
    for (const Duel& duel : found.duels) numbers.push_back(number(duel, i));
    const SampleSummary s = summarise(numbers);
    line.x.push_back(x[i]), line.y.push_back(s.mean);
    band.y.push_back(s.mean + s.sd), lower.push_back(s.mean - s.sd);
  }
  band.x = x;
  for (std::size_t i = x.size(); i-- > 0;) band.x.push_back(x[i]), band.y.push_back(lower[i]);
  if (found.duels.size() > 1) chart.traces.push_back(std::move(band));
  chart.traces.push_back(std::move(line));
}

std::vector<double> epochs_of(const DuelFindings& found) {
  std::vector<double> epochs;
  for (const Moment& moment : found.duels.front().surrogate.moments) epochs.push_back(moment.epoch);
  return epochs;
}

void add_accuracy(RunContext& context, const DuelFindings& found) {
  Chart chart;
  chart.name = "accuracy", chart.title = "Accuracy on the test samples";
  chart.caption =
      "After each epoch, from the same start, through the same batches, with the same optimiser." + over_duels(found);
  chart.x_label = "epoch", chart.y_label = "accuracy, %";
  const std::vector<double> x = epochs_of(found);
  add_line(chart, found, "by surrogate", surrogate_colour, x,
           [](const Duel& d, std::size_t i) { return 100 * d.surrogate.moments[i].test_accuracy; });
  add_line(chart, found, "by EventProp", eventprop_colour, x,
           [](const Duel& d, std::size_t i) { return 100 * d.eventprop.moments[i].test_accuracy; });
  context.add(std::move(chart));
}

void add_spikes(RunContext& context, const DuelFindings& found) {
  Chart chart;
  chart.name = "spikes", chart.title = "How much the hidden units say";
  chart.caption = "Spikes of all hidden units per test sample." + over_duels(found);
  chart.x_label = "epoch", chart.y_label = "spikes per sample";
  const std::vector<double> x = epochs_of(found);
  add_line(chart, found, "by surrogate", surrogate_colour, x,
           [](const Duel& d, std::size_t i) { return d.surrogate.moments[i].hidden_spikes; });
  add_line(chart, found, "by EventProp", eventprop_colour, x,
           [](const Duel& d, std::size_t i) { return d.eventprop.moments[i].hidden_spikes; });
  context.add(std::move(chart));
}

void add_cosines(RunContext& context, const DuelFindings& found, const std::string& name, const std::string& where,
                 DuelPath Duel::*path) {
  Chart chart;
  chart.name = "cosine_" + name, chart.title = "Do both gradients point the same way? Where " + where + " leads";
  chart.caption =
      "Cosine of the angle between gradients at the hidden weights, on the same " +
      std::to_string(std::min<std::size_t>(found.data->training.samples(),
                                           static_cast<std::size_t>(found.params->probe_samples))) +
      " samples, at the same weights: those that the network has after each epoch of learning by " + where +
      ". The median is over single hidden units, at the weights into them: one spike that grazes its threshold "
      "has a gradient without bound, and rules all weights together. At the readout both are equal." +
      over_duels(found);
  chart.x_label = "epoch", chart.y_label = "cosine";
  const std::vector<double> x = epochs_of(found);
  if (found.params->exact) {
    add_line(chart, found, "surrogate and exact", surrogate_colour, x,
             [&](const Duel& d, std::size_t i) { return (d.*path).moments[i].hidden.surrogate_exact; });
    add_line(chart, found, "surrogate and exact, median unit", paler_surrogate, x,
             [&](const Duel& d, std::size_t i) { return (d.*path).moments[i].unit.surrogate_exact; });
    add_line(chart, found, "EventProp on the grid and exact", eventprop_colour, x,
             [&](const Duel& d, std::size_t i) { return (d.*path).moments[i].hidden.grid_exact; });
    add_line(chart, found, "EventProp on the grid and exact, median unit", paler_eventprop, x,
             [&](const Duel& d, std::size_t i) { return (d.*path).moments[i].unit.grid_exact; });
  } else {
    add_line(chart, found, "surrogate and EventProp", surrogate_colour, x,
             [&](const Duel& d, std::size_t i) { return (d.*path).moments[i].hidden.surrogate_grid; });
    add_line(chart, found, "surrogate and EventProp, median unit", paler_surrogate, x,
             [&](const Duel& d, std::size_t i) { return (d.*path).moments[i].unit.surrogate_grid; });
  }
  context.add(std::move(chart));
}

void add_lengths(RunContext& context, const DuelFindings& found) {
  Chart chart;
  chart.name = "lengths", chart.title = "How long the gradients are";
  chart.caption =
      "Length of the gradient at the hidden weights along EventProp's path. An optimiser like Adam does not mind a "
      "common factor." +
      over_duels(found);
  chart.x_label = "epoch", chart.y_label = "length", chart.log_y = true;
  const std::vector<double> x = epochs_of(found);
  const auto add = [&](const char* name, const char* colour, double Moment::*length) {
    add_line(chart, found, name, colour, x,
             [&](const Duel& d, std::size_t i) { return d.eventprop.moments[i].*length; });
  };
  add("surrogate", surrogate_colour, &Moment::surrogate_length);
  add("EventProp on the grid", eventprop_colour, &Moment::grid_length);
  if (found.params->exact) add("exact", exact_colour, &Moment::exact_length);
  context.add(std::move(chart));
}

void add_slopes(RunContext& context, const DuelFindings& found) {
  const std::vector<double>& slopes = found.params->slopes;
  if (slopes.size() < 2) return;
  Chart chart;
  chart.name = "slopes", chart.title = "Which surrogate is nearest?";
  chart.caption = "Cosine between the gradient of a surrogate (" + found.params->surrogate + ") and " + found.judge() +
                  ", at the hidden weights, by the surrogate's slope: the larger, the narrower. Networks learned by "
                  "slope " +
                  in_digits(found.params->slope, 3) + "." + over_duels(found);
  chart.x_label = "slope", chart.y_label = "cosine", chart.log_x = true;
  add_line(chart, found, "before learning", exact_colour, slopes,
           [](const Duel& d, std::size_t i) { return d.surrogate.moments.front().of_slope[i]; });
  add_line(chart, found, "after learning by surrogate", surrogate_colour, slopes,
           [](const Duel& d, std::size_t i) { return d.surrogate.moments.back().of_slope[i]; });
  add_line(chart, found, "after learning by EventProp", eventprop_colour, slopes,
           [](const Duel& d, std::size_t i) { return d.eventprop.moments.back().of_slope[i]; });
  context.add(std::move(chart));
}

template <class At>
void add_foresight(RunContext& context, const DuelFindings& found, const std::string& name, const std::string& when,
                   const At& at) {
  if (found.params->directions == 0 || found.params->sizes.size() < 2) return;
  Chart chart;
  chart.name = "foresight_" + name, chart.title = "Which gradient foretells the loss? " + when;
  chart.caption = "All hidden weights take " + std::to_string(found.params->directions) +
                  " random steps there and back, and the loss changes, as spikes move, appear and vanish: correlation "
                  "between that change and the one that each gradient says, by the size of steps in root mean squares "
                  "of the weights. It estimates the cosine with the gradient of the loss smoothed so far; an "
                  "error of " +
                  rounded(1 / std::sqrt(static_cast<double>(found.params->directions)), 2) + " where it is small." +
                  over_duels(found);
  chart.x_label = "size of steps", chart.y_label = "correlation", chart.log_x = true;
  const std::vector<double>& x = found.params->sizes;
  add_line(chart, found, "surrogate", surrogate_colour, x,
           [&](const Duel& d, std::size_t i) { return at(d).surrogate[i]; });
  add_line(chart, found, "EventProp on the grid", eventprop_colour, x,
           [&](const Duel& d, std::size_t i) { return at(d).grid[i]; });
  if (found.params->exact)
    add_line(chart, found, "exact", exact_colour, x, [&](const Duel& d, std::size_t i) { return at(d).exact[i]; });
  context.add(std::move(chart));
}

}  // namespace

void add_duel_charts(RunContext& context, const DuelFindings& found) {
  add_cosines(context, found, "surrogate_path", "the surrogate", &Duel::surrogate);
  add_cosines(context, found, "eventprop_path", "EventProp", &Duel::eventprop);
  add_slopes(context, found);
  add_accuracy(context, found);
  add_spikes(context, found);
  add_foresight(context, found, "start", "Before learning",
                [](const Duel& d) -> const Foresight& { return d.at_start; });
  add_foresight(context, found, "surrogate", "After learning by surrogate",
                [](const Duel& d) -> const Foresight& { return d.surrogate.at_end; });
  add_foresight(context, found, "eventprop", "After learning by EventProp",
                [](const Duel& d) -> const Foresight& { return d.eventprop.at_end; });
  add_lengths(context, found);
}

}  // namespace neurarium
