#include "neurarium/studies/localisation/spread.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {

void add_spread(Chart& chart, const std::string& name, const std::string& colour, std::span<const double> x,
                std::span<const std::vector<double>> numbers, double factor) {
  Trace band, line, points;
  band.kind = Trace::Kind::band, points.kind = Trace::Kind::points;
  band.name = name + ", 95 %", line.name = name, points.name = name + ", each network";
  band.colour = line.colour = points.colour = colour;
  const std::size_t n = x.size();
  band.x.resize(2 * n), band.y.resize(2 * n);
  bool several = true;
  for (std::size_t i = 0; i < n; ++i) {
    const SampleSummary s = summarise(numbers[i]);
    several = several && s.n > 1;
    band.x[i] = band.x[2 * n - 1 - i] = x[i];
    band.y[i] = factor * s.high, band.y[2 * n - 1 - i] = factor * s.low;
    line.x.push_back(x[i]), line.y.push_back(factor * s.mean);
    for (const double number : numbers[i]) points.x.push_back(x[i]), points.y.push_back(factor * number);
  }
  if (several) chart.traces.push_back(std::move(band));
  chart.traces.push_back(std::move(line));
  chart.traces.push_back(std::move(points));
}

Array tests_of_all(std::span<const Condition* const> conditions) {
  Array all(DType::f64, {conditions.size(), conditions.front()->runs.size()});
  for (std::size_t i = 0; i < conditions.size(); ++i)
    for (std::size_t r = 0; r < conditions[i]->runs.size(); ++r)
      all.as<double>()(i, r) = conditions[i]->runs[r].test_accuracy;
  return all;
}

void add_common_figures(RunContext& context, std::span<const Condition* const> conditions,
                        const LocalisationSettings& settings) {
  Value::List rates, errors, epochs;
  std::int64_t early = 0;
  double seconds = 0;
  for (const Condition* each_one : conditions) {
    const Condition& condition = *each_one;
    rates.emplace_back(summarise(condition.of(&LocalisationOutcome::hidden_rate_hz)).mean);
    errors.emplace_back(summarise(condition.of(&LocalisationOutcome::mean_absolute_error_deg)).mean);
    double sum = 0;
    for (const LocalisationOutcome& run : condition.runs) {
      sum += static_cast<double>(run.history.size());
      early += static_cast<std::int64_t>(run.history.size()) < settings.train.epochs;
      seconds += run.train_seconds;
    }
    epochs.emplace_back(sum / static_cast<double>(condition.runs.size()));
  }
  const auto add = [&](const char* name, Value value, const char* unit, const char* meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  add("hidden_rate_hz", rates, "Hz", "Mean firing rate of the hidden units during the test.");
  add("mean_absolute_error_deg", errors, "deg",
      "Mean distance of the middle of the class that it names from the true interaural phase.");
  add("epochs_run", epochs, "", "Passes over the training sounds, mean.");
  add("stopped_early", early, "", "Networks whose training was ended by validation.");
  const double chance = 1 / static_cast<double>(settings.task.classes);
  add("chance_accuracy", chance, "", "What guessing gives.");
  add("chance_loss", -std::log(chance), "", "The cross-entropy of guessing.");
  add("train_seconds", seconds, "s",
      "Time of all training loops in this process, with validation, each on one thread.");
}

}  // namespace neurarium
