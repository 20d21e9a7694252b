// The figures of dale-localisation, and its answer in one line.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"

namespace neurarium {

void add_localisation_figures(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test,
                              bool stopped_early) {
  const auto add = [&](const char* name, Value value, const char* unit, std::string meaning, Value reference = {},
                       const char* source = "") {
    context.add(Figure{name, std::move(value), unit, std::move(meaning), std::move(reference), source});
  };
  const bool notebooks = found.model.spike == "late" && found.model.hidden == 30 && found.task.classes == 12;
  const double chance = 1 / static_cast<double>(found.task.classes);
  add("test_accuracy", found.test.accuracy, "", "Share of the test sounds whose direction is told.",
      notebooks ? Value(0.798) : Value(), notebooks ? "one run of the founding notebook" : "");
  add("mean_absolute_error_deg", found.test.mean_absolute_error_deg, "deg",
      "Mean distance of the middle of the class that it names from the true interaural phase.");
  add("train_accuracy", found.training.accuracy, "", "Share of the sounds it learned from, after training.");
  add("validation_accuracy", found.validation.accuracy, "", "Share of the sounds by which training is stopped.");
  add("test_loss", found.test.loss, "", "Mean cross-entropy on the test sounds.");
  add("chance_accuracy", chance, "", "What guessing gives.");
  add("chance_loss", -std::log(chance), "", "The cross-entropy of guessing.");
  if (found.observer) {
    add("ideal_observer_accuracy", found.observer->accuracy, "",
        "Share that nobody can beat: of one who knows how the spikes were made, but no phase, asked about " +
            with_commas(found.observer->samples) + " test sounds.");
    if (found.observer->accuracy_of_seen_steps)
      add("ideal_observer_accuracy_of_seen_steps", *found.observer->accuracy_of_seen_steps, "",
          "The same without the last three steps, which cannot reach the output where spikes come late.");
  }
  const auto& rates = found.hidden_rates;
  add("hidden_rate_hz", std::accumulate(rates.begin(), rates.end(), 0.) / static_cast<double>(rates.size()), "Hz",
      "Mean firing rate of the hidden units during the test sounds.");
  add("silent_units", static_cast<std::int64_t>(std::ranges::count(rates, 0.)), "",
      "Hidden units that never fire during them.");
  std::size_t events = test.spikes.events();
  add("input_rate_hz",
      static_cast<double>(events) /
          (static_cast<double>(test.spikes.samples() * test.spikes.steps() * test.spikes.units()) * found.task.dt),
      "Hz", "Mean firing rate of the fibres.");
  add("epochs_run", static_cast<std::int64_t>(found.history.size()), "", "Passes over the training sounds.");
  add("stopped_early", stopped_early, "", "Whether validation ended the training.");
  add("train_seconds", found.train_seconds, "s", "Time of the training loop, with validation, in this process.");
}

std::string localisation_answer(const LocalisationFindings& found) {
  std::string text = percent(found.test.accuracy, 1) + " of the test sounds are put into the right one of " +
                     std::to_string(found.task.classes) + " directions";
  if (found.observer) text += "; nobody could do better than " + percent(found.observer->accuracy, 1);
  return text + "; guessing gives " + percent(1 / static_cast<double>(found.task.classes), 1) + ".";
}

}  // namespace neurarium
