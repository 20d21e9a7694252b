// The numbers of the page, loss by loss.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

double mean_of(const std::vector<double>& numbers) { return summarise(numbers).mean; }

std::string mean_sd(const std::vector<double>& numbers, int significant = 3) {
  const SampleSummary s = summarise(numbers);
  return in_digits(s.mean, significant) + (std::isfinite(s.sd) ? " ± " + in_digits(s.sd, 2) : "");
}

void add_table(RunContext& context, const HiddenFindings& found) {
  Table table{"losses",
              "Every loss",
              std::string("After the last epoch") +
                  (found.params.repeats > 1
                       ? ", means over " + std::to_string(found.params.repeats) + " starts ± standard deviation"
                       : ", from one start") +
                  ". Fixed: the same training, but hidden weights stay as they began.",
              {"loss", "test, %", "hidden fixed, %", "learning gives", "spikes per sample", "silent hidden units, %",
               "hidden weights moved by"},
              {}};
  for (std::size_t l = 0; l < found.losses(); ++l) {
    const std::vector<double> test = found.accuracies(l, true), fixed = found.accuracies(l, false);
    table.rows.push_back(
        {found.loss(l).words, mean_and_sd(test, 2), fixed.empty() ? "—" : mean_and_sd(fixed, 2),
         fixed.empty() ? "—" : rounded(100 * (mean_of(test) - mean_of(fixed)), 2) + " points",
         rounded(mean_of(found.of_trainings(l, [](const auto& t) { return t.outcome.counts.back().hidden_spikes; })),
                 1),
         rounded(100 * mean_of(found.of_trainings(l, [](const auto& t) { return t.course.back().silent_units; })), 1),
         percent(mean_of(found.of_trainings(l, [](const auto& t) { return t.moved; })), 1)});
  }
  context.add(std::move(table));
}

void add_start_table(RunContext& context, const HiddenFindings& found) {
  Table table{
      "start",
      "What each loss tells networks that have learned nothing",
      (found.draws.size() > 1 ? "Means over " + std::to_string(found.draws.size()) + " networks ± standard deviation"
                              : std::string("Of one network")) +
          ". Label part: of the hidden weights' gradient, what would be another under "
          "another label. Reached: spikes whose gradient is more than a hundredth of the largest of their sample. "
          "Push: 1 if "
          "descent moved every spike to later times, −1 to earlier ones. Apart: pairs of one unit's successive spikes, "
          "less than τm apart, "
          "that it parts.",
      {"loss", "hidden gradient", "readout gradient", "label part", "spikes reached, %", "push", "pairs apart, %"},
      {}};
  for (std::size_t l = 0; l < found.losses(); ++l) {
    const auto each = [&](double LossView::*number) {
      return found.of_draws([&](const ProbeView& v) { return v.losses[l].*number; });
    };
    const auto of = [&](double LossView::*number) { return mean_sd(each(number)); };
    const auto in_hundredths = [&](double LossView::*number) { return mean_and_sd(each(number)); };
    table.rows.push_back(
        {found.loss(l).words, of(&LossView::norm), of(&LossView::readout_norm),
         mean_sd(found.of_draws([&](const ProbeView& v) { return v.losses[l].label_norm / v.losses[l].norm; })),
         in_hundredths(&LossView::spikes_reached), rounded(mean_of(each(&LossView::later)), 2),
         in_hundredths(&LossView::apart)});
  }
  context.add(std::move(table));
}

/// A row per loss: cosine(row, column).
void add_cosines_of(RunContext& context, const HiddenFindings& found, Table table, const auto& cosine_of) {
  table.columns = {"loss"};
  for (std::size_t l = 0; l < found.losses(); ++l) table.columns.emplace_back(found.loss(l).name);
  for (std::size_t a = 0; a < found.losses(); ++a) {
    table.rows.push_back({found.loss(a).words});
    for (std::size_t b = 0; b < found.losses(); ++b) table.rows.back().push_back(rounded(cosine_of(a, b), 2));
  }
  context.add(std::move(table));
}

void add_cosines(RunContext& context, const HiddenFindings& found) {
  add_cosines_of(
      context, found,
      {"cosines_start",
       "Do the losses agree at the start?",
       "Cosine of two losses' hidden gradients at the same weights, mean over networks that have learned nothing.",
       {},
       {}},
      [&](std::size_t a, std::size_t b) {
        return mean_of(
            found.of_draws([&](const ProbeView& v) { return cosine(v.losses[a].gradient, v.losses[b].gradient); }));
      });
  add_cosines_of(context, found,
                 {"cosines_end",
                  "And where training ends?",
                  "Row: the loss that the network has learned by. Column: the loss whose hidden gradient is compared "
                  "with its own there.",
                  {},
                  {}},
                 [&](std::size_t a, std::size_t b) {
                   return mean_of(found.of_trainings(a, [&](const HiddenTraining& t) { return t.cosines(a, b); }));
                 });
}

}  // namespace

void add_hidden_figures(RunContext& context, const HiddenFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  double best = 0;
  for (std::size_t l = 0; l < found.losses(); ++l) best = std::max(best, mean_of(found.accuracies(l, true)));
  add("test_accuracy", best, "", "Of the best loss, mean over starts, after the last epoch.");
  std::string order;
  for (std::size_t l = 0; l < found.losses(); ++l) order += (l ? ", " : "") + std::string(found.loss(l).name);
  const auto add_each = [&](const std::string& name, const char* unit, const std::string& meaning, const auto& number) {
    Value::List each;
    for (std::size_t l = 0; l < found.losses(); ++l) each.emplace_back(number(l));
    add(name, std::move(each), unit, meaning + " Loss by loss: " + order + ".");
  };
  const auto at_start = [&](std::size_t l, const auto& number) {
    return mean_of(found.of_draws([&](const ProbeView& v) { return number(v.losses[l]); }));
  };
  const auto at_end = [&](std::size_t l, const auto& number) { return mean_of(found.of_trainings(l, number)); };
  add_each("test_accuracy_each", "", "Test accuracy after the last epoch.",
           [&](std::size_t l) { return mean_of(found.accuracies(l, true)); });
  if (found.params.frozen)
    add_each("fixed_accuracy_each", "", "The same with hidden weights that stay as they began.",
             [&](std::size_t l) { return mean_of(found.accuracies(l, false)); });
  add_each("hidden_gradient", "", "Norm of the hidden weights' gradient at the start.",
           [&](std::size_t l) { return at_start(l, [](const LossView& v) { return v.norm; }); });
  add_each("label_share", "", "Norm of its label part over its norm.",
           [&](std::size_t l) { return at_start(l, [](const LossView& v) { return v.label_norm / v.norm; }); });
  add_each("hidden_spikes_per_sample", "", "Spikes of all hidden units per test sample after the last epoch.",
           [&](std::size_t l) {
             return at_end(l, [](const HiddenTraining& t) { return t.outcome.counts.back().hidden_spikes; });
           });
  add_each("epoch_seconds", "s", "Training alone, the median epoch; one thread.",
           [&](std::size_t l) { return at_end(l, [](const HiddenTraining& t) { return t.outcome.epoch_seconds; }); });
  add("epochs", static_cast<std::int64_t>(found.trainings.front().outcome.history.size()), "", "Passes over the data.");
  add("trainings", static_cast<std::int64_t>(found.trainings.size()), "", "Networks trained.");
  add_table(context, found);
  add_start_table(context, found);
  add_cosines(context, found);
}

}  // namespace neurarium
