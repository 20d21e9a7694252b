#include "neurarium/experiment/trained_run.hpp"

#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/experiment/network_of.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {

TrainedRun open_run(const std::filesystem::path& folder, const Registry& registry,
                    const std::filesystem::path& data_home, const std::function<void(const std::string&)>& note) {
  if (!is_run_directory(folder))
    throw DataError(folder.string(), "is not a run directory", "give one that `neurarium run` made");
  RunDirectory directory(folder);
  TrainedRun run;
  run.registry = &registry;
  run.folder = directory.folder();
  run.data_home = data_home.empty() ? default_data_home() : data_home;
  run.status = directory.text("status");
  run.experiment = resolve({"", directory.file("experiment.toml"), Value::table()}, registry);
  const std::optional<Component> network = network_of(run.experiment, registry);
  if (!network)
    throw SpecError("the study '" + run.experiment.study + "' trains no network that could be evaluated",
                    "give a run of train-network, say");
  const auto checkpoint = read_checkpoint(directory);
  if (!checkpoint)
    throw DataError(folder.string(), "has no checkpoint.safetensors: nothing that was learned is kept there",
                    run.status == "finished" ? "compute it anew with: neurarium run --again " + folder.string()
                                             : "go on with: neurarium run --resume " + folder.string());
  const Value* dataset = run.experiment.settings.find("dataset");
  if (!dataset || !dataset->is_text() || dataset->as_text().empty())
    throw SpecError("the study '" + run.experiment.study + "' names no data set: what its network takes is not known");
  if (note) note("reading " + dataset->as_text());
  run.data = load_dataset(dataset->as_text(), run.data_home);
  require_arrays(run.data);
  const Value* hashes = directory.record().find("data");
  const Value* hash = hashes && hashes->is_table() ? hashes->find("dataset") : nullptr;
  if (note && hash && hash->is_text() && hash->as_text() != run.data.sha256)
    note(dataset->as_text() + " is not what it was when this run learned from it");
  run.description = fitted(*network, registry, run.data.train.entry_shape(), run.experiment.seed);
  run.model = build_model<Trainable>(run.description, registry, "an evaluation: it does not learn by gradients");
  try {
    restore_kept(*checkpoint, *run.model, nullptr);
  } catch (const ResumeError& error) {
    throw DataError(directory.file("checkpoint.safetensors").string(),
                    std::string("does not hold the network of experiment.toml: ") + error.what());
  }
  if (note && run.status != "finished")
    note(folder.string() + " is not finished: these are the weights of its last checkpoint");
  return run;
}

}  // namespace neurarium
