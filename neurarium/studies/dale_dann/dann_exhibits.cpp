// Figures, charts, table and picture of dale-dann.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/dale_dann/dann_findings.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

constexpr std::array<const char*, dann_kinds.size()> colours = {"#2f6fb3", "#c4472f", "#b58a1f", "#3c8d5a"};
constexpr std::array<const char*, dann_kinds.size()> pale_colours = {"#9dbde0", "#e8a99c", "#dcc48a", "#9ccbae"};
const char* colour_of(DannKind kind) { return colours[static_cast<std::size_t>(kind)]; }
const char* pale_colour_of(DannKind kind) { return pale_colours[static_cast<std::size_t>(kind)]; }

constexpr int digits = 2;  // of all per cents and points

void add_points(RunContext& context, const DannFindings& found) {
  Chart chart;
  chart.name = "accuracy", chart.title = "How well they do on samples they never saw";
  chart.caption =
      "Every network a point: test accuracy, mean over its last epochs (five, or half of them). DANN learns by plain "
      "gradients, or by corrected ones. Short lines: means; bands: ± their standard deviation (ddof 1).";
  chart.y_label = "test accuracy, %";
  for (const DannKind kind : dann_kinds) {
    const auto at = static_cast<double>(kind);
    chart.x_names.emplace_back(words_of(kind));
    const std::vector<double> tests = found.tests(kind);
    const SampleSummary s = summarise(tests);
    Trace band, line, points;
    band.kind = Trace::Kind::band;
    band.x = {at - 0.25, at + 0.25, at + 0.25, at - 0.25};
    for (const double sign : {1., 1., -1., -1.}) band.y.push_back(100 * (s.mean + sign * s.sd));
    line.x = {at - 0.25, at + 0.25}, line.y = {100 * s.mean, 100 * s.mean};
    points.kind = Trace::Kind::points, points.name = words_of(kind);
    for (const double test : tests) points.x.push_back(at), points.y.push_back(100 * test);
    band.colour = line.colour = points.colour = colour_of(kind);
    if (tests.size() > 1) chart.traces.push_back(std::move(band));
    chart.traces.push_back(std::move(line)), chart.traces.push_back(std::move(points));
  }
  context.add(std::move(chart));
}

/// A number of each epoch, mean over the networks of a kind.
Trace course_of(const DannFindings& found, DannKind kind, double EpochResult::*number, double factor = 1) {
  Trace line;
  line.name = words_of(kind), line.colour = colour_of(kind);
  for (std::size_t e = 0; e < found.of(kind).front().history.size(); ++e) {
    std::vector<double> numbers;
    for (const DannOutcome& outcome : found.of(kind)) numbers.push_back(factor * outcome.history[e].*number);
    line.x.push_back(static_cast<double>(e + 1)), line.y.push_back(summarise(numbers).mean);
  }
  return line;
}

Chart chart_of_epochs(const DannFindings& found, const char* name, const char* title, std::string caption) {
  Chart chart;
  chart.name = name, chart.title = title, chart.x_label = "epoch";
  chart.caption =
      std::move(caption) +
      (found.repeats() > 1 ? " Means of " + std::to_string(found.repeats()) + " networks of each kind." : "");
  return chart;
}

void add_learning(RunContext& context, const DannFindings& found) {
  Chart chart = chart_of_epochs(found, "learning", "Test accuracy while they learn", "Test accuracy after each epoch.");
  chart.y_label = "test accuracy, %";
  for (const DannKind kind : dann_kinds)
    chart.traces.push_back(course_of(found, kind, &EpochResult::held_out_accuracy, 100));
  context.add(std::move(chart));
}

void add_losses(RunContext& context, const DannFindings& found) {
  Chart chart = chart_of_epochs(
      found, "loss", "Loss while they learn",
      "Mean cross-entropy. Full colours: on the training samples of each epoch, each before its step. Pale colours: on "
      "the test samples after each epoch.");
  chart.y_label = "loss", chart.log_y = true;
  for (const DannKind kind : dann_kinds) {
    Trace training = course_of(found, kind, &EpochResult::loss),
          test = course_of(found, kind, &EpochResult::held_out_loss);
    training.name += ", training", test.name += ", test";
    test.colour = pale_colour_of(kind);
    chart.traces.push_back(std::move(training)), chart.traces.push_back(std::move(test));
  }
  context.add(std::move(chart));
}

void add_table(RunContext& context, const DannFindings& found) {
  Table table{
      "kinds",
      "Every network",
      "Accuracies in per cent, on the test the mean over the last epochs (five, or half of them: at a constant "
      "learning rate accuracy never comes to rest), ± standard deviation of the sample (ddof 1). Behind unconstrained: "
      "difference of the "
      "means on the test in points, with its 95 % interval by Welch's t; one that holds 0 is no difference that "
      "these networks show.",
      {"network", "test", "each test", "behind unconstrained", "training", "training loss"},
      {}};
  for (const DannKind kind : dann_kinds) {
    std::vector<double> training, losses;
    for (const DannOutcome& outcome : found.of(kind))
      training.push_back(outcome.train_accuracy()), losses.push_back(outcome.history.back().loss);
    const std::vector<double> tests = found.tests(kind);
    table.rows.push_back({words_of(kind), mean_and_sd(tests, digits), every_one(tests, digits),
                          kind == DannKind::unconstrained
                              ? "—"
                              : in_points(difference_of_means(found.tests(DannKind::unconstrained), tests), digits),
                          mean_and_sd(training, digits), in_digits(summarise(losses).mean, 3)});
  }
  context.add(std::move(table));
}

/// Weights of 12 units of each kind's first network as pictures, if samples are pictures of one colour.
void add_fields(RunContext& context, const DannFindings& found) {
  const Shape& entry = found.entry;
  if (entry.axes() != 2 && !(entry.axes() == 3 && entry[2] == 1)) return;
  const std::size_t height = entry[0], width = entry[1],
                    factor = std::max<std::size_t>(1, 56 / std::max(height, width));
  std::vector<Array> rows;
  for (const DannKind kind : dann_kinds) {
    const Tensor<double> fields = to_tensor<double>(found.of(kind).front().fields.view());
    std::vector<Array> units;
    for (std::size_t unit = 0; unit < fields.shape()[0]; ++unit) {
      Array values(DType::f64, {height, width});
      const auto weights = fields.view()[unit].flat();
      std::ranges::copy(weights, values.as<double>().flat().begin());
      double most = 0;
      for (const double w : weights) most = std::max(most, std::abs(w));
      units.push_back(enlarge(apply_colormap(values, -most, most, ColourMap::diverging), factor));
    }
    Array title = blank_image(2 * letter_height, text_width(words_of(kind), 2), paper);
    draw_text(title, 0, 0, words_of(kind), ink, 2);
    const Array parts[] = {std::move(title), beside(units, 6)};
    rows.push_back(stack(parts, 4));
  }
  context.add(
      Picture{"fields", "What the first units look at",
              "Weights of the first layer as pictures, twelve units of the first network of each kind: red excites the "
              "unit, blue "
              "inhibits it, each on a scale of its own. Of DANN what reaches a unit by subtraction, W_EX − W_EI "
              "W_IX. In ColEI networks pixels only excite.",
              stack(rows, 14), false});
}

void add_claim(RunContext& context, const DannFindings& found) {
  if (found.repeats() < 2) return;
  const std::vector<double> free = found.tests(DannKind::unconstrained);
  const auto verdict = [&](DannKind kind) {
    const MeanDifference d = difference_of_means(free, found.tests(kind));
    const std::string by = in_points(d, digits) + " points";
    return d.low > 0    ? "behind by " + by
           : d.high < 0 ? "ahead: behind by " + by
                        : "not told apart from it (behind by " + by + ")";
  };
  const MeanDifference gain = difference_of_means(found.tests(DannKind::corrected), found.tests(DannKind::plain));
  context.add(
      Remark{"What the paper says, and what came out",
             "Cornford et al. (2021) say that DANN learns as well as an unconstrained network, that units with one "
             "sign each (ColEI) "
             "do worse, and that DANN needs corrected updates. Here, beside unconstrained networks, DANN with "
             "corrected updates is " +
                 verdict(DannKind::corrected) + ", ColEI " + verdict(DannKind::colei) + "; the correction is worth " +
                 in_points(gain, digits) + " points" +
                 (gain.low > 0    ? ", at the learning rate of each."
                  : gain.high < 0 ? ": it costs some, at the learning rate of each."
                                  : ": these networks do not show that it helps, at the learning rate of each.") +
                 " In brackets: 95 % intervals (Welch)."});
}

}  // namespace

std::vector<double> DannFindings::tests(DannKind kind) const {
  std::vector<double> all;
  for (const DannOutcome& outcome : of(kind)) all.push_back(outcome.test_accuracy());
  return all;
}

void add_dann_figures(RunContext& context, const DannFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  double seconds = 0;
  Value::List epochs;
  std::int64_t early = 0;
  for (const DannKind kind : dann_kinds) {
    const std::vector<double> tests = found.tests(kind);
    const SampleSummary s = summarise(tests);
    const std::string key = key_of(kind), who = std::string("of ") + words_of(kind) + " networks";
    add(key + "_accuracy", s.mean, "", "Mean test accuracy " + who + ", over the last epochs.");
    if (tests.size() > 1) add(key + "_sd", s.sd, "", "Its standard deviation over networks (ddof 1).");
    add(key + "_each", Value::List(tests.begin(), tests.end()), "", "Test accuracy " + who + ", one by one.");
    if (kind != DannKind::unconstrained) {
      const MeanDifference d = difference_of_means(found.tests(DannKind::unconstrained), tests);
      add(key + "_behind", with_ends(d), "",
          "How far behind unconstrained ones, and the ends of its 95 % interval (Welch).");
    }
    double passes = 0;
    for (const DannOutcome& outcome : found.of(kind)) {
      passes += static_cast<double>(outcome.history.size());
      early += outcome.history.size() < found.epochs;
      seconds += outcome.train_seconds;
    }
    epochs.emplace_back(passes / static_cast<double>(tests.size()));
  }
  const double chance = 1 / static_cast<double>(found.classes);
  add("chance_accuracy", chance, "", "What guessing gives.");
  add("chance_loss", -std::log(chance), "", "The cross-entropy of guessing.");
  add("epochs_run", epochs, "",
      "Passes over the training samples, mean: unconstrained, ColEI, DANN by plain, by corrected gradients.");
  add("stopped_early", early, "",
      "Networks whose training ended before its last epoch. This study has no early stopping: there should be none.");
  add("train_samples", static_cast<std::int64_t>(found.train_samples), "", "Samples to learn from.");
  add("test_samples", static_cast<std::int64_t>(found.test_samples), "", "Samples of the test.");
  add("train_seconds", seconds, "s", "Time of all training loops in this process, with tests, each on one thread.");
}

void add_dann_exhibits(RunContext& context, const DannFindings& found) {
  add_points(context, found);
  add_claim(context, found);
  add_table(context, found);
  add_learning(context, found);
  add_losses(context, found);
  add_fields(context, found);
}

std::string dann_answer(const DannFindings& found) {
  std::string text = found.dataset + ", test accuracy";
  for (const DannKind kind : dann_kinds)
    text += std::string(kind == dann_kinds.front() ? " " : ", ") + words_of(kind) + " " +
            mean_and_sd(found.tests(kind), digits) + "\u00a0%";
  const MeanDifference d = difference_of_means(found.tests(DannKind::unconstrained), found.tests(DannKind::corrected));
  if (!std::isfinite(d.low)) return text + " (one network each: the chance of seeds is not known).";
  return text + ". DANN with corrected updates is " +
         (d.low > 0    ? "behind unconstrained networks"
          : d.high < 0 ? "ahead of unconstrained networks"
                       : "not told apart from unconstrained networks") +
         ".";
}

}  // namespace neurarium
