#include "neurarium/studies/localisation/decision.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/nn/classes.hpp"

namespace neurarium {

std::optional<std::vector<double>> time_weights(const std::string& readout, double alpha, std::size_t steps,
                                                bool late) {
  std::vector<double> weights(steps);
  for (std::size_t t = 0; t < steps; ++t) {
    const std::size_t seen = steps - t - (late ? 1 : 0);  // in so many steps is a spike of step t in the membrane
    const auto n = static_cast<double>(seen);
    double sum = n;  // 1 + α + … for `seen` terms
    if (alpha < 1) sum = (1 - std::pow(alpha, n)) / (1 - alpha);
    if (readout == "mean") weights[t] = sum / static_cast<double>(steps);
    else if (readout == "sum") weights[t] = sum;
    else if (readout == "last") weights[t] = seen == 0 ? 0 : std::pow(alpha, n - 1);
    else return std::nullopt;
  }
  return weights;
}

std::vector<double> phases_in_the_head(const InterauralPhaseSet& sounds, const InterauralPhaseParams& task) {
  std::vector<double> phases;
  for (std::size_t i = 0; i < sounds.ipd.size(); ++i)
    phases.push_back(sounds.phase[i] + (task.phase_span + sounds.ipd[i]) / (4 * std::numbers::pi));
  return phases;
}

DecisionByPhase decision_by_phase(const StepSpikes& hidden, const InterauralPhaseSet& sounds,
                                  const InterauralPhaseParams& task, std::span<const double> weights,
                                  const Tensor<double>& w2, std::size_t bins) {
  const std::size_t samples = hidden.samples(), steps = hidden.steps(), classes = w2.shape()[1];
  DecisionByPhase found;
  for (std::size_t b = 0; b < bins; ++b)
    found.phase.push_back((static_cast<double>(b) + 0.5) / static_cast<double>(bins));
  found.of_time.assign(bins, 0), found.of_spikes = found.of_margin = found.of_time;

  const std::vector<double> starts = phases_in_the_head(sounds, task);
  std::vector<double> phases(steps), of_steps(steps * classes), all(classes), trough(classes), crest(classes);
  std::size_t right = 0, right_trough = 0, right_crest = 0;
  double margins = 0, margins_in_trough = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    std::ranges::fill(of_steps, 0);
    for (auto* sum : {&all, &trough, &crest}) std::ranges::fill(*sum, 0);
    for (std::size_t t = 0; t < steps; ++t) {
      const double cycles = starts[i] + task.frequency * static_cast<double>(t) * task.dt;
      phases[t] = cycles - std::floor(cycles);
      const std::span<double> said(of_steps.data() + t * classes, classes);
      for (const StepSpikes::Unit unit : hidden.at(i, t))
        for (std::size_t k = 0; k < classes; ++k) said[k] += weights[t] * w2(unit, k);
      const bool is_trough = phases[t] >= 0.5;
      for (std::size_t k = 0; k < classes; ++k) all[k] += said[k], (is_trough ? trough : crest)[k] += said[k];
    }
    const auto truth = static_cast<std::size_t>(sounds.labels[i]);
    const auto names_it = [&](const std::vector<double>& logits) {
      return strongest(std::span<const double>(logits)) == truth;
    };
    const bool told = names_it(all);
    right += told, right_trough += names_it(trough), right_crest += names_it(crest);
    std::size_t rival = truth == 0 ? 1 % classes : 0;
    for (std::size_t k = 0; k < classes; ++k)
      if (k != truth && all[k] > all[rival]) rival = k;
    for (std::size_t t = 0; t < steps; ++t) {
      const auto bin = std::min(bins - 1, static_cast<std::size_t>(phases[t] * static_cast<double>(bins)));
      const auto spikes = static_cast<double>(hidden.at(i, t).size());
      const double margin = of_steps[t * classes + truth] - of_steps[t * classes + rival];
      const bool is_trough = phases[t] >= 0.5;
      found.of_time[bin] += 1, found.of_spikes[bin] += spikes;
      if (is_trough) found.trough_time += 1, found.trough_spikes += spikes;
      if (!told) continue;
      found.of_margin[bin] += margin, margins += margin;
      found.quarters[static_cast<std::size_t>(phases[t] * 4 + 0.5) % 4] += margin;
      if (is_trough) margins_in_trough += margin;
    }
  }
  const auto share = [](double part, double whole) { return whole != 0 ? part / whole : std::nan(""); };
  const auto time = static_cast<double>(samples * steps), spikes = static_cast<double>(hidden.events());
  found.trough_time = share(found.trough_time, time), found.trough_spikes = share(found.trough_spikes, spikes);
  found.trough_margin = share(margins_in_trough, margins);
  for (std::size_t b = 0; b < bins; ++b) {
    found.of_time[b] = share(found.of_time[b], time), found.of_spikes[b] = share(found.of_spikes[b], spikes);
    found.of_margin[b] = share(found.of_margin[b], margins);
  }
  for (double& quarter : found.quarters) quarter = share(quarter, margins);
  const auto n = static_cast<double>(samples);
  found.accuracy = static_cast<double>(right) / n;
  found.accuracy_of_trough = static_cast<double>(right_trough) / n;
  found.accuracy_of_crest = static_cast<double>(right_crest) / n;
  return found;
}

}  // namespace neurarium
