#include "neurarium/experiment/evaluate_run.hpp"

#include "neurarium/data/catalogue.hpp"
#include "neurarium/nn/traces.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

const Split& split_of(const Dataset& data, const std::string& wanted, std::string& name) {
  name = !wanted.empty() ? wanted : data.test.samples() > 0 ? "test" : "train";
  if (name != "train" && name != "test")
    throw SpecError("split: '" + name + "' is not one of 'train', 'test'", "leave it out for the test samples");
  const Split& split = name == "test" ? data.test : data.train;
  if (split.samples() == 0)
    throw DataError(data.name, "has no " + name + " samples", name == "test" ? "evaluate the split 'train'" : "");
  return split;
}

NamedArrays traces_of(const Model& model, const Split& split, double divisor,
                      const std::vector<std::int64_t>& samples) {
  std::vector<std::uint64_t> ids;
  for (const std::int64_t sample : samples) {
    if (sample < 0 || static_cast<std::size_t>(sample) >= split.samples())
      throw SpecError("there is no sample " + std::to_string(sample) + " to be traced",
                      "they are counted from 0 to " + std::to_string(split.samples() - 1));
    ids.push_back(static_cast<std::uint64_t>(sample));
  }
  const auto* layered = dynamic_cast<const Layered*>(&model);
  if (!layered) throw SpecError("the network has no layers whose activities could be kept");
  NamedArrays found;
  Array& numbers = found.emplace_back("sample", Array(DType::i64, {ids.size()})).second;
  std::ranges::copy(samples, numbers.as<std::int64_t>().flat().begin());
  const auto look = [&](const Samples& x) {
    for (auto& activity : layered->activities(x, {})) found.push_back(std::move(activity));
    if (const auto* traced = dynamic_cast<const TracedModel*>(&model))
      for (auto& course : traced->traces(x, {})) found.push_back(std::move(course));
  };
  if (split.spikes) {
    look(SpikesView(*split.spikes, ids));
  } else {
    found.emplace_back("x", scaled(gather_rows(split.x, ids), divisor, model.scalar()));
    look(Array(found.back().second));  // a copy: the list grows
  }
  return found;
}

}  // namespace

RunEvaluation evaluate_run(const TrainedRun& run, const EvaluateOptions& options) {
  const bool own = options.data.empty();
  Dataset other;
  if (!own) {
    other = load_dataset(options.data, run.data_home);
    if (!other.train.spikes) require_arrays(other);
  }
  const Dataset& data = own ? run.data : other;
  RunEvaluation found;
  found.data = own ? run.dataset : options.data;
  const Split& split = split_of(data, options.split, found.split);
  if (!entry_fits(split.entry_shape(), run.data.train.entry_shape()))
    throw ShapeError("samples of " + found.data, to_string(run.data.train.entry_shape()),
                     to_string(split.entry_shape()), "the network of " + run.name() + " takes no other");
  found.samples = split.samples();
  BareContext context(*run.registry, options.threads, run.experiment.seed);
  if (!split.y.empty()) {
    run.model->require_answers(split.y, found.data + " (" + found.split + ")");
    const EpochResult result = evaluate(*run.model, split, data.divisor, context);
    found.loss = result.loss;
    if (result.has_accuracy) found.accuracy = result.accuracy;
  }
  if (options.outputs) {
    found.outputs.emplace_back("outputs", split.spikes ? answers_of(*run.model, *split.spikes, context)
                                                       : answers_of(*run.model, split.x, data.divisor, context));
    if (!split.y.empty()) found.outputs.emplace_back("y", split.y);
  }
  if (!options.traced.empty()) found.traces = traces_of(*run.model, split, data.divisor, options.traced);
  return found;
}

}  // namespace neurarium
