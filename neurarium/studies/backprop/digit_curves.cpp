// Learning curves.
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

Trace trace_of(std::string name) {
  Trace trace;
  trace.name = std::move(name);
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

}  // namespace neurarium
