// The figures of digit-cnn, and its answer in one line.
#include <algorithm>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

void add(RunContext& context, const char* name, Value value, const char* unit, std::string meaning,
         Value reference = {}, std::string source = {}) {
  context.add(Figure{name, std::move(value), unit, std::move(meaning), std::move(reference), std::move(source)});
}

std::int64_t whole(std::size_t n) { return static_cast<std::int64_t>(n); }

}  // namespace

void add_figures(RunContext& context, const DigitFindings& found, const DigitTraining& training,
                 const LookAtTraining& on_train, double test_loss) {
  const bool notebooks = found.data.name == "mnist";
  add(context, "test_accuracy", found.confusion.accuracy(), "", "Share of the test images that are read right.",
      notebooks ? Value(0.987) : Value(), notebooks ? "the founding notebook's network" : "");
  add(context, "test_errors", whole(found.errors.size()), "", "Test images that are not.",
      notebooks ? Value(130) : Value(), notebooks ? "the founding notebook's network" : "");
  add(context, "test_loss", test_loss, "", "Mean loss on the test images.");
  const std::string some =
      "the first " + with_commas(on_train.samples) + " images that it learned from, after training.";
  add(context, "train_accuracy", on_train.result.accuracy, "", "Share read right of " + some);
  add(context, "train_loss", on_train.result.loss, "", "Mean loss on " + some);
  if (!found.history.empty() && found.history.back().has_held_out) {
    if (found.kept_epoch > 0)
      add(context, "best_epoch", whole(found.kept_epoch), "",
          "The epoch whose weights were kept: best on the images kept apart.");
    const EpochResult& then = found.kept_epoch > 0 ? found.history[found.kept_epoch - 1] : found.history.back();
    const std::string when = found.kept_epoch > 0 ? "after the best epoch" : "after the last epoch";
    add(context, "held_out_accuracy", then.held_out_accuracy, "",
        "Share of the images kept apart that are read right " + when + ": to choose settings by.");
    add(context, "held_out_loss", then.held_out_loss, "", "Mean loss on them.");
  }
  if (found.calibration) {
    add(context, "calibration_error", found.calibration->expected_error, "",
        "Expected calibration error (ECE) in " + std::to_string(found.calibration->bins.size()) +
            " bins: mean distance of confidence and accuracy.");
    add(context, "mean_confidence", found.calibration->confidence, "",
        "Mean probability that the network gives its answers to the test images.");
  }
  add(context, "epochs", whole(found.history.size()), "", "Passes over the training images.");
  add(context, "trained_on", whole(found.trained_on), "", "Training images.");
  add(context, "parameters", whole(found.parameters), "", "Numbers that are learned.");
  add(context, "bytes", whole(found.bytes), "B", "Size of the network: parameters and running statistics.");
  add(context, "train_seconds", found.train_seconds, "s", "Time of the training loop in this process.");
  add(context, "images_per_second", training.seconds > 0 ? training.images / training.seconds : 0, "1/s",
      "Images that training goes through in a second.");
  add(context, "seconds_per_image", found.seconds_per_image, "s",
      "Time to read one image, in batches of " + std::to_string(evaluation_shard_size) + ".");
}

std::string digit_answer(const DigitFindings& found) {
  const std::size_t errors = found.errors.size(), epochs = found.history.size();
  std::string text = percent(found.confusion.accuracy(), 2) + " of " + with_commas(found.confusion.samples()) +
                     " test images are read right after " + std::to_string(epochs) +
                     (epochs == 1 ? " epoch" : " epochs") + ", " + with_commas(errors) +
                     (errors == 1 ? " is" : " are") + " not";
  const auto pairs = found.confusion.mixed_up();
  if (pairs.empty()) return text + ".";
  const auto& worst = pairs.front();
  return text + "; most often " + found.class_words(worst.answer) + " is taken for " +
         found.class_words(worst.prediction) + " (" +
         (worst.count == 1 ? std::string("once") : with_commas(worst.count) + " times") + ").";
}

}  // namespace neurarium
