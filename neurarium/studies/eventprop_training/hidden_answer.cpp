// The answer of hidden-gradient in a line, as far as what was measured tells losses apart.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

double mean_of(const std::vector<double>& numbers) { return summarise(numbers).mean; }

/// Standard error of what hidden learning gives under a loss: that of so many test samples, or of the starts if it is larger.
double gain_error(const HiddenFindings& found, std::size_t l) {
  const std::vector<double> learned = found.accuracies(l, true), fixed = found.accuracies(l, false);
  const auto starts = static_cast<double>(learned.size());
  double variance = 0;
  for (const auto* shares : {&learned, &fixed}) {
    // As if one more sample were right and one more wrong: an accuracy of 100 % is not known without error either.
    const double n = starts * static_cast<double>(found.data.test.samples());
    const double p = (mean_of(*shares) * n + 1) / (n + 2);
    variance += p * (1 - p) / n;
  }
  std::vector<double> gains;
  for (std::size_t k = 0; k < learned.size(); ++k) gains.push_back(learned[k] - fixed[k]);
  const double of_starts = gains.size() > 1 ? summarise(gains).sd / std::sqrt(starts) : 0;
  return std::max(std::sqrt(variance), of_starts);
}

/// Whether what hidden learning gives under the best and under the worst loss is more than two standard errors apart.
bool gains_are_apart(const HiddenFindings& found) {
  std::size_t best = 0, worst = 0;
  for (std::size_t l = 0; l < found.losses(); ++l) {
    if (found.gain(l) > found.gain(best)) best = l;
    if (found.gain(l) < found.gain(worst)) worst = l;
  }
  return found.gain(best) - found.gain(worst) > 2 * std::hypot(gain_error(found, best), gain_error(found, worst));
}

}  // namespace

double HiddenFindings::gain(std::size_t l) const {
  return mean_of(accuracies(l, true)) - mean_of(accuracies(l, false));
}

double HiddenFindings::label_share_of_spikes(std::size_t l) const {
  double label = 0, all = 0;
  for (const ProbeView& draw : draws)
    for (std::size_t p = 0; p < HiddenProbe::parts_of_trial; ++p)
      label += draw.losses[l].label_signal[p], all += draw.losses[l].signal[p];
  return all > 0 ? label / all : NAN;
}

// Who teaches: whose hidden layers, learning, make more right than the same ones left alone.
std::string hidden_answer(const HiddenFindings& found) {
  std::string text =
      found.params.frozen ? "Learning hidden weights, too, changes test accuracy by " : "Test accuracy: ";
  std::vector<std::pair<double, std::string>> rows;
  for (std::size_t l = 0; l < found.losses(); ++l) {
    const double test = mean_of(found.accuracies(l, true));
    const double gain = found.params.frozen ? test - mean_of(found.accuracies(l, false)) : test;
    rows.emplace_back(-gain, std::string(found.loss(l).words) + " " + (found.params.frozen && gain > 0 ? "+" : "") +
                                 rounded(100 * gain, 1) +
                                 (found.params.frozen ? " (to " + percent(test, 1) + ")" : "\u00a0%"));
  }
  std::ranges::sort(rows);
  for (std::size_t k = 0; k < rows.size(); ++k) text += (k ? ", " : "") + rows[k].second;
  text += found.params.frozen ? " points" : "";
  if (!found.params.frozen) return text + ".";
  if (found.losses() > 1 && !gains_are_apart(found))
    return text + ": losses are not told apart, within two standard errors of " +
           std::to_string(found.data.test.samples()) + " test samples and " + std::to_string(found.params.repeats) +
           (found.params.repeats == 1 ? " start." : " starts.");
  if (found.losses() == 1) return text + ".";
  text +=
      ": a loss teaches the hidden layer as far as what its readout makes of the label's output changes with a spike's "
      "time";
  for (std::size_t l = 0; l < found.losses(); ++l) {
    if (-found.gain(l) > 2 * gain_error(found, l) && found.label_share_of_spikes(l) < 0.5)
      text += "; under " + std::string(found.loss(l).words) + ", " + percent(1 - found.label_share_of_spikes(l)) +
              " of what spikes hear at the start is the same under any label";
  }
  return text + ".";
}

}  // namespace neurarium
