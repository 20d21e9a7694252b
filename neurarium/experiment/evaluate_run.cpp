#include "neurarium/experiment/evaluate_run.hpp"

#include "neurarium/data/catalogue.hpp"
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

}  // namespace

RunEvaluation evaluate_run(const TrainedRun& run, const EvaluateOptions& options) {
  const bool own = options.data.empty();
  Dataset other;
  if (!own) {
    other = load_dataset(options.data, run.data_home);
    require_arrays(other);
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
    found.outputs.emplace_back("outputs", answers_of(*run.model, split.x, data.divisor, context));
    if (!split.y.empty()) found.outputs.emplace_back("y", split.y);
  }
  return found;
}

}  // namespace neurarium
