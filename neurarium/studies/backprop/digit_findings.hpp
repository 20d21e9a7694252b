// What a run of digit-cnn has found, and the exhibits made of it; each file digit_*.cpp draws one kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/robustness/calibration.hpp"
#include "neurarium/studies/backprop/digit_measures.hpp"
#include "neurarium/studies/backprop/digit_training.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

struct DigitFindings {
  const Dataset& data;
  Confusion confusion;
  std::vector<std::size_t> errors;              ///< numbers of the misclassified test images
  Tensor<double> scores;                        ///< the network's outputs for the test set [n, classes]
  std::optional<Tensor<double>> probabilities;  ///< if the outputs are logits
  std::optional<Calibration> calibration;       ///< likewise
  EpochHistory history = {};
  std::size_t kept_epoch = 0;    ///< whose weights early stopping has put back; 0 = the last one's stand
  std::size_t trained_on = 0;    ///< images
  double train_seconds = 0;      ///< wall clock
  double seconds_per_image = 0;  ///< wall clock, when predicting the test set
  int threads = 1;
  std::size_t parameters = 0;  ///< how many numbers are learned
  std::size_t bytes = 0;       ///< of parameters and buffers

  std::span<const std::int64_t> labels() const { return data.test.y.as<std::int64_t>().flat(); }
  /// "3 (dress)", or "3" where the name says no more.
  std::string class_words(std::size_t k) const {
    const std::string number = std::to_string(k), name = data.class_name(k);
    return name == number ? number : number + " (" + name + ")";
  }
};

/// What the network, once trained, makes of the first images that it learned from.
struct LookAtTraining {
  std::size_t samples = 0;
  EpochResult result;
};
/// `test_loss`: mean loss on the test set.
void add_figures(RunContext& context, const DigitFindings& found, const DigitTraining& training,
                 const LookAtTraining& on_train, double test_loss);
/// The run in one line.
std::string digit_answer(const DigitFindings& found);
void add_curves(RunContext& context, const DigitFindings& found);
/// The first 15 errors as the notebook shows them.
void add_first_errors(RunContext& context, const DigitFindings& found);
/// All errors, on as many sheets as they need.
void add_all_errors(RunContext& context, const DigitFindings& found);
void add_confusion(RunContext& context, const DigitFindings& found);
/// Nothing if the outputs are no probabilities.
void add_calibration(RunContext& context, const DigitFindings& found);
/// What the first weights look like, if they have the shape of pictures.
void add_filters(RunContext& context, Model& model);
/// What each layer with maps makes of the first test image; nothing if the model does not show its layers.
void add_feature_maps(RunContext& context, const Model& model, const Dataset& data);
/// The other methods beside the network; nothing if they were not measured on this data set.
void add_classic_methods(RunContext& context, const DigitFindings& found);

}  // namespace neurarium
