#include "neurarium/studies/localisation/rate_findings.hpp"

#include "neurarium/core/words.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

/// "50 Hz: 31.2 ± 0.8 % (observer 44.0 %)"
std::string said(const RateFindings& found, const RateSweep& sweep, std::size_t i) {
  const RateCondition& c = found.conditions[sweep.conditions[i]];
  return short_digits(sweep.number(c)) + sweep.unit + ": " + mean_and_sd(c.tests()) + " % (observer " +
         rounded(100 * c.best().accuracy, 1) + " %)";
}

}  // namespace

std::vector<double> RateFindings::places(const RateSweep& sweep) const {
  std::vector<double> x;
  for (const std::size_t c : sweep.conditions) x.push_back(sweep.number(conditions[c]));
  return x;
}

MeanDifference fall(const RateFindings& found, const RateSweep& sweep) {
  return difference_of_means(found.conditions[sweep.conditions.front()].tests(),
                             found.conditions[sweep.conditions.back()].tests());
}

double observers_fall(const RateFindings& found, const RateSweep& sweep) {
  return found.conditions[sweep.conditions.front()].best().accuracy -
         found.conditions[sweep.conditions.back()].best().accuracy;
}

void add_rate_figures(RunContext& context, const RateFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  Value::List rates, spontaneous, noises, means, sds, lows, highs, observers, errors, observer_degrees, behind;
  for (const RateCondition& c : found.conditions) {
    const SampleSummary s = summarise(c.tests());
    rates.emplace_back(c.task.rate_max), spontaneous.emplace_back(c.task.spontaneous_rate);
    noises.emplace_back(c.escape_noise);
    means.emplace_back(s.mean);
    if (s.n > 1) sds.emplace_back(s.sd), lows.emplace_back(s.low), highs.emplace_back(s.high);
    observers.emplace_back(c.best().accuracy), errors.emplace_back(c.best().accuracy_error);
    observer_degrees.emplace_back(c.best().mean_absolute_error_deg);
    behind.emplace_back(c.best().accuracy - s.mean);
  }
  add("rates", rates, "Hz", "Largest rate that the tone gives a fibre, for each condition.");
  add("spontaneous_rates", spontaneous, "Hz", "Rate of a fibre without any tone, for each condition.");
  add("escape_noises", noises, "", "Width of the escape noise of hidden units, for each condition.");
  add("test_mean", means, "", "Mean accuracy of the networks on the test, for each condition.");
  if (!sds.empty()) {
    add("test_sd_sample", sds, "", "Its standard deviation over networks, of the sample (ddof 1).");
    add("test_low", lows, "", "Lower end of the 95 % confidence interval of the mean (Student's t).");
    add("test_high", highs, "", "Its upper end.");
  }
  const bool late = found.conditions.front().observer_of_seen_steps.has_value();
  add("ideal_observer_accuracy", observers, "",
      std::string("Accuracy of the ideal observer") +
          (late ? ", of the steps that reach the answer of a network with late spikes." : "."));
  add("ideal_observer_error", errors, "", "Its standard error.");
  add("ideal_observer_absolute_error_deg", observer_degrees, "deg",
      "Mean distance of the middle of the class that the observer names from the true interaural phase.");
  add("behind_observer", behind, "", "Accuracy of the observer less that of the networks.");
  if (found.rates.conditions.size() > 1)
    add("fall_with_rate", with_ends(fall(found, found.rates)), "",
        "Mean accuracy at the highest rate less that at the lowest, and the ends of its 95 % interval (Welch).");
  if (found.spontaneous.conditions.size() > 1)
    add("fall_with_spontaneous_rate", with_ends(fall(found, found.spontaneous)), "",
        "Mean accuracy at the lowest spontaneous rate less that at the highest, likewise.");
  if (found.escape_noise.conditions.size() > 1)
    add("fall_with_escape_noise", with_ends(fall(found, found.escape_noise)), "",
        "Mean accuracy at the least escape noise less that at the most, likewise.");
  add_common_figures(context, all_of(found.conditions), found.settings);
}

std::string rate_answer(const RateFindings& found) {
  std::string text;
  const auto add = [&](const RateSweep& sweep, const std::string& start) {
    const std::size_t n = sweep.conditions.size();
    if (n == 0) return;
    text += (text.empty() ? "" : " ") + start + said(found, sweep, 0);
    if (n > 2) text += ", " + said(found, sweep, n / 2);
    if (n > 1) text += ", " + said(found, sweep, n - 1);
    text += ".";
  };
  add(found.rates, "Fibres that fire up to ");
  add(found.spontaneous, "With spontaneous firing of ");
  add(found.escape_noise, "With escape noise of hidden units of ");
  if (!found.several()) return text + " One network each: chance of seeds is not known.";
  return text + " (± sd over " + std::to_string(found.conditions.front().runs.size()) + " networks.)";
}

}  // namespace neurarium
