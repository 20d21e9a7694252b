#include "neurarium/experiment/ask_run.hpp"

#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/nn/classes.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_guesses = 3;

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

PictureAnswers ask_run(const TrainedRun& run, const std::vector<std::filesystem::path>& files,
                       const PictureOptions& options, std::vector<std::exception_ptr>* faults) {
  PictureAnswers answers;
  answers.are_probabilities = run.model->outputs_are_logits();
  if (files.empty()) return answers;
  require_arrays(run.data);
  const Shape sample = run.data.train.entry_shape();
  double divisor = 0;
  BareContext context(*run.registry, 1, run.experiment.seed);
  for (const std::filesystem::path& file : files) {
    Tensor<float> x;
    try {
      std::error_code error;
      if (!std::filesystem::exists(file, error))
        throw DataError(file.string(), "not found", "give the path of a PNG or JPEG file");
      const Array image = decode_image(read_bytes(file), file.string());
      x = picture_sample(image, sample, options, file.string());
    } catch (const Error&) {
      if (!faults) throw;
      faults->push_back(std::current_exception());
      continue;
    }
    if (divisor == 0) divisor = 255 * run.data.divisor / white_of(run);
    // One at a time: the last bits of a product of matrices may depend on how many rows there are.
    const View<const float> alone(x.data(), sample.with_leading(1));
    const Array outputs = answers_of(*run.model, alone, divisor, context);
    answers.pictures.push_back(answer_of(run, file.string(), to_tensor<double>(outputs.view()).flat()));
  }
  return answers;
}

}  // namespace neurarium
