// Figures, tables and the answer of a duel.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/gradient_duel/duel_findings.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

double mean(const std::vector<double>& numbers) { return summarise(numbers).mean; }

/// Mean over duels.
template <class Number>
double over(const DuelFindings& found, const Number& number) {
  std::vector<double> all;
  for (const Duel& duel : found.duels) all.push_back(number(duel));
  return mean(all);
}

/// Of the slopes, that whose cosine is largest in the mean over duels.
template <class At>
double nearest_slope(const DuelFindings& found, const At& moment) {
  std::vector<double> cosines;
  for (std::size_t i = 0; i < found.params->slopes.size(); ++i)
    cosines.push_back(over(found, [&](const Duel& d) { return moment(d).of_slope[i]; }));
  return found.params->slopes[static_cast<std::size_t>(std::ranges::max_element(cosines) - cosines.begin())];
}

void add_weights(RunContext& context, const DuelFindings& found) {
  Table table{"weights",
              "Weight by weight",
              "Cosines between the gradients of the first duel at each weight: before learning, and after learning "
              "by each. S: surrogate; E: EventProp on the grid; X: exact spike times.",
              {"weight", "moment", "S, E", "S, X", "E, X"},
              {}};
  const Duel& duel = found.duels.front();
  for (std::size_t k = 0; k < duel.weights.size(); ++k)
    for (const auto& [when, moment] : {std::pair("start", &duel.surrogate.moments.front()),
                                       std::pair("after surrogate", &duel.surrogate.moments.back()),
                                       std::pair("after EventProp", &duel.eventprop.moments.back())}) {
      const ThreeCosines& c = moment->of_weight[k];
      table.rows.push_back({duel.weights[k], when, rounded(c.surrogate_grid, 4), rounded(c.surrogate_exact, 4),
                            rounded(c.grid_exact, 4)});
    }
  context.add(std::move(table));
}

void add_cost(RunContext& context, const DuelFindings& found) {
  Table table{
      "cost",
      "What a gradient costs",
      "Forward and backward of 32 samples on one thread, both at the same weights, in turns: the quickest pass, "
      "per sample. "
      "Memory: what a pass over the probe leaves in use, per sample, spikes of all layers included.",
      {"weights", "hidden spikes", "surrogate, time", "EventProp, time", "surrogate, memory", "EventProp, memory"},
      {}};
  for (const auto& [when, cost] :
       {std::pair("after surrogate", &found.after_surrogate), std::pair("after EventProp", &found.after_eventprop)})
    table.rows.push_back({when, rounded(cost->spikes, 1), with_prefix(cost->surrogate_seconds, "s"),
                          with_prefix(cost->eventprop_seconds, "s"), with_prefix(cost->surrogate_bytes, "B"),
                          with_prefix(cost->eventprop_bytes, "B")});
  context.add(std::move(table));
}

void add_duels(RunContext& context, const DuelFindings& found) {
  Table table{"duels",
              "Every duel",
              "After the last epoch. Seconds: median epoch of training alone, on one thread.",
              {"duel", "learned by", "test, %", "training, %", "hidden spikes per sample", "seconds per epoch"},
              {}};
  for (std::size_t k = 0; k < found.duels.size(); ++k)
    for (const auto& [name, path] :
         {std::pair("surrogate", &found.duels[k].surrogate), std::pair("EventProp", &found.duels[k].eventprop)})
      table.rows.push_back({std::to_string(k + 1), name, rounded(100 * path->moments.back().test_accuracy, 2),
                            rounded(100 * path->history.back().accuracy, 2),
                            rounded(path->moments.back().hidden_spikes, 1), in_digits(path->epoch_seconds, 3)});
  context.add(std::move(table));
}

}  // namespace

std::vector<double> DuelFindings::last(DuelPath Duel::*path, double Moment::*number) const {
  std::vector<double> all;
  for (const Duel& duel : duels) all.push_back((duel.*path).moments.back().*number);
  return all;
}

void add_duel_figures(RunContext& context, const DuelFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  struct Of {
    const char *suffix, *words;
    DuelPath Duel::*path;
  };
  const Of both[] = {{"_surrogate", " of the network that learned by surrogate gradients.", &Duel::surrogate},
                     {"_eventprop", " of the one that learned by EventProp.", &Duel::eventprop}};
  for (const auto& [suffix, words, path] : both) {
    const std::vector<double> test = found.last(path, &Moment::test_accuracy);
    add(std::string("test_accuracy") + suffix, mean(test), "", std::string("Test accuracy") + words);
    if (test.size() > 1)
      add(std::string("test_accuracy_each") + suffix, Value::List(test.begin(), test.end()), "",
          std::string("Each test accuracy") + words);
  }
  for (const auto& [suffix, words, path] : both)
    add(std::string("hidden_spikes_per_sample") + suffix, mean(found.last(path, &Moment::hidden_spikes)), "",
        std::string("Hidden spikes per test sample") + words);
  for (const auto& [suffix, words, path] : both)
    add(std::string("epoch_seconds") + suffix,
        over(found, [&, p = path](const Duel& d) { return (d.*p).epoch_seconds; }), "s",
        std::string("Training alone, the median epoch") + words);
  const auto add_cosines = [&](const std::string& when, const std::string& words, const auto& moment) {
    add("cosine_" + when, over(found, [&](const Duel& d) { return found.judged(moment(d).hidden); }), "",
        std::string("Cosine of the surrogate's gradient and ") + found.judge() + " at the hidden weights, " + words);
    add("cosine_unit_" + when, over(found, [&](const Duel& d) { return found.judged(moment(d).unit); }), "",
        "The same of single hidden units, the median, " + words);
    if (found.params->exact)
      add("cosine_grid_exact_" + when, over(found, [&](const Duel& d) { return moment(d).hidden.grid_exact; }), "",
          "Cosine of EventProp's gradient on the grid and the exact one, " + words);
    if (!found.params->slopes.empty())
      add("nearest_slope_" + when, nearest_slope(found, moment), "",
          "Of the slopes, that of the surrogate nearest to " + std::string(found.judge()) + ", " + words);
  };
  add_cosines("start", "before learning.", [](const Duel& d) -> const Moment& { return d.surrogate.moments.front(); });
  add_cosines("after_surrogate", "after learning by surrogate.",
              [](const Duel& d) -> const Moment& { return d.surrogate.moments.back(); });
  add_cosines("after_eventprop", "after learning by EventProp.",
              [](const Duel& d) -> const Moment& { return d.eventprop.moments.back(); });
  double readout = 1, same = 1, difference = 0;
  for (const Duel& duel : found.duels)
    for (const DuelPath* path : {&duel.surrogate, &duel.eventprop})
      for (const Moment& m : path->moments) {
        readout = std::min(readout, m.readout), same = std::min(same, m.same_counts);
        difference = std::max(difference, m.answer_difference);
      }
  add("readout_cosine_least", readout, "",
      "Least cosine of both gradients at the readout, at any moment: 1, but where rounding moves a spike.");
  add("same_spike_counts_least", same, "",
      "Least share, at any moment, of samples and hidden units that fire as often in both networks.");
  add("answer_difference_most", difference, "",
      "Largest difference of the answers of both networks at the same weights, beside the largest answer.");
  add("gradient_seconds_surrogate", found.after_eventprop.surrogate_seconds, "s",
      "Forward and backward of a sample by surrogate, at the weights that EventProp ended with.");
  add("gradient_seconds_eventprop", found.after_eventprop.eventprop_seconds, "s", "The same by EventProp on the grid.");
  if (std::isfinite(found.after_eventprop.surrogate_bytes) && std::isfinite(found.after_eventprop.eventprop_bytes)) {
    add("tape_bytes_surrogate", found.after_eventprop.surrogate_bytes, "B",
        "What a pass leaves in memory per sample by surrogate, at the weights that EventProp ended with.");
    add("tape_bytes_eventprop", found.after_eventprop.eventprop_bytes, "B", "The same by EventProp on the grid.");
  }
  add("chance_accuracy", 1 / static_cast<double>(found.data->classes), "", "What guessing gives.");
  add("epochs", static_cast<std::int64_t>(found.duels.front().surrogate.history.size()), "", "Passes over the data.");
  add("train_samples", static_cast<std::int64_t>(found.data->training.samples()), "", "Samples to learn from.");
  add("test_samples", static_cast<std::int64_t>(found.data->test.samples()), "", "Samples of the test.");
}

void add_duel_tables(RunContext& context, const DuelFindings& found) {
  add_cost(context, found);
  add_duels(context, found);
  add_weights(context, found);
}

std::string duel_answer(const DuelFindings& found) {
  const auto cosine = [&](DuelPath Duel::*path, bool end, ThreeCosines Moment::*of = &Moment::hidden) {
    return rounded(over(found,
                        [&](const Duel& d) {
                          const auto& moments = (d.*path).moments;
                          return found.judged((end ? moments.back() : moments.front()).*of);
                        }),
                   2);
  };
  const auto spikes = [&](DuelPath Duel::*path) { return rounded(mean(found.last(path, &Moment::hidden_spikes)), 1); };
  const auto test = [&](DuelPath Duel::*path) {
    return mean_and_sd(found.last(path, &Moment::test_accuracy), 1) + "\u00a0%";
  };
  const DuelCost& cost = found.after_eventprop;
  std::string text =
      "At the hidden weights the surrogate's gradient (" + found.params->surrogate + ", slope " +
      in_digits(found.params->slope, 3) + ") has a cosine of " + cosine(&Duel::surrogate, false) + " with " +
      found.judge() + " before learning, " + cosine(&Duel::surrogate, true) + " after learning by surrogate and " +
      cosine(&Duel::eventprop, true) +
      " after learning by EventProp (the median of single units: " + cosine(&Duel::surrogate, false, &Moment::unit) +
      ", " + cosine(&Duel::surrogate, true, &Moment::unit) + ", " + cosine(&Duel::eventprop, true, &Moment::unit) +
      "); the network then tells " + test(&Duel::surrogate) + " of the test by surrogate and " +
      test(&Duel::eventprop) + " by EventProp, with " + spikes(&Duel::surrogate) + " and " + spikes(&Duel::eventprop) +
      " hidden spikes per sample; a gradient takes " + with_prefix(cost.surrogate_seconds, "s") + " and " +
      with_prefix(cost.eventprop_seconds, "s") + " a sample";
  if (std::isfinite(cost.surrogate_bytes) && std::isfinite(cost.eventprop_bytes))
    text += ", and leaves " + with_prefix(cost.surrogate_bytes, "B") + " and " +
            with_prefix(cost.eventprop_bytes, "B") + " on the tape";
  return text + ".";
}

}  // namespace neurarium
