// Courses over training, and who points where.
#include <algorithm>
#include <cmath>

#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

/// A line per loss: number(moment) before each epoch and after the last, mean over starts.
void add_course(RunContext& context, const HiddenFindings& found, Chart chart, double HiddenMoment::*number,
                double factor = 1) {
  chart.x_label = "epoch";
  for (std::size_t l = 0; l < found.losses(); ++l) {
    Trace line;
    line.name = found.loss(l).words, line.colour = found.loss(l).colour;
    const std::size_t moments = found.trainings.front().course.size();  // the first always learns
    for (std::size_t e = 0; e < moments; ++e) {
      const double mean =
          summarise(found.of_trainings(l, [&](const HiddenTraining& t) { return t.course[e].*number; })).mean;
      if (!std::isfinite(mean) || (chart.log_y && mean <= 0)) continue;
      line.x.push_back(static_cast<double>(e)), line.y.push_back(factor * mean);
    }
    chart.traces.push_back(std::move(line));
  }
  context.add(std::move(chart));
}

Chart chart_of(const char* name, const char* title, const char* caption, const char* y_label, bool log_y = false) {
  Chart chart;
  chart.name = name, chart.title = title, chart.caption = caption, chart.y_label = y_label, chart.log_y = log_y;
  return chart;
}

void add_accuracy(RunContext& context, const HiddenFindings& found) {
  Chart chart = chart_of("accuracy", "Test accuracy while learning",
                         "After each epoch, mean over starts. Each loss is trained on its own, from the same start.",
                         "accuracy, %");
  chart.x_label = "epoch";
  for (std::size_t l = 0; l < found.losses(); ++l) {
    Trace line;
    line.name = found.loss(l).words, line.colour = found.loss(l).colour;
    for (std::size_t e = 0; e < found.trainings.front().outcome.counts.size(); ++e) {
      line.x.push_back(static_cast<double>(e + 1));
      line.y.push_back(100 * summarise(found.of_trainings(l, [&](const HiddenTraining& t) {
                               return t.outcome.counts[e].test_accuracy;
                             })).mean);
    }
    chart.traces.push_back(std::move(line));
  }
  context.add(std::move(chart));
}

/// Mean |label part| of a spike over its time.
void add_signal(RunContext& context, const HiddenFindings& found) {
  Chart chart = chart_of("signal", "How loud the label is, over a spike's time in the trial",
                         "Mean size of the label part of ∂E/∂t of a hidden spike, over networks that have learned "
                         "nothing. All losses have "
                         "scores of the same spread here, so that heights may be compared.",
                         "|label part of ∂E/∂t|, 1/s", true);
  chart.x_label = "spike at, ms";
  for (std::size_t l = 0; l < found.losses(); ++l) {
    Trace line;
    line.name = found.loss(l).words, line.colour = found.loss(l).colour;
    for (std::size_t part = 0; part < HiddenProbe::parts_of_trial; ++part) {
      double signal = 0, spikes = 0;
      for (const ProbeView& draw : found.draws)
        signal += draw.losses[l].label_signal[part], spikes += draw.spikes[part];
      if (!(signal > 0)) continue;
      line.x.push_back(1e3 * found.params.duration * (static_cast<double>(part) + 0.5) / HiddenProbe::parts_of_trial);
      line.y.push_back(signal / spikes);
    }
    chart.traces.push_back(std::move(line));
  }
  context.add(std::move(chart));
}

}  // namespace

void add_hidden_charts(RunContext& context, const HiddenFindings& found) {
  add_signal(context, found);
  add_accuracy(context, found);
  add_course(context, found,
             chart_of("hidden_norm", "How large the hidden weights' gradient is",
                      "On the probe's samples, before each epoch and after the last, of each training's own loss.",
                      "norm", true),
             &HiddenMoment::norm);
  add_course(context, found, chart_of("readout_norm", "How large the readout's gradient is", "Likewise.", "norm", true),
             &HiddenMoment::readout_norm);
  add_course(context, found,
             chart_of("label_share", "How much of the hidden gradient knows the label",
                      "Norm of the part that would be another under another label, over the whole norm. Above 100 %: "
                      "the rest is against it.",
                      "label part, %"),
             &HiddenMoment::label_share, 100);
  add_course(context, found,
             chart_of("reached", "Hidden spikes that hear something",
                      "Share of spikes whose |∂E/∂t| exceeds a hundredth of the largest of their sample.", "spikes, %"),
             &HiddenMoment::spikes_reached, 100);
  add_course(
      context, found,
      chart_of("push", "Later or earlier?",
               "−Σ ∂E/∂t / Σ |∂E/∂t|: 1 if descent moves all spikes to later times, −1 if to earlier ones.", "push"),
      &HiddenMoment::later);
  add_course(context, found,
             chart_of("along", "Does the hidden gradient point where training ends?",
                      "Cosine of minus the hidden gradient and the whole way of the hidden weights from start to end.",
                      "cosine"),
             &HiddenMoment::along);
  add_course(context, found,
             chart_of("spikes", "How much the hidden units say",
                      "Spikes of the last hidden layer per sample of the probe.", "spikes per sample"),
             &HiddenMoment::spikes);
}

}  // namespace neurarium
