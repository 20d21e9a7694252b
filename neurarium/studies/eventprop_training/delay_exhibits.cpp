// Figures, charts, table and answer of eventprop-delays.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop_training/delay_study.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

/// Share of the commonest class of the test: what a constant answer gets at most.
double ceiling_without_delays(const DelayFindings& found) {
  std::vector<double> count(found.data.classes, 0);
  for (const std::int64_t label : std::as_const(found.data.test.y).as<std::int64_t>().flat())
    ++count[static_cast<std::size_t>(label)];
  return std::ranges::max(count) / static_cast<double>(found.data.test.samples());
}

/// What a spike leaves of its membrane when the next one may come, as a share of its largest: t/τ e^(−t/τ) for τm = τs.
double left_over(const DelayFindings& found) {
  const double m = found.network.tau_membrane, s = found.network.tau_synapse;
  const auto response = [&](double t) {
    return m == s ? t / m * std::exp(-t / m) : s / (m - s) * (std::exp(-t / m) - std::exp(-t / s));
  };
  const double peak = m == s ? m : std::log(m / s) * m * s / (m - s);
  return found.nearest > peak ? response(found.nearest) / response(peak) : 1;
}

/// Whether a unit without delays answers each input by itself, so that its answer is the same for all samples.
bool inputs_are_alone(const DelayFindings& found) { return left_over(found) < 0.05; }

/// Numbers that are learned, and all others, of a network.
std::size_t learned_numbers(const TimedOutcome& outcome, const TimedNetworkParams& params) {
  std::size_t count = 0;
  for (const auto& [name, array] : outcome.network.arrays)
    if (!params.holds(name)) count += array.shape().elements();
  return count;
}

double mean(const std::vector<double>& numbers) { return summarise(numbers).mean; }

}  // namespace

void add_delay_figures(RunContext& context, const DelayFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  const auto figures_of = [&](std::size_t w, const std::string& ending, const std::string& of) {
    const std::vector<double> tests = found.last(w, &EpochCounts::test_accuracy);
    add("test_accuracy" + ending, mean(tests), "", "Mean test accuracy after the last epoch" + of);
    if (tests.size() > 1) {
      add("test_accuracy_sd" + ending, summarise(tests).sd, "", "Its standard deviation over networks (ddof 1)" + of);
      add("test_accuracy_each" + ending, Value::List(tests.begin(), tests.end()), "",
          "Test accuracy of each network" + of);
    }
    add("hidden_spikes_per_sample" + ending, mean(found.last(w, &EpochCounts::hidden_spikes)), "",
        "Spikes of hidden units per test sample" + of);
    add("output_spikes_per_sample" + ending, mean(found.last(w, &EpochCounts::output_spikes)), "",
        "Spikes of the outputs per test sample" + of);
    add("silent_labels" + ending, mean(found.last(w, &EpochCounts::silent_labels)), "",
        "Share of test samples whose label's unit never fires" + of);
    std::vector<double> seconds;
    for (const TimedOutcome& outcome : found.outcomes[w]) seconds.push_back(outcome.epoch_seconds);
    add("epoch_seconds" + ending, mean(seconds), "s",
        "Training alone, the median epoch, mean over networks; one thread" + of);
  };
  const std::size_t main = found.shown() < found.ways.size() ? found.shown() : 0;
  figures_of(main, "", ": " + found.ways[main]->label + ".");
  for (std::size_t w = 0; w < found.ways.size(); ++w)
    if (w != main) figures_of(w, "_" + found.ways[w]->key, ": " + found.ways[w]->label + ".");
  if (inputs_are_alone(found))
    add("ceiling_without_delays", ceiling_without_delays(found), "",
        "Most that feed-forward weights alone can reach: the test's share of its commonest class.");
  add("left_over", left_over(found), "",
      "What a spike leaves of its membrane until the next may come, as a share of its peak.");
  add("epochs", static_cast<std::int64_t>(found.outcomes[0][0].history.size()), "", "Passes over the data.");
  add("train_samples", static_cast<std::int64_t>(found.data.training.samples()), "", "Samples to learn from.");
  add("test_samples", static_cast<std::int64_t>(found.data.test.samples()), "", "Samples of the test.");
}

void add_delay_charts(RunContext& context, const DelayFindings& found) {
  Chart chart;
  chart.name = "accuracy", chart.title = "What each way learns";
  chart.caption = "Test accuracy after each epoch";
  if (found.outcomes[0].size() > 1)
    chart.caption += ", means of " + std::to_string(found.outcomes[0].size()) + " networks";
  chart.caption += ".";
  if (inputs_are_alone(found))
    chart.caption += " Without delays the answer is the same for every sample, and the line is flat.";
  chart.x_label = "epoch", chart.y_label = "test accuracy, %";
  for (std::size_t w = 0; w < found.ways.size(); ++w) {
    Trace line;
    line.name = found.ways[w]->label, line.colour = found.ways[w]->colour;
    for (std::size_t e = 0; e < found.outcomes[w][0].counts.size(); ++e) {
      std::vector<double> all;
      for (const TimedOutcome& outcome : found.outcomes[w]) all.push_back(100 * outcome.counts[e].test_accuracy);
      line.x.push_back(static_cast<double>(e + 1)), line.y.push_back(mean(all));
    }
    chart.traces.push_back(std::move(line));
  }
  context.add(std::move(chart));

  Table table{"ways",
              "Each way",
              "After the last epoch; accuracy ± standard deviation over networks. Numbers: those that are learned. "
              "Seconds: median epoch of training alone, on one thread.",
              {"way", "test, %", "networks above 95 %", "numbers", "hidden spikes", "output spikes", "silent labels, %",
               "seconds per epoch"},
              {}};
  for (std::size_t w = 0; w < found.ways.size(); ++w) {
    const std::vector<double> tests = found.last(w, &EpochCounts::test_accuracy);
    TimedNetworkParams network = found.network;
    found.ways[w]->choose(network);
    std::vector<double> seconds;
    for (const TimedOutcome& outcome : found.outcomes[w]) seconds.push_back(outcome.epoch_seconds);
    const auto good = std::ranges::count_if(tests, [](double share) { return share > 0.95; });
    table.rows.push_back(
        {found.ways[w]->label, mean_and_sd(tests), std::to_string(good) + " of " + std::to_string(tests.size()),
         with_commas(learned_numbers(found.outcomes[w][0], network)),
         rounded(mean(found.last(w, &EpochCounts::hidden_spikes)), 1),
         rounded(mean(found.last(w, &EpochCounts::output_spikes)), 2),
         rounded(100 * mean(found.last(w, &EpochCounts::silent_labels)), 1), in_digits(mean(seconds), 2)});
  }
  context.add(std::move(table));
  if (!inputs_are_alone(found)) {
    context.add(Remark{
        "Weights alone may tell something here",
        "Spikes of neighbours may come so close that a membrane still holds " + percent(left_over(found), 1) +
            " of what the one made of it when the other arrives. So a unit without delays hears spikes together, or "
            "not, and its answer may depend on intervals. For a task that only delays can do, lengthen shortest_gap."});
    return;
  }
  context.add(Remark{
      "Why weights alone can't",
      "Every channel fires once in every sample, and in the same order. Two spikes of neighbours are at least " +
          rounded(1000 * found.nearest, 1) + " ms apart, and by then a membrane has kept " +
          percent(left_over(found), 1) +
          " of what a spike made of it. So a unit answers each input by itself, the first channel that can make it "
          "fire "
          "is the same one in all samples, and so is the unit that is first: the answer is constant, and right for " +
          percent(ceiling_without_delays(found), 1) +
          " of the test samples at most. More layers without delays have inputs "
          "of the same kind. Loops, which could keep the time, are not in these networks."});
}

std::string delay_answer(const DelayFindings& found) {
  const auto said = [&](const char* key, const std::string& before) -> std::string {
    for (std::size_t w = 0; w < found.ways.size(); ++w)
      if (found.ways[w]->key == key)
        return before + mean_and_sd(found.last(w, &EpochCounts::test_accuracy)) + "\u00a0%";
    return "";
  };
  std::string text = inputs_are_alone(found)
                         ? "Without delays no weights can tell the classes: at most " +
                               percent(ceiling_without_delays(found), 1) + " is possible" +
                               said("weights", ", and reached ")
                         : "Neighbours' spikes meet without delays, too, so weights alone may tell some classes" +
                               said("weights", ", and reach ");
  text += said("delays", "; learned synaptic delays with all weights equal and fixed reach ");
  text += said("synaptic", "; delays and weights together ");
  text += said("axonal", "; one delay per channel ");
  text += said("random", "; random delays that stay ");
  text += said("taps", "; a delay line ");
  return text + ".";
}

}  // namespace neurarium
