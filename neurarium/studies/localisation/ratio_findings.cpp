#include "neurarium/studies/localisation/ratio_findings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

constexpr double slack = 1e-9;
bool in_middle(double f) { return f > 0.4 - slack && f < 0.6 + slack; }
bool beside_middle(double f) { return !in_middle(f) && f > 0.2 - slack && f < 0.8 + slack; }

std::vector<double> tests_of(const RatioCondition& condition) {
  return each(condition.runs, &LocalisationOutcome::test_accuracy);
}

/// "0.2, 0.3 and 0.7"
std::string listed(const std::vector<double>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    text += (i == 0 ? "" : i + 1 == numbers.size() ? " and " : ", ") + short_digits(numbers[i], 3);
  return text;
}

/// The founding prototype's sweep: whether these are its settings.
bool is_the_notebooks(const RatioFindings& found) {
  const LocalisationSettings& s = found.settings;
  if (s.model.spike != "late" || s.model.hidden != 30 || s.model.rule != "abs" || s.task.classes != 12 ||
      s.task.phase != "per_set" || s.training_samples != 4096 || s.train.epochs != 30 || found.conditions.size() != 11)
    return false;
  for (std::size_t i = 0; i < 11; ++i)
    if (std::abs(found.conditions[i].fraction - 0.1 * static_cast<double>(i)) > slack) return false;
  return true;
}

}  // namespace

RatioVerdict verdict_of(const RatioFindings& found) {
  RatioVerdict verdict;
  std::vector<double> means, middle, neighbours;
  for (const RatioCondition& condition : found.conditions) {
    const std::vector<double> tests = tests_of(condition);
    means.push_back(summarise(tests).mean);
    if (in_middle(condition.fraction)) middle.insert(middle.end(), tests.begin(), tests.end());
    if (beside_middle(condition.fraction)) neighbours.insert(neighbours.end(), tests.begin(), tests.end());
  }
  verdict.best = static_cast<std::size_t>(std::ranges::max_element(means) - means.begin());
  const std::vector<double> best = tests_of(found.conditions[verdict.best]);
  for (const RatioCondition& condition : found.conditions)
    verdict.from_best.push_back(difference_of_means(best, tests_of(condition)));
  verdict.middle = difference_of_means(middle, neighbours);
  return verdict;
}

void add_ratio_figures(RunContext& context, const RatioFindings& found) {
  const bool notebooks = is_the_notebooks(found);
  const RatioVerdict verdict = verdict_of(found);
  const auto add = [&](const char* name, Value value, const char* unit, std::string meaning, Value reference = {},
                       const char* source = "") {
    context.add(Figure{name, std::move(value), unit, std::move(meaning), std::move(reference), source});
  };
  const auto list = [&](const auto& of) {
    Value::List values;
    for (const RatioCondition& condition : found.conditions) values.emplace_back(of(condition));
    return Value(std::move(values));
  };
  const auto mean_of_figure = [&](double LocalisationOutcome::*figure) {
    return list([&](const RatioCondition& c) { return summarise(each(c.runs, figure)).mean; });
  };
  const auto reference = [&](Value::List values) { return notebooks ? Value(std::move(values)) : Value(); };
  const char* prototype = notebooks ? "the founding prototype of the notebook's network, 3 networks each" : "";

  add("best_fraction", found.conditions[verdict.best].fraction, "", "Share of inhibitory units with the best mean.",
      notebooks ? Value("0.4–0.6") : Value(), notebooks ? "the founding notebook, by its plot of 3 networks each" : "");
  add("best_test_mean", summarise(tests_of(found.conditions[verdict.best])).mean, "", "Its mean accuracy on the test.");
  if (std::isfinite(verdict.middle.low))
    add("middle_advantage", Value::List{verdict.middle.mean, verdict.middle.low, verdict.middle.high}, "",
        "Mean test accuracy of networks with 0.4 to 0.6 less that of their neighbours (0.2 to below 0.4, above 0.6 to "
        "0.8), and the ends of its 95 % interval (Welch).");
  add("fractions", list([](const RatioCondition& c) { return c.fraction; }), "", "Shares of inhibitory units.");
  add("train_mean", mean_of_figure(&LocalisationOutcome::train_accuracy), "",
      "Mean accuracy on the training sounds, for each share.");
  add("validation_mean", mean_of_figure(&LocalisationOutcome::validation_accuracy), "",
      "Mean accuracy on the validation sounds.");
  add("test_mean", mean_of_figure(&LocalisationOutcome::test_accuracy), "", "Mean accuracy on the test sounds.",
      reference({0.490, 0.659, 0.726, 0.734, 0.711, 0.790, 0.758, 0.762, 0.727, 0.670, 0.080}), prototype);
  add("test_sd", list([](const RatioCondition& c) { return population_sd(tests_of(c)); }), "",
      "Its standard deviation over networks, as the notebook takes it: of the population (ddof 0).",
      reference({0.026, 0.026, 0.020, 0.034, 0.064, 0.022, 0.028, 0.038, 0.025, 0.016, 0.003}), prototype);
  if (found.repeats() > 1) {
    add("test_sd_sample", list([](const RatioCondition& c) { return summarise(tests_of(c)).sd; }), "",
        "The same of the sample (ddof 1): what to expect of other seeds.");
    add("test_low", list([](const RatioCondition& c) { return summarise(tests_of(c)).low; }), "",
        "Lower end of the 95 % confidence interval of the mean on the test (Student's t).");
    add("test_high", list([](const RatioCondition& c) { return summarise(tests_of(c)).high; }), "", "Its upper end.");
  }
  add("hidden_rate_hz", mean_of_figure(&LocalisationOutcome::hidden_rate_hz), "Hz",
      "Mean firing rate of the hidden units during the test.",
      reference({411, 328, 322, 300, 257, 80, 105, 109, 101, 80, 0}), prototype);
  add("mean_absolute_error_deg", mean_of_figure(&LocalisationOutcome::mean_absolute_error_deg), "deg",
      "Mean distance of the middle of the class that it names from the true interaural phase.");
  add("epochs_run", list([](const RatioCondition& c) {
        double sum = 0;
        for (const auto& run : c.runs) sum += static_cast<double>(run.history.size());
        return sum / static_cast<double>(c.runs.size());
      }),
      "", "Passes over the training sounds, mean.");
  std::int64_t early = 0;
  double seconds = 0;
  for (const RatioCondition& condition : found.conditions)
    for (const auto& run : condition.runs) {
      early += static_cast<std::int64_t>(run.history.size()) < found.settings.train.epochs;
      seconds += run.train_seconds;
    }
  add("stopped_early", early, "", "Networks whose training was ended by validation.");
  const double chance = 1 / static_cast<double>(found.settings.task.classes);
  add("chance_accuracy", chance, "", "What guessing gives.");
  add("chance_loss", -std::log(chance), "", "The cross-entropy of guessing.");
  add("train_seconds", seconds, "s",
      "Time of all training loops in this process, with validation, each on one thread.");
}

std::string ratio_answer(const RatioFindings& found) {
  const RatioVerdict verdict = verdict_of(found);
  const RatioCondition& best = found.conditions[verdict.best];
  const SampleSummary summary = summarise(tests_of(best));
  std::string text = "Best with " + short_digits(best.fraction, 3) +
                     " of the units inhibitory: " + percent(summary.mean, 1) + " of the test sounds";
  if (found.repeats() < 2) return text + " (one network each: chance of seeds is not known, nor what is best).";
  text += " (sd " + rounded(100 * population_sd(tests_of(best)), 1) + " over " + std::to_string(found.repeats()) +
          " networks)";
  std::vector<double> alike, alike_outside;
  bool has_middle = false, middle_alike = false, has_outside = false;
  for (std::size_t i = 0; i < found.conditions.size(); ++i) {
    const double f = found.conditions[i].fraction;
    const bool same = i == verdict.best || !verdict.from_best[i].told_apart();
    (in_middle(f) ? has_middle : has_outside) = true;
    if (in_middle(f)) middle_alike |= same;
    if (same && i != verdict.best) alike.push_back(f);
    if (same && !in_middle(f)) alike_outside.push_back(f);
  }
  if (!alike.empty()) text += "; " + listed(alike) + " can't be told from it";
  if (has_middle && has_outside) {
    text += ". The notebook's \"40–60 % is best\": ";
    if (in_middle(best.fraction) && alike_outside.empty()) text += "held";
    else if (!middle_alike) text += "not so here, those are worse";
    else
      text += "not shown, " + listed(alike_outside) + (alike_outside.size() == 1 ? " is" : " are") +
              " as good within the noise";
  }
  return text + ".";
}

}  // namespace neurarium
