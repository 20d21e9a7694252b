#include "neurarium/experiment/evaluate_run.hpp"

#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/network_of.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/experiment/run_recorder.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/classes.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/evaluation.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_guesses = 3;

const Split& split_of(const Dataset& data, const std::string& wanted, std::string& name) {
  name = !wanted.empty() ? wanted : data.test.samples() > 0 ? "test" : "train";
  if (name != "train" && name != "test")
    throw SpecError("split: '" + name + "' is not one of 'train', 'test'", "leave it out for the test samples");
  const Split& split = name == "test" ? data.test : data.train;
  if (split.samples() == 0)
    throw DataError(data.name, "has no " + name + " samples", name == "test" ? "evaluate the split 'train'" : "");
  return split;
}

/// The number of the run's data that stands for white.
double white_of(const TrainedRun& run) {
  const Array& x = run.data.train.x;
  if (x.dtype() == DType::u8) return 255;
  const Tensor<double> numbers = to_tensor<double>(x.view());
  const auto [least, most] = std::ranges::minmax(numbers.flat());
  if (least < 0 || most <= 0)
    throw DataError(
        run.data.name,
        "was not learned as pictures: its numbers go from " + short_digits(least, 4) + " to " + short_digits(most, 4) +
            ", where pictures go from 0 to white",
        "prepare the pictures as the data were, and use them as arrays: neurarium eval RUN --data FILE.npz");
  return most;
}

PictureAnswer answer_of(const TrainedRun& run, std::string file, std::span<const double> outputs) {
  PictureAnswer answer{std::move(file), {outputs.begin(), outputs.end()}, {}};
  if (outputs.size() < 2) return answer;
  Tensor<double> strengths(Shape{1, outputs.size()});
  std::ranges::copy(outputs, strengths.flat().begin());
  if (run.model->outputs_are_logits()) strengths = softmax(strengths.view());
  for (const std::size_t k : strongest(outputs, most_guesses))
    answer.best.push_back({k, run.data.class_name(k), strengths.flat()[k]});
  return answer;
}

}  // namespace

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
    restore(*checkpoint, *run.model, nullptr);
  } catch (const ResumeError& error) {
    throw DataError(directory.file("checkpoint.safetensors").string(),
                    std::string("does not hold the network of experiment.toml: ") + error.what());
  }
  return run;
}

RunEvaluation evaluate_run(const TrainedRun& run, const EvaluateOptions& options) {
  const bool own = options.data.empty();
  Dataset other;
  if (!own) {
    other = load_dataset(options.data, run.data_home);
    require_arrays(other);
  }
  const Dataset& data = own ? run.data : other;
  RunEvaluation found;
  found.data = own ? run.experiment.settings.at("dataset").as_text() : options.data;
  const Split& split = split_of(data, options.split, found.split);
  if (split.entry_shape().elements() != run.model->input_shape().elements())
    throw ShapeError("samples of " + found.data, to_string(run.data.train.entry_shape()),
                     to_string(split.entry_shape()), "the network of " + run.folder.string() + " takes no other");
  found.samples = split.samples();
  BareContext context(*run.registry, options.threads, run.experiment.seed);
  if (!split.y.empty()) {
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

PictureAnswers ask_run(const TrainedRun& run, const std::vector<std::filesystem::path>& files,
                       const PictureOptions& options) {
  PictureAnswers answers;
  answers.are_probabilities = run.model->outputs_are_logits();
  if (files.empty()) return answers;
  const Shape sample = run.data.train.entry_shape();
  double divisor = 0;
  BareContext context(*run.registry, 1, run.experiment.seed);
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    if (!std::filesystem::exists(file, error))
      throw DataError(file.string(), "not found", "give the path of a PNG or JPEG file");
    const Array image = decode_image(read_bytes(file), file.string());
    const Tensor<float> x = picture_sample(image, sample, options, file.string());
    if (divisor == 0) divisor = 255 * run.data.divisor / white_of(run);
    // One at a time: the last bits of a product of matrices may depend on how many rows there are.
    const View<const float> alone(x.data(), sample.with_leading(1));
    const Array outputs = answers_of(*run.model, alone, divisor, context);
    answers.pictures.push_back(answer_of(run, file.string(), to_tensor<double>(outputs.view()).flat()));
  }
  return answers;
}

}  // namespace neurarium
