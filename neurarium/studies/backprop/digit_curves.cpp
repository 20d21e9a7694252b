// Learning curves, and whether the network's confidence deserves belief.
#include "neurarium/core/words.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

Trace trace_of(std::string name, Trace::Kind kind = Trace::Kind::line) {
  Trace trace;
  trace.name = std::move(name);
  trace.kind = kind;
  return trace;
}

void add(Trace& trace, double x, double y) {
  trace.x.push_back(x);
  trace.y.push_back(y);
}

}  // namespace

void add_curves(RunContext& context, const DigitFindings& found) {
  if (found.history.empty()) return;
  Trace loss = trace_of("training"), accuracy = trace_of("training");
  Trace held_out_loss = trace_of("held out"), held_out_accuracy = trace_of("held out");
  for (const EpochResult& epoch : found.history) {
    const auto x = static_cast<double>(epoch.epoch);
    add(loss, x, epoch.loss);
    add(accuracy, x, 100 * epoch.accuracy);
    if (!epoch.has_held_out) continue;
    add(held_out_loss, x, epoch.held_out_loss);
    add(held_out_accuracy, x, 100 * epoch.held_out_accuracy);
  }
  // One epoch is a point, of which a line shows nothing.
  const bool one = found.history.size() == 1, held_out = !held_out_loss.y.empty();
  for (Trace* trace : {&loss, &accuracy, &held_out_loss, &held_out_accuracy})
    if (one) trace->kind = Trace::Kind::points;
  const std::string how =
      " of each epoch over the training images, each measured before the step it took part in" +
      std::string(held_out ? "; and of the held-out images after the epoch, which are never trained on." : ".");
  const auto chart = [&](const char* name, const char* title, const std::string& what, const char* label, Trace& seen,
                         Trace& apart) {
    Chart c{name, title, what + how, "epoch", label, "", {std::move(seen)}, false, false};
    if (held_out) c.traces.push_back(std::move(apart));
    context.add(std::move(c));
  };
  chart("accuracy", "Accuracy while learning", "Accuracy", "accuracy, %", accuracy, held_out_accuracy);
  chart("loss", "Loss while learning", "Mean loss", "loss", loss, held_out_loss);
}

void add_calibration(RunContext& context, const DigitFindings& found) {
  if (!found.calibration) return;
  const Calibration& calibration = *found.calibration;
  Trace ideal = trace_of("as sure as right"), bins = trace_of("this network", Trace::Kind::points);
  add(ideal, 0, 0);
  add(ideal, 100, 100);
  Table table{"calibration-bins",
              "The bins of the reliability diagram",
              "Test images by the probability that the network gives its answer.",
              {"confidence", "images", "mean confidence", "accuracy"},
              {}};
  const auto count = static_cast<double>(calibration.bins.size());
  for (std::size_t b = 0; b < calibration.bins.size(); ++b) {
    const Calibration::Bin& bin = calibration.bins[b];
    if (bin.samples == 0) continue;
    add(bins, 100 * bin.confidence, 100 * bin.accuracy);
    bins.labels.push_back(with_commas(bin.samples) + " images");
    const auto low = static_cast<double>(b);
    table.rows.push_back({rounded(100 * low / count, 1) + "–" + percent((low + 1) / count, 1), with_commas(bin.samples),
                          percent(bin.confidence, 1), percent(bin.accuracy, 1)});
  }
  if (bins.labels.size() <= 12) bins.labels.clear();  // so few would be written into the chart, over one another
  const bool boastful = calibration.confidence > found.confusion.accuracy();
  context.add(Chart{"reliability",
                    "Is it as often right as it is sure?",
                    "Test images in " + std::to_string(calibration.bins.size()) +
                        " bins by the probability of the network's answer: how often it is right, against its mean "
                        "confidence. Below the line it is too sure. Mean confidence " +
                        percent(calibration.confidence, 2) + ", accuracy " + percent(found.confusion.accuracy(), 2) +
                        ": on the whole it is too " + (boastful ? "sure" : "modest") + ". Expected calibration error " +
                        percent(calibration.expected_error, 2) + ". Bins with few images jump.",
                    "mean confidence, %",
                    "accuracy, %",
                    "",
                    {std::move(ideal), std::move(bins)},
                    false,
                    true});
  context.add(std::move(table));
}

}  // namespace neurarium
