#include "neurarium/experiment/trained_run.hpp"

#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/experiment/network_file.hpp"
#include "neurarium/experiment/network_of.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/experiment/run_place.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {
namespace {

constexpr const char* use = "an evaluation: it does not learn by gradients";

void read_data(TrainedRun& run, const std::string& sha256_then, const std::function<void(const std::string&)>& note) {
  if (note) note("reading " + run.dataset);
  run.data = load_dataset(run.dataset, run.data_home);
  if (!run.data.train.spikes) require_arrays(run.data);
  if (run.data.sha256.empty()) run.data.sha256 = content_hash(run.data);
  if (note && !sha256_then.empty() && sha256_then != run.data.sha256)
    note(run.dataset + " is not what it was when this run learned from it");
}

/// Of a study that keeps networks, if any, in files of their own: none is there.
[[noreturn]] void refuse_without_network(const TrainedRun& run) {
  const std::string folder = run.folder.string();
  if (run.status == "interrupted" || run.status == "running")
    throw DataError(folder, "is unfinished (" + run.status + "), and has kept no network so far",
                    "go on with: neurarium run --resume " + folder);
  throw SpecError("the study '" + run.experiment.study + "' keeps no network that could be evaluated",
                  "give a run of train-network, say");
}

/// The network of the experiment with the weights of the checkpoint.
void open_checkpoint(TrainedRun& run, const RunDirectory& directory,
                     const std::function<void(const std::string&)>& note) {
  const std::string folder = run.folder.string();
  const std::optional<Component> network = network_of(run.experiment, *run.registry);
  if (!network) refuse_without_network(run);
  const auto checkpoint = read_checkpoint(directory);
  if (!checkpoint)
    throw DataError(folder, "has no checkpoint.safetensors: nothing that was learned is kept there",
                    run.status == "finished" ? "compute it anew with: neurarium run --again " + folder
                                             : "go on with: neurarium run --resume " + folder);
  const Value* dataset = run.experiment.settings.find("dataset");
  if (!dataset || !dataset->is_text() || dataset->as_text().empty())
    throw SpecError("the study '" + run.experiment.study + "' names no data set: what its network takes is not known");
  run.dataset = dataset->as_text();
  run.seed = run.experiment.seed;
  const Value* hashes = directory.entry("data");
  const Value* hash = hashes && hashes->is_table() ? hashes->find("dataset") : nullptr;
  read_data(run, hash && hash->is_text() ? hash->as_text() : "", note);
  run.description = fitted(*network, *run.registry, run.data.train.entry_shape(), run.experiment.seed);
  run.model = build_model<Trainable>(run.description, *run.registry, use);
  run.weights = directory.file(checkpoint_file);
  try {
    restore_kept(*checkpoint, *run.model, nullptr);
  } catch (const ResumeError& error) {
    throw DataError(run.weights.string(), std::string("does not hold the network of experiment.toml: ") + error.what());
  }
}

/// A network that the run keeps in a file of its own.
void open_network(TrainedRun& run, const std::filesystem::path& file,
                  const std::function<void(const std::string&)>& note) {
  TrainedNetwork network = read_network(file);
  run.weights = file;
  run.seed = network.seed;
  run.model = network_with<Trainable>(network.state, *run.registry, use, file.string());
  run.description = std::move(network.state.description);
  if (network.dataset.empty()) throw DataError(file.string(), "names no data set: what its network takes is not known");
  const bool is_own = network.dataset.starts_with("inputs/");
  run.dataset =
      is_own ? std::filesystem::absolute(run.folder / network.dataset).lexically_normal().string() : network.dataset;
  read_data(run, network.data_sha256, note);
}

}  // namespace

TrainedRun open_run(const std::filesystem::path& name, const Registry& registry, const std::filesystem::path& data_home,
                    const std::function<void(const std::string&)>& note) {
  const RunPlace place = find_run(name);
  const RunDirectory directory(place.folder);
  TrainedRun run;
  run.registry = &registry;
  run.folder = directory.folder();
  run.member = place.member;
  run.data_home = data_home.empty() ? default_data_home() : data_home;
  run.status = directory.text("status");
  run.experiment = resolve({"", directory.file("experiment.toml"), Value::table()}, registry);
  if (place.file.empty()) open_checkpoint(run, directory, note);
  else open_network(run, place.file, note);
  if (note && run.status != "finished" && place.file.empty())
    note(run.folder.string() + " is not finished: these are the weights of its last checkpoint");
  return run;
}

TrainedNetwork network_of(const TrainedRun& run) {
  return {state_of_network(completed(run.description, *run.registry), *run.model), run.dataset, run.data.sha256,
          run.seed};
}

}  // namespace neurarium
