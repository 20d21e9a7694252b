// "What are advantages and drawbacks in comparison to other algorithms?" (the lecture's last question)
#include <algorithm>
#include <vector>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/backprop/classic_methods.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

/// For and against, from the numbers at hand: nothing is said that this run does not show.
std::string verdict(const DigitFindings& found, std::span<const ClassicResult> others) {
  const auto best = std::ranges::max_element(others, {}, &ClassicResult::test_accuracy);
  const auto smallest = std::ranges::min_element(others, {}, &ClassicResult::bytes);
  const auto quickest = std::ranges::min_element(others, {}, &ClassicResult::seconds_per_image);
  const auto test = static_cast<double>(found.confusion.samples());
  const double wrong = static_cast<double>(found.confusion.errors()), theirs = (1 - best->test_accuracy) * test;
  std::string text = "The best of the others is the " + std::string(best->method) + " with " +
                     percent(best->test_accuracy, 2) + ": " + rounded(theirs, 0) + " errors; this network makes " +
                     rounded(wrong, 0) + ". ";
  const auto than = [](double mine, double other) {
    return mine < other ? rounded(other / mine, other / mine < 10 ? 1 : 0) + " times less than"
                        : rounded(mine / other, mine / other < 10 ? 1 : 0) + " times as much as";
  };
  text += "It keeps " + with_prefix(static_cast<double>(found.bytes), "B") + ", " +
          than(static_cast<double>(found.bytes), static_cast<double>(best->bytes)) + " that method and " +
          than(static_cast<double>(found.bytes), static_cast<double>(smallest->bytes)) + " the smallest (" +
          std::string(smallest->short_name) + "). An image takes it " + with_prefix(found.seconds_per_image, "s") +
          ", " + than(found.seconds_per_image, best->seconds_per_image) + " the best of the others and " +
          than(found.seconds_per_image, quickest->seconds_per_image) + " the quickest (" +
          std::string(quickest->short_name) + ").\n\n";
  text +=
      "What the table does not show: a network has many settings to choose (layers, rates, epochs), the other methods "
      "few; "
      "nearest neighbours learn a new image by storing it, a network has to be trained on; a convolutional network "
      "knows "
      "beforehand that neighbouring pixels belong together, the others would do as well if all pixels were shuffled.";
  return text;
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
