// "What are advantages and drawbacks in comparison to other algorithms?" (the lecture's last question)
#include <algorithm>
#include <cmath>
#include <vector>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/backprop/classic_methods.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

/// "12 times less than", "1.4 times as much as"
std::string compared(double mine, double other) {
  const double ratio = mine < other ? other / mine : mine / other;
  if (ratio < 1.05) return "about as much as";
  const std::string times = ratio < 10 ? rounded(ratio, 1) : with_commas(static_cast<std::size_t>(std::llround(ratio)));
  return times + (mine < other ? " times less than" : " times as much as");
}

/// For and against: first from the numbers at hand, then what they do not show.
std::string verdict(const DigitFindings& found, std::span<const ClassicResult> others) {
  const auto best = std::ranges::max_element(others, {}, &ClassicResult::test_accuracy);
  const auto smallest = std::ranges::min_element(others, {}, &ClassicResult::bytes);
  const auto quickest = std::ranges::min_element(others, {}, &ClassicResult::seconds_per_image);
  const auto size = static_cast<double>(found.bytes);
  const double theirs = (1 - best->test_accuracy) * static_cast<double>(found.confusion.samples());
  std::string text = "The best of the others is " + std::string(best->method) + " with " +
                     percent(best->test_accuracy, 2) + ": " +
                     with_commas(static_cast<std::size_t>(std::llround(theirs))) + " errors; this network makes " +
                     with_commas(found.confusion.errors()) + ". ";
  text += "It keeps " + with_prefix(size, "B") + ", " + compared(size, static_cast<double>(best->bytes)) +
          " the best of the others and " + compared(size, static_cast<double>(smallest->bytes)) + " the smallest (" +
          std::string(smallest->short_name) + "). ";
  const std::string threads = found.threads == 1 ? "" : " on " + std::to_string(found.threads) + " threads";
  text += "An image takes it " + with_prefix(found.seconds_per_image, "s") + threads + ", " +
          compared(found.seconds_per_image, best->seconds_per_image) + " the best of the others and " +
          compared(found.seconds_per_image, quickest->seconds_per_image) + " the quickest (" +
          std::string(quickest->short_name) + ").";
  const char* const beyond =
      "What the table does not show: a network has many settings to choose (layers, rates, epochs), the other methods "
      "few; nearest neighbours learn a new image by storing it, a network must be trained on; a convolutional network "
      "knows beforehand that neighbouring pixels belong together, the others would do as well if all images had their "
      "pixels shuffled in the same way.";
  return text + "\n\n" + beyond;
}

}  // namespace

void add_classic_methods(RunContext& context, const DigitFindings& found) {
  std::vector<ClassicResult> others;
  for (const ClassicResult& result : classic_results())
    if (result.dataset == found.data.name) others.push_back(result);
  if (others.empty()) return;
  const std::string threads = found.threads == 1 ? "1 thread" : std::to_string(found.threads) + " threads";
  Table table{
      "classic-methods",
      "Beside other methods",
      "The network: this run, wall-clock time, " + threads + ". The others: " + std::string(classic_results_source()) +
          ", processor time; measured once, so their times are those of that machine. Numbers of pixels came to "
          "them as they came to the network. Size: what has to be kept to go on predicting.",
      {"method", "trained on", "test accuracy", "training", "one image", "size"},
      {}};
  table.rows.push_back({"this network", with_commas(found.trained_on), percent(found.confusion.accuracy(), 2),
                        with_prefix(found.train_seconds, "s"), with_prefix(found.seconds_per_image, "s"),
                        with_prefix(static_cast<double>(found.bytes), "B")});
  Chart chart{"accuracy-and-time",
              "Accuracy and time",
              "To the left is quicker, above is better. The times of the table.",
              "time for one image, µs",
              "test accuracy, %",
              "",
              {},
              false,
              false,
              true};
  Trace mine, theirs;
  mine.kind = theirs.kind = Trace::Kind::points;
  mine.name = "this network";
  theirs.name = "others";
  mine.x = {1e6 * found.seconds_per_image};
  mine.y = {100 * found.confusion.accuracy()};
  for (const ClassicResult& r : others) {
    table.rows.push_back({std::string(r.method), with_commas(r.samples), percent(r.test_accuracy, 2),
                          with_prefix(r.train_seconds, "s"), with_prefix(r.seconds_per_image, "s"),
                          with_prefix(static_cast<double>(r.bytes), "B")});
    theirs.x.push_back(1e6 * r.seconds_per_image);
    theirs.y.push_back(100 * r.test_accuracy);
    theirs.labels.emplace_back(r.short_name);
  }
  chart.traces = {std::move(mine), std::move(theirs)};
  context.add(std::move(table));
  context.add(std::move(chart));
  context.add(Remark{"Advantages and drawbacks", verdict(found, others)});
}

}  // namespace neurarium
