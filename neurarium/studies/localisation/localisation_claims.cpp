// The answer of dale-localisation in one line, and what became of the notebook's claims.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"

namespace neurarium {
namespace {

std::string accuracy_claim(const LocalisationFindings& found) {
  std::string text =
      "The notebook prints one test accuracy of 79.8 %. This run: " + percent(found.trained.test.accuracy, 1) + " (" +
      percent(found.trained.training.accuracy, 1) + " of the sounds it learned from)";
  if (found.observer)
    text += "; the ideal observer: " + percent(found.observer->accuracy, 1) + " ± " +
            percent(found.observer->error, 1) + " (standard error)";
  return text + ". Seeds differ by some points: a sweep with seeds=N says how much.";
}

std::string trough_claim(const DecisionByPhase& found) {
  static constexpr const char* names[] = {"the rising flank", "the crest", "the falling flank",
                                          "the bottom of the trough"};
  std::string most, all;
  for (std::size_t q = 0; q < 4; ++q) {
    if (found.quarters[q] > 0.25) most += (most.empty() ? "" : " and ") + std::string(names[q]);
    all += (q == 0 ? "" : q == 3 ? " and " : ", ") + percent(found.quarters[q]) + " (" + names[q] + ")";
  }
  const std::string held = found.trough_margin > 0.6 ? "so it is here"
                           : most.empty()            ? "not so here, but everywhere alike"
                                                     : "not so here, but mostly in " + most;
  return "“The decision is taken mostly in the trough of the sinusoid input”: " + held +
         ". Of the true class' lead over the best other one, in the sounds told right, " + all +
         " come from hidden spikes in these quarters of the tone. The trough's whole half has " +
         percent(found.trough_margin) + " of it, with " + percent(found.trough_spikes) +
         " of the hidden spikes; read out alone it gives an accuracy of " + percent(found.accuracy_of_trough, 1) +
         ", the crest's half " + percent(found.accuracy_of_crest, 1) + ".";
}

std::string coincidence_claim(const LocalisationFindings& found) {
  const LocalisationAnalyses& a = found.analyses;
  return "In networks of excitation the notebook sees “a preference for coincidence detection”, with 50 % told right. "
         "Here " +
         percent(a.negative_share_w2) + " of the weights of W2 inhibit, and the accuracy is " +
         percent(found.trained.test.accuracy, 1) + ". Of the active hidden units, " +
         percent(a.share_of(UnitRole::detector)) + " are driven by both ears alike and fire most where these meet; " +
         percent(a.share_of(UnitRole::dip)) + " are, too, but fire least there; " +
         percent(a.share_of(UnitRole::comparator)) + " set one ear against the other. A column of W2 has " +
         rounded(a.bumps_of_w2.mean, 1) + " bumps in the notebook's order; in any order it would have " +
         rounded(a.bumps_of_w2.by_chance, 1) + ".";
}

std::string inhibition_claim(const LocalisationAnalyses& a) {
  return "“Testing where inhibition is required”: if inhibitory synapses of this network fall silent, those of the "
         "fibres "
         "leave it " +
         percent(a.without_fibre_inhibition.result.accuracy, 1) + ", those of the hidden units " +
         percent(a.without_hidden_inhibition.result.accuracy, 1) + ", all of them " +
         percent(a.without_inhibition.result.accuracy, 1) +
         ". (The notebook trains networks anew, without: see the study dale-inhibition-site.)";
}

}  // namespace

void add_claims(RunContext& context, const LocalisationFindings& found) {
  const LocalisationAnalyses& a = found.analyses;
  std::string text = accuracy_claim(found);
  if (a.decision && std::isfinite(a.decision->trough_margin)) text += "\n\n" + trough_claim(*a.decision);
  if (std::ranges::count(a.active, true) > 0) text += "\n\n" + coincidence_claim(found);
  if (a.without_inhibition.synapses > 0) text += "\n\n" + inhibition_claim(a);
  context.add(Remark{"What the notebook says, and what this run found", std::move(text)});
}

std::string localisation_answer(const LocalisationFindings& found) {
  std::string text = percent(found.trained.test.accuracy, 1) + " of the test sounds are put into the right one of " +
                     std::to_string(found.task.classes) + " directions";
  if (found.observer) text += "; nobody could do better than " + percent(found.observer->accuracy, 1);
  return text + "; guessing gives " + percent(1 / static_cast<double>(found.task.classes), 1) + ".";
}

}  // namespace neurarium
