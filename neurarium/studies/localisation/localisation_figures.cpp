// The figures of dale-localisation.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

/// Adds figures; what is no number is left out.
class Figures {
 public:
  explicit Figures(RunContext& context) : context_(context) {}
  void operator()(const char* name, Value value, const char* unit, std::string meaning, Value reference = {},
                  const char* source = "") {
    if (value.is_number() && !std::isfinite(value.as_number())) return;
    context_.add(Figure{name, std::move(value), unit, std::move(meaning), std::move(reference), source});
  }

 private:
  RunContext& context_;
};

/// f(unit) of all active units.
std::vector<double> of_active(const LocalisationFindings& found, auto f) {
  std::vector<double> numbers;
  for (std::size_t u = 0; u < found.trained.hidden_rates.size(); ++u)
    if (found.analyses.active[u]) numbers.push_back(f(u));
  return numbers;
}

double share(std::span<const double> numbers, auto is_one) {
  return numbers.empty()
             ? std::nan("")
             : static_cast<double>(std::ranges::count_if(numbers, is_one)) / static_cast<double>(numbers.size());
}

void add_hidden_figures(Figures& add, const LocalisationFindings& found) {
  const LocalisationAnalyses& a = found.analyses;
  const auto& rates = found.trained.hidden_rates;
  add("hidden_rate_hz", std::accumulate(rates.begin(), rates.end(), 0.) / static_cast<double>(rates.size()), "Hz",
      "Mean firing rate of the hidden units during the test sounds.");
  add("silent_units", static_cast<std::int64_t>(std::ranges::count(rates, 0.)), "",
      "Hidden units that never fire during them.");
  add("active_units", static_cast<std::int64_t>(std::ranges::count(a.active, true)), "",
      "Hidden units that fire at 1 Hz or more; what follows is said of these.");
  const auto mean_of = [&](auto f) { return mean_of_finite(of_active(found, f)); };
  add("interval_ms", mean_of([&](std::size_t u) { return 1000 * a.intervals[u].mean; }), "ms",
      "Mean interval between their spikes.");
  add("interval_cv", mean_of([&](std::size_t u) { return a.intervals[u].cv; }), "",
      "Mean coefficient of variation of their intervals (Poisson: 1).");
  add("interval_cv2", mean_of([&](std::size_t u) { return a.intervals[u].cv2; }), "",
      "The same of neighbouring intervals only, CV2, blind to slow changes of the rate.");
  add("vector_strength", mean_of([&](std::size_t u) { return a.locking[u].vector_strength; }), "",
      "Mean vector strength: how their spikes lock to the tone (0 … 1).");
  add("locked_units",
      share(of_active(found, [&](std::size_t u) { return a.locking[u].rayleigh_p; }),
            [](double p) { return p < 0.001; }),
      "", "Share of them whose spikes follow the tone (Rayleigh's test, p < 0.001).");
  std::vector<double> pairs;
  for (std::size_t i = 0; i < a.order.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (a.active[i] && a.active[j]) pairs.push_back(a.synchrony(i, j));
  add("synchrony", mean_of_finite(pairs), "",
      "Mean correlation of two of them, of spike counts in windows of " +
          short_digits(1000 * found.task.dt * static_cast<double>(a.window), 3) + " ms.");
}

void add_analysis_figures(Figures& add, const LocalisationFindings& found) {
  const LocalisationAnalyses& a = found.analyses;
  const double whole = found.trained.test.accuracy;
  double most = 0;
  for (const AblationResult& without : a.without_unit) most = std::max(most, whole - without.result.accuracy);
  add("lost_without_a_unit", most, "", "Test accuracy that is lost without the hidden unit that counts most.");
  add("accuracy_without_fibre_inhibition", a.without_fibre_inhibition.result.accuracy, "",
      "Test accuracy if no fibre inhibits any more.");
  add("accuracy_without_hidden_inhibition", a.without_hidden_inhibition.result.accuracy, "",
      "Test accuracy if no hidden unit inhibits any more.");
  add("accuracy_without_inhibition", a.without_inhibition.result.accuracy, "", "Test accuracy if neither does.");
  if (a.decision) {
    const auto& quarters = a.decision->quarters;
    add("decision_in_flanks", quarters[0] + quarters[2], "",
        "Share of the true class' lead, in sounds told right, that hidden spikes around the tone's rise and fall "
        "bring.");
    add("decision_in_crest_quarter", quarters[1], "", "The share of the quarter around its crest.");
    add("decision_in_trough_quarter", quarters[3], "", "The share of the quarter around its trough.");
    add("decision_in_trough", a.decision->trough_margin, "", "The share of the trough's half of the tone.");
    add("spikes_in_trough", a.decision->trough_spikes, "", "Share of the hidden spikes that fall into it.");
    add("accuracy_of_trough", a.decision->accuracy_of_trough, "", "Test accuracy if only its spikes are read out.");
    add("accuracy_of_crest", a.decision->accuracy_of_crest, "", "Test accuracy if only the other half's are.");
  }
  add("coincidence_index", mean_of_finite(of_active(found, [&](std::size_t u) { return a.coincidence[u].index; })), "",
      "Mean coincidence index of the active units: 1 if both ears drive them alike and meet at some angle, −1 if they "
      "cancel.");
  add("coincidence_detectors", a.share_of(UnitRole::detector), "",
      "Share of them that detect coincidences: index above 0.5, and firing most where the ears meet.");
  add("coincidence_dips", a.share_of(UnitRole::dip), "",
      "Share of them that show coincidences by silence: index above 0.5, and firing least where the ears meet.");
  add("ear_comparators", a.share_of(UnitRole::comparator), "",
      "Share of them that set one ear against the other: index below −0.5, and tuned by where the ears cancel.");
  std::vector<double> meeting;
  for (std::size_t u = 0; u < a.active.size(); ++u)
    if (a.active[u] && a.coincidence[u].index > 0.5)
      meeting.push_back(a.coincidence[u].difference * 180 / std::numbers::pi);
  if (meeting.size() > 1)
    add("meeting_angles_sd_deg", summarise(meeting).sd, "deg",
        "Standard deviation of the angles where the ears meet, over active units with an index above 0.5.");
  add("bumps_of_w2", a.bumps_of_w2.mean, "",
      "Runs of neighbouring strong weights per column of W2: active units in the notebook's order.");
  add("bumps_by_chance", a.bumps_of_w2.by_chance, "", "What any order would give on average.");
  add("negative_share_w2", a.negative_share_w2, "", "Share of the weights of W2 below 0.");
  add("sign_violations", static_cast<std::int64_t>(a.sign_violations), "",
      "Synapses with a sign that they must not have.");
}

}  // namespace

void add_localisation_figures(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test) {
  Figures add(context);
  const bool notebooks = found.model.spike == "late" && found.model.hidden == 30 && found.task.classes == 12;
  const double chance = 1 / static_cast<double>(found.task.classes);
  const TrainedLocalisation& trained = found.trained;
  add("test_accuracy", trained.test.accuracy, "", "Share of the test sounds whose direction is told.",
      notebooks ? Value(0.798) : Value(), notebooks ? "one run of the founding notebook" : "");
  add("mean_absolute_error_deg", trained.test.mean_absolute_error_deg, "deg",
      "Mean distance of the middle of the class that it names from the true interaural phase.");
  add("train_accuracy", trained.training.accuracy, "", "Share of the sounds it learned from, after training.");
  add("validation_accuracy", trained.validation.accuracy, "", "Share of the sounds by which training is stopped.");
  add("test_loss", trained.test.loss, "", "Mean cross-entropy on the test sounds.");
  add("chance_accuracy", chance, "", "What guessing gives.");
  add("chance_loss", -std::log(chance), "", "The cross-entropy of guessing.");
  if (found.observer) {
    add("ideal_observer_accuracy", found.observer->accuracy, "",
        "Share that nobody can beat: of one who knows how the spikes were made, but no phase, in " +
            with_commas(found.observer->trials) + " trials.");
    add("ideal_observer_standard_error", found.observer->error, "", "Its standard error.");
    if (found.observer->accuracy_of_seen_steps)
      add("ideal_observer_accuracy_of_seen_steps", *found.observer->accuracy_of_seen_steps, "",
          "The same without the last " + std::to_string(unheard_steps(found.model)) +
              " steps, which cannot reach the answer where spikes come late.");
  }
  add_hidden_figures(add, found);
  add("input_rate_hz",
      static_cast<double>(test.spikes.events()) /
          (static_cast<double>(test.spikes.samples() * test.spikes.steps() * test.spikes.units()) * found.task.dt),
      "Hz", "Mean firing rate of the fibres.");
  add_analysis_figures(add, found);
  add("epochs_run", static_cast<std::int64_t>(trained.history.size()), "", "Passes over the training sounds.");
  add("stopped_early", found.stopped_early, "", "Whether validation ended the training.");
  add("train_seconds", trained.train_seconds, "s", "Time of the training loop, with validation, in this process.");
}

}  // namespace neurarium
