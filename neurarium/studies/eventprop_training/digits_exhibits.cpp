// Figures, charts and tables of eventprop-digits.
#include <algorithm>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop_training/confusion.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"
#include "neurarium/train/sample_statistics.hpp"
#include "neurarium/train/sample_words.hpp"

namespace neurarium {
namespace {

constexpr const char *training_colour = "#8a8a8a", *validation_colour = "#2f6fb3", *spike_colour = "#c4472f";

void add_figure(RunContext& context, const std::string& name, Value value, const char* unit,
                const std::string& meaning) {
  context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
}

template <class Number>
Trace course_of(const EpochHistory& history, const std::string& name, const char* colour, const Number& number) {
  Trace trace;
  trace.name = name, trace.colour = colour;
  for (std::size_t e = 0; e < history.size(); ++e)
    trace.x.push_back(static_cast<double>(history[e].epoch)), trace.y.push_back(number(e));
  return trace;
}

bool has_validation(const EpochHistory& history) { return !history.empty() && history.front().has_held_out; }

void add_accuracy(RunContext& context, const EpochHistory& history) {
  Chart chart;
  chart.name = "accuracy", chart.title = "Accuracy while learning";
  chart.caption =
      "Training: over the samples of each epoch as training changed them, each before the step it took part in.";
  chart.x_label = "epoch", chart.y_label = "accuracy, %";
  chart.traces.push_back(
      course_of(history, "training", training_colour, [&](std::size_t e) { return 100 * history[e].accuracy; }));
  if (has_validation(history)) {
    chart.caption +=
        " Validation: samples that are not learned from, after each epoch. The test is taken once, at the end.";
    chart.traces.push_back(course_of(history, "validation", validation_colour,
                                     [&](std::size_t e) { return 100 * history[e].held_out_accuracy; }));
  }
  context.add(std::move(chart));
}

void add_spikes(RunContext& context, const DigitsOutcome& outcome) {
  Chart chart;
  chart.name = "spikes", chart.title = "How much the hidden units say";
  chart.caption = std::string("Spikes of all hidden units per ") +
                  (has_validation(outcome.history) ? "validation" : "training") +
                  " sample, after each epoch. The exact gradient does not see that a spike may appear or vanish, so "
                  "this number drifts and must be looked at.";
  chart.x_label = "epoch", chart.y_label = "spikes per sample";
  chart.traces.push_back(course_of(outcome.history, "hidden spikes", spike_colour,
                                   [&](std::size_t e) { return outcome.course.hidden_spikes[e]; }));
  context.add(std::move(chart));
}

}  // namespace

void add_digits_report(RunContext& context, const DigitsOutcome& outcome, const DigitsTest& test,
                       const DigitsData& data, const EarlyStoppingParams& stopping) {
  const EpochHistory& history = outcome.history;
  add_figure(context, "test_accuracy", test.accuracy, "",
             "Share of test samples that are understood: voices that are in neither training nor validation.");
  add_figure(context, "test_loss", test.loss, "", "Mean loss on them.");
  std::string chosen;
  if (has_validation(history)) {
    const bool best = stopping.wanted();
    const std::string watched =
        data.validation.samples() > 0 ? "validation samples" : "training samples that were held out";
    const EpochResult& kept = best ? kept_epoch(history, stopping) : history.back();
    add_figure(context, "validation_accuracy", kept.held_out_accuracy, "",
               "Share of " + watched + " that were understood after the epoch whose weights are kept.");
    if (best)
      add_figure(context, "best_epoch", static_cast<std::int64_t>(kept.epoch), "",
                 "That epoch, chosen by the " + watched + " alone.");
    if (best)
      chosen = data.validation.samples() > 0 ? ", chosen by the validation samples"
                                             : ", chosen by training samples that were held out";
    chosen += "; on these " + percent(kept.held_out_accuracy, 1);
  }
  if (!history.empty())
    add_figure(context, "train_accuracy", history.back().accuracy, "",
               "Over the last epoch, on the samples as training changed them.");
  add_figure(context, "chance_accuracy", 1 / static_cast<double>(data.class_count), "", "What guessing gives.");
  add_figure(context, "hidden_spikes_per_sample", test.spikes.per_sample(), "",
             "Spikes of all hidden units per test sample.");
  add_figure(context, "silent_units", test.spikes.silent_share(), "",
             "Share of hidden units that fire in no test sample.");
  add_figure(context, "epoch_seconds", outcome.epoch_seconds, "s", "Training alone, the median epoch.");
  add_figure(context, "epochs", static_cast<std::int64_t>(history.size()), "", "Passes over the data.");
  add_figure(context, "train_samples", static_cast<std::int64_t>(data.training.samples()), "",
             "Samples to learn from.");
  add_figure(context, "validation_samples", static_cast<std::int64_t>(data.validation.samples()), "",
             "Samples of voices, or a file, kept for validation: by them the best epoch is chosen.");
  add_figure(context, "test_samples", static_cast<std::int64_t>(data.test.samples()), "", "Samples of the test.");
  add_accuracy(context, history);
  context.add(digits_picture(outcome, test, data, context.registry()));
  add_spikes(context, outcome);
  Chart confusion = confusion_chart(test.scores.view(), data.test.y.view(), data.class_count, "Test samples");
  if (data.classes.size() == data.class_count) {
    confusion.traces[0].labels = data.classes;
  } else if (!data.classes.empty()) {
    confusion.caption += " Classes:";
    for (std::size_t c = 0; c < data.classes.size(); ++c)
      confusion.caption += (c > 0 ? ", " : " ") + std::to_string(c) + "\u00a0" + data.classes[c];
    confusion.caption += ".";
  }
  context.add(std::move(confusion));
  context.answer("Voices never heard: " + percent(test.accuracy, 2) + " of the words are understood after " +
                 std::to_string(history.size()) + " epochs" + chosen + "; " + rounded(test.spikes.per_sample(), 0) +
                 " hidden spikes per sample.");
}

void add_left_out_report(RunContext& context, const std::vector<std::int64_t>& speakers,
                         const std::vector<EpochHistory>& histories, const EarlyStoppingParams& stopping) {
  std::vector<double> accuracies;
  Table table{"voices",
              "Every voice",
              "Each by a network that learned from all others.",
              {"voice", "understood, %", "epoch"},
              {}};
  for (std::size_t k = 0; k < speakers.size(); ++k) {
    if (histories[k].empty()) throw SpecError("train.epochs: nothing was learned", "give at least 1");
    const EpochResult& kept = stopping.wanted() ? kept_epoch(histories[k], stopping) : histories[k].back();
    accuracies.push_back(kept.held_out_accuracy);
    table.rows.push_back(
        {std::to_string(speakers[k]), rounded(100 * kept.held_out_accuracy, 2), std::to_string(kept.epoch)});
  }
  const SampleSummary summary = summarise(accuracies);
  add_figure(context, "left_out_accuracy", summary.mean, "",
             "Share of words of a voice that was left out of training, mean over voices.");
  add_figure(context, "left_out_accuracy_sd", summary.sd, "", "Its standard deviation over voices (ddof 1).");
  add_figure(context, "left_out_accuracy_each", Value::List(accuracies.begin(), accuracies.end()), "",
             "Of each voice.");
  add_figure(context, "epochs", static_cast<std::int64_t>(histories.front().size()), "", "Passes over the data.");
  context.add(std::move(table));
  Chart chart;
  chart.name = "left_out", chart.title = "Voices that were left out";
  chart.caption =
      "Each line is a network that learned from all other voices: how much it understands of the one it did not hear.";
  chart.x_label = "epoch", chart.y_label = "accuracy, %";
  for (std::size_t k = 0; k < speakers.size(); ++k)
    chart.traces.push_back(course_of(histories[k], "voice " + std::to_string(speakers[k]), "",
                                     [&](std::size_t e) { return 100 * histories[k][e].held_out_accuracy; }));
  context.add(std::move(chart));
  context.answer("A voice that was left out is understood in " + mean_and_sd(accuracies, 1) +
                 "\u00a0% of its words, mean over " + std::to_string(speakers.size()) + " voices" +
                 (stopping.wanted() ? ", each after its best epoch." : "."));
}

}  // namespace neurarium
