#include "neurarium/train/ablation.hpp"

#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

NamedView weight_of(Trainable& model, const Synapses& of) {
  std::string known;
  for (const NamedView& parameter : model.parameters()) {
    const bool is_weight = parameter.values.shape().axes() >= 2 && of.presynaptic_axis < 2;
    if (parameter.name == of.parameter && is_weight) return parameter;
    if (parameter.values.shape().axes() >= 2) known += (known.empty() ? "" : ", ") + parameter.name;
  }
  throw SpecError("the network has no weight '" + of.parameter + "' whose synapses could be silenced",
                  "its weights are " + known);
}

std::size_t units_of(Trainable& model, const Synapses& of) {
  return weight_of(model, of).values.shape()[of.presynaptic_axis];
}

}  // namespace

AblationResult evaluate_without(Trainable& model, std::span<const Synapses> of, const Silenced::Choice& which,
                                const SplitView& split, double divisor, RunContext& context) {
  AblationResult found;
  std::vector<Silenced> quiet;
  quiet.reserve(of.size());
  for (const Synapses& synapses : of) {
    quiet.emplace_back(weight_of(model, synapses), synapses.presynaptic_axis, which);
    found.synapses += quiet.back().synapses();
  }
  found.result = evaluate(model, split, divisor, context);
  return found;
}

std::vector<AblationResult> without_each_unit(Trainable& model, std::span<const Synapses> of, const SplitView& split,
                                              double divisor, RunContext& context) {
  std::vector<AblationResult> found;
  if (of.empty()) return found;
  const std::size_t units = units_of(model, of.front());
  for (const Synapses& synapses : of)
    if (const std::size_t others = units_of(model, synapses); others != units)
      throw ShapeError(synapses.parameter, std::to_string(units) + " presynaptic units, as " + of.front().parameter,
                       std::to_string(others));
  for (std::size_t silent = 0; silent < units; ++silent) {
    if (context.stop_requested()) throw Interrupted("stopped while silencing units");
    context.progress(
        {"ablate", static_cast<double>(silent), static_cast<double>(units), "units", of.front().parameter});
    const auto which = [&](std::size_t unit, double) { return unit == silent; };
    found.push_back(evaluate_without(model, of, which, split, divisor, context));
  }
  return found;
}

AblationResult without_inhibition(Trainable& model, std::span<const Synapses> of, const SplitView& split,
                                  double divisor, RunContext& context) {
  return evaluate_without(
      model, of, [](std::size_t, double weight) { return weight < 0; }, split, divisor, context);
}

}  // namespace neurarium
