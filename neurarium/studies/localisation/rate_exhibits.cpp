// Charts, table and words of localisation-rate.
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/rate_findings.hpp"
#include "neurarium/studies/localisation/weights_beside.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

void add_curve(RunContext& context, const RateFindings& found, const RateSweep& sweep, Chart chart) {
  if (sweep.conditions.empty()) return;
  chart.caption += " Points: every network; line: means; band: their 95 % interval.";
  chart.y_label = "accuracy, %";
  const std::vector<double> x = found.places(sweep);
  std::vector<std::vector<double>> tests;
  Trace observer, guessing;
  observer.name = "ideal observer", observer.colour = "#222222", observer.x = x;
  for (const std::size_t c : sweep.conditions) {
    tests.push_back(found.conditions[c].tests());
    observer.y.push_back(100 * found.conditions[c].best().accuracy);
  }
  add_spread(chart, "networks", "#2f6fb3", x, tests, 100);
  guessing.name = "guessing", guessing.colour = "#888888", guessing.x = {x.front(), x.back()};
  guessing.y = {100. / static_cast<double>(found.settings.task.classes)};
  guessing.y.push_back(guessing.y.front());
  chart.traces.push_back(std::move(observer)), chart.traces.push_back(std::move(guessing));
  context.add(std::move(chart));
}

void add_curves(RunContext& context, const RateFindings& found) {
  Chart rates, spontaneous, noise;
  rates.name = "rates", rates.title = "How much fibres must fire";
  rates.caption = "Share of the sounds whose direction is told, by the largest rate that the tone gives a fibre.";
  rates.x_label = "largest rate of a fibre, Hz";
  add_curve(context, found, found.rates, std::move(rates));
  spontaneous.name = "spontaneous", spontaneous.title = "What firing without a tone does";
  spontaneous.caption = "The same by the rate that is added to every fibre at all times.";
  spontaneous.x_label = "spontaneous rate of a fibre, Hz";
  add_curve(context, found, found.spontaneous, std::move(spontaneous));
  noise.name = "escape_noise", noise.title = "What noise in the hidden units does";
  noise.caption =
      "The same by the width of the escape noise: hidden units fire by chance, e times as often for each such width "
      "that their "
      "membrane is higher. The observer looks at the fibres, and has none.";
  noise.x_label = "width of the escape noise, in the unit of the threshold";
  add_curve(context, found, found.escape_noise, std::move(noise));
}

void add_table(RunContext& context, const RateFindings& found) {
  Table table{
      "conditions",
      "Every condition",
      "Accuracies in per cent, standard deviations of the sample (ddof 1). 95 %: of the mean (Student's t). "
      "Observer: the best that anyone can do, ± its standard error. Behind: the observer less the networks, points.",
      {"largest rate, Hz", "spontaneous, Hz", "escape noise", "observer", "networks", "95 %", "behind", "each test",
       "training", "error, deg", "hidden, Hz"},
      {}};
  for (const RateCondition& c : found.conditions) {
    const std::vector<double> tests = c.tests();
    const auto mean = [&](double LocalisationOutcome::*figure) { return summarise(c.of(figure)).mean; };
    table.rows.push_back(
        {short_digits(c.task.rate_max), short_digits(c.task.spontaneous_rate), short_digits(c.escape_noise),
         rounded(100 * c.best().accuracy, 1) + " ± " + rounded(100 * c.best().accuracy_error, 1), mean_and_sd(tests),
         interval(tests), rounded(100 * (c.best().accuracy - summarise(tests).mean), 1), every_one(tests),
         mean_and_sd(c.of(&LocalisationOutcome::train_accuracy)),
         rounded(mean(&LocalisationOutcome::mean_absolute_error_deg), 1) + " (observer " +
             rounded(c.best().mean_absolute_error_deg, 1) + ")",
         rounded(mean(&LocalisationOutcome::hidden_rate_hz), 0)});
  }
  context.add(std::move(table));
}

void add_claim(RunContext& context, const RateFindings& found) {
  std::string text =
      "The notebook leaves open what realistic rates are (\"reduce firing rates of AFN\") and what baseline firing "
      "does; it "
      "trains at 600 Hz without any, and names no best possible answer.";
  const auto say = [&](const RateSweep& sweep, const std::string& what) {
    if (sweep.conditions.size() < 2) return;
    const MeanDifference networks = fall(found, sweep);
    text += " " + what + ", networks lose " + in_points(networks) + " points, and the ideal observer " +
            rounded(100 * observers_fall(found, sweep), 1) + ".";
  };
  const auto at = [&](const RateSweep& sweep, bool first) {
    if (sweep.conditions.empty()) return std::string();
    const std::size_t c = first ? sweep.conditions.front() : sweep.conditions.back();
    return short_digits(sweep.number(found.conditions[c]));
  };
  say(found.rates, "From " + at(found.rates, true) + " to " + at(found.rates, false) + " Hz");
  say(found.spontaneous,
      "From " + at(found.spontaneous, true) + " to " + at(found.spontaneous, false) + " Hz of spontaneous firing");
  if (found.escape_noise.conditions.size() > 1)
    text += " From " + at(found.escape_noise, true) + " to " + at(found.escape_noise, false) +
            " of escape noise, networks that learn and are tested with it lose " +
            in_points(fall(found, found.escape_noise)) + " points.";
  else if (found.settings.model.escape_noise == 0)
    text +=
        " Units of these networks fire when they cross their threshold: noise of the threshold itself is not in it.";
  context.add(Remark{"What the notebook says, and what came out", text + " In brackets: 95 % intervals."});
}

}  // namespace

void add_rate_exhibits(RunContext& context, const RateFindings& found) {
  add_curves(context, found);
  add_claim(context, found);
  add_table(context, found);
  std::vector<const LocalisationOutcome*> first;
  std::vector<std::string> names;
  for (const RateCondition& c : found.conditions) first.push_back(&c.runs.front()), names.push_back(c.name);
  context.add(weights_beside(first, names, "condition, largest and spontaneous rate, escape noise,"));
  context.add(loss_chart(first, names, false));
  context.add(loss_chart(first, names, true));
  context.array("test_accuracy", tests_of_all(all_of(found.conditions)));
}

}  // namespace neurarium
