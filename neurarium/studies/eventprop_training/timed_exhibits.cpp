// Figures, charts and tables of EventProp trainings.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/eventprop_training/confusion.hpp"
#include "neurarium/studies/eventprop_training/timed_findings.hpp"
#include "neurarium/train/evaluation.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

constexpr const char *training_colour = "#8a8a8a", *test_colour = "#2f6fb3", *spike_colour = "#c4472f";

/// Mean over networks, epoch by epoch, of number(outcome, epoch); and a band of ± their standard deviation.
template <class Number>
void add_course(Chart& chart, const TimedFindings& found, const std::string& name, const char* colour,
                const Number& number) {
  Trace line, band;
  band.kind = Trace::Kind::band;
  line.name = name, line.colour = band.colour = colour;
  std::vector<double> lower;
  const std::size_t epochs = found.outcomes.front().history.size();
  for (std::size_t e = 0; e < epochs; ++e) {
    std::vector<double> numbers;
    for (const TimedOutcome& outcome : found.outcomes) numbers.push_back(number(outcome, e));
    const SampleSummary s = summarise(numbers);
    line.x.push_back(static_cast<double>(e + 1)), line.y.push_back(s.mean);
    band.y.push_back(s.mean + s.sd), lower.push_back(std::max(0., s.mean - s.sd));  // nothing here is below 0
  }
  band.x = line.x;
  for (std::size_t e = epochs; e-- > 0;) band.x.push_back(line.x[e]), band.y.push_back(lower[e]);
  if (found.outcomes.size() > 1) chart.traces.push_back(std::move(band));
  chart.traces.push_back(std::move(line));
}

std::string over_networks(const TimedFindings& found) {
  return found.outcomes.size() > 1 ? " Lines: means of " + std::to_string(found.outcomes.size()) +
                                         " networks; bands: ± their standard deviation (ddof 1)."
                                   : "";
}

void add_accuracy(RunContext& context, const TimedFindings& found) {
  Chart chart;
  chart.name = "accuracy", chart.title = "Accuracy while learning";
  chart.caption =
      "Training: over the samples of each epoch, each before the step it took part in. Test: after the epoch." +
      over_networks(found);
  chart.x_label = "epoch", chart.y_label = "accuracy, %";
  add_course(chart, found, "training", training_colour,
             [](const TimedOutcome& o, std::size_t e) { return 100 * o.history[e].accuracy; });
  add_course(chart, found, "test", test_colour,
             [](const TimedOutcome& o, std::size_t e) { return 100 * o.counts[e].test_accuracy; });
  context.add(std::move(chart));
}

void add_spikes(RunContext& context, const TimedFindings& found) {
  Chart spikes;
  spikes.name = "spikes", spikes.title = "How much the hidden units say";
  spikes.caption =
      "Spikes of all hidden units per test sample, after each epoch. The exact gradient does not see that a spike "
      "may appear or vanish, so this number drifts and must be looked at." +
      over_networks(found);
  spikes.x_label = "epoch", spikes.y_label = "spikes per sample";
  add_course(spikes, found, "hidden spikes", spike_colour,
             [](const TimedOutcome& o, std::size_t e) { return o.counts[e].hidden_spikes; });
  context.add(std::move(spikes));
  if (!found.network.fires_at_output()) return;
  Chart silent;
  silent.name = "silent", silent.title = "Labels whose unit stays silent";
  silent.caption = "Share of test samples for which the output unit of the right class never fires, after each epoch." +
                   over_networks(found);
  silent.x_label = "epoch", silent.y_label = "silent labels, %";
  add_course(silent, found, "silent labels", spike_colour,
             [](const TimedOutcome& o, std::size_t e) { return 100 * o.counts[e].silent_labels; });
  context.add(std::move(silent));
}

void add_table(RunContext& context, const TimedFindings& found) {
  Table table{
      "networks",
      "Every network",
      "After the last epoch. Seconds: median epoch of training alone, on one thread.",
      {"network", "test, %", "training, %", "hidden spikes per sample", "silent labels, %", "seconds per epoch"},
      {}};
  for (std::size_t k = 0; k < found.outcomes.size(); ++k) {
    const TimedOutcome& o = found.outcomes[k];
    const EpochCounts& c = o.counts.back();
    table.rows.push_back({std::to_string(k + 1), rounded(100 * c.test_accuracy, 2),
                          rounded(100 * o.history.back().accuracy, 2), rounded(c.hidden_spikes, 1),
                          rounded(100 * c.silent_labels, 2), in_digits(o.epoch_seconds, 3)});
  }
  context.add(std::move(table));
}

/// Of the first network.
void add_confusion(RunContext& context, const TimedFindings& found) {
  const auto model = network_with<Trainable>(found.outcomes.front().network, context.registry(), "this study");
  const Array scores = answers_of(*model, found.data.test.x.view(), found.data.divisor, context);
  context.add(confusion_chart(scores.view(), found.data.test.y.view(), found.data.classes,
                              "The first network on the test samples"));
}

}  // namespace

std::vector<double> TimedFindings::last(double EpochCounts::*number) const {
  std::vector<double> all;
  for (const TimedOutcome& outcome : outcomes) all.push_back(outcome.counts.back().*number);
  return all;
}

void add_timed_figures(RunContext& context, const TimedFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  const std::vector<double> tests = found.last(&EpochCounts::test_accuracy);
  const SampleSummary test = summarise(tests);
  Figure accuracy{"test_accuracy", test.mean, "", "Mean test accuracy after the last epoch.", {}, {}};
  if (found.reference > 0) accuracy.reference = found.reference, accuracy.reference_source = found.reference_source;
  context.add(std::move(accuracy));
  if (tests.size() > 1) {
    add("test_accuracy_sd", test.sd, "", "Its standard deviation over networks (ddof 1).");
    add("test_accuracy_each", Value::List(tests.begin(), tests.end()), "", "Test accuracy of each network.");
  }
  std::vector<double> training, seconds;
  for (const TimedOutcome& outcome : found.outcomes)
    training.push_back(outcome.history.back().accuracy), seconds.push_back(outcome.epoch_seconds);
  add("train_accuracy", summarise(training).mean, "", "Mean training accuracy over the last epoch.");
  if (found.outcomes.front().history.back().has_held_out) {
    std::vector<double> held_out;
    for (const TimedOutcome& outcome : found.outcomes) held_out.push_back(outcome.history.back().held_out_accuracy);
    add("held_out_accuracy", summarise(held_out).mean, "",
        "Mean accuracy, after the last epoch, on training samples that were held out: what settings are chosen by.");
  }
  add("chance_accuracy", 1 / static_cast<double>(found.data.classes), "", "What guessing gives.");
  add("hidden_spikes_per_sample", summarise(found.last(&EpochCounts::hidden_spikes)).mean, "",
      "Spikes of all hidden units per test sample after the last epoch.");
  if (found.network.fires_at_output())
    add("silent_labels", summarise(found.last(&EpochCounts::silent_labels)).mean, "",
        "Share of test samples whose label's unit never fires after the last epoch.");
  add("epoch_seconds", summarise(seconds).mean, "s",
      "Training alone, the median epoch, mean over networks; one thread.");
  add("epochs", static_cast<std::int64_t>(found.outcomes.front().history.size()), "", "Passes over the data.");
  add("train_samples", static_cast<std::int64_t>(found.data.training.samples()), "", "Samples to learn from.");
  add("test_samples", static_cast<std::int64_t>(found.data.test.samples()), "", "Samples of the test.");
}

void add_timed_exhibits(RunContext& context, const TimedFindings& found) {
  add_accuracy(context, found);
  add_spikes(context, found);
  add_table(context, found);
  add_confusion(context, found);
}

std::string timed_answer(const TimedFindings& found) {
  const std::vector<double> test = found.last(&EpochCounts::test_accuracy);
  std::string text = "Test accuracy " + mean_and_sd(test, 2) + "\u00a0% after " +
                     std::to_string(found.outcomes.front().history.size()) + " epochs" +
                     (test.size() > 1 ? ", mean of " + std::to_string(test.size()) + " networks" : "") + ", with " +
                     rounded(summarise(found.last(&EpochCounts::hidden_spikes)).mean, 1) + " hidden spikes per sample";
  if (found.reference > 0) text += "; " + found.reference_source + ": " + rounded(100 * found.reference, 1) + "\u00a0%";
  return text + ".";
}

}  // namespace neurarium
