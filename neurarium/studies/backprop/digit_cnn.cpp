// digit-cnn: a network reads pictures of digits (or clothes), and shows where it fails (founding notebook: learning-anns,
// "Accuracy on MNIST test set: 98.70 %", and its first 15 errors). The network is data; nothing here knows its layers.
#include <algorithm>
#include <chrono>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/classes.hpp"
#include "neurarium/nn/image_tiles.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"
#include "neurarium/studies/backprop/digit_training.hpp"
#include "neurarium/studies/backprop/studies.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {
namespace {

struct Params {
  std::string dataset = "fashion-mnist";
  Component model{"sequential", Value::table()};
  TrainParams train;
  std::int64_t train_samples = 0;
  double held_out = 0;
  bool classic_methods = true;
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset, "Pictures with labels: mnist, fashion-mnist, cifar10 or a .npz file."),
        component("model", &Params::model, "model", "The network: one output per class."),
        field("train", &Params::train, "How it learns."),
        field("train_samples", &Params::train_samples, "Only so many training images, the first ones; 0 = all.")
            .at_least(0),
        field("held_out", &Params::held_out,
              "Share of the training images kept apart, to choose settings by; 0 = none.")
            .at_least(0)
            .below(1),
        field("classic_methods", &Params::classic_methods, "Whether other methods are shown beside the network."),
    });
  }
};

class DigitCnn : public Study {
 public:
  explicit DigitCnn(const Params& params) : params_(params) {
    if (params_.held_out > 0 && params_.train.early_stopping.wanted())
      throw SpecError("held_out: early stopping keeps images apart by itself",
                      "set held_out = 0, or train.early_stopping.patience = 0");
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    require_labelled_pictures(data);
    const auto model =
        build_model<Trainable>(fitted(params_.model, context.registry(), data.train.entry_shape(), context.seed()),
                               context.registry(), "training by gradients");
    model->require_answers(data.train.y, data.name + " (train)");
    model->require_answers(data.test.y, data.name + " (test)");
    const TrainingImages images(data.train, params_.train_samples, params_.held_out, params_.train.early_stopping,
                                context.seed());
    const DigitTraining training = train_on(images, data.divisor, *model, params_.train, context);
    DigitFindings found = look_at_test_images(*model, data, training, context);
    found.trained_on = images.learned_from();
    if (params_.train.early_stopping.wanted() && !found.history.empty())
      found.kept_epoch = kept_epoch(found.history, params_.train.early_stopping).epoch;
    // As many training images as tell enough: a look at all would cost a good part of an epoch.
    const Split some = images.first_learned(10000);
    add_figures(context, found, training, {some.samples(), evaluate(*model, some, data.divisor, context)},
                evaluate(*model, data.test, data.divisor, context).loss);

    add_first_errors(context, found);
    add_curves(context, found);
    add_confusion(context, found);
    add_filters(context, *model);
    add_feature_maps(context, *model, data);
    add_calibration(context, found);
    if (params_.classic_methods) add_classic_methods(context, found);
    add_all_errors(context, found);  // last, since it is long
    for (const NamedView& parameter : model->parameters())
      context.array(parameter.name, Array(ArrayView(parameter.values)));
    context.answer(digit_answer(found));
  }

 private:
  void require_labelled_pictures(const Dataset& data) const {
    require_arrays(data);
    require_pictures(data.train.entry_shape(), params_.dataset);
    for (const auto& [split, name] : {std::pair{&data.train, "training"}, std::pair{&data.test, "test"}}) {
      if (split->samples() == 0)
        throw DataError(params_.dataset, std::string("has no ") + name + " images",
                        "save x_test and y_test beside x and y");
      if (!split->has_labels())
        throw DataError(params_.dataset, std::string("has no labels for its ") + name + " images",
                        "save them as whole numbers: 0, 1, 2 …, one per image");
    }
  }

  DigitFindings look_at_test_images(Trainable& model, const Dataset& data, const DigitTraining& training,
                                    RunContext& context) const {
    const auto start = std::chrono::steady_clock::now();
    Tensor<double> scores = to_tensor<double>(answers_of(model, data.test.x, data.divisor, context).view());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto labels = data.test.y.as<std::int64_t>().flat();
    Confusion confusion(scores.view(), labels);
    std::vector<std::size_t> errors = errors_of(scores.view(), labels);
    Array misclassified(DType::i64, {errors.size()});
    std::ranges::copy(errors, misclassified.as<std::int64_t>().data());
    context.array("misclassified", misclassified);
    context.array("outputs", Array(scores));
    DigitFindings found{data, std::move(confusion), std::move(errors), std::move(scores), {}, {}};
    if (model.outputs_are_logits()) {
      found.probabilities = softmax(found.scores.view());
      found.calibration.emplace(found.probabilities->view(), labels);
    }
    found.history = training.history;
    found.train_seconds = training.seconds;
    found.seconds_per_image = seconds / static_cast<double>(data.test.samples());
    found.threads = context.pool().threads();
    for (const NamedView& parameter : model.parameters()) found.parameters += parameter.values.size();
    for (const NamedView& item : state_of(model)) found.bytes += item.values.bytes();
    return found;
  }

  Params params_;
};

}  // namespace

void register_digit_cnn(Registry& registry) {
  registry
      .add<Params>("study", "digit-cnn", "How well does a convolutional network read digits, and where does it fail?")
      .makes<Study>([](const Params& params) { return std::make_unique<DigitCnn>(params); });
}

}  // namespace neurarium
