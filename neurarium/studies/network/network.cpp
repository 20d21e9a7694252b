// train-network: trains a network that the user describes on the user's data, and reports how it went.
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/trainer.hpp"

#include <chrono>

namespace neurarium {
namespace {

class TrainNetwork : public Study {
 public:
  struct Params {
    std::string dataset;
    Component model{"sequential", Value::table()};
    TrainParams train;
    static Schema fields() {
      return Schema::of<Params>({
          field("dataset", &Params::dataset, "Name of a data set, or a .npz file with x and y."),
          component("model", &Params::model, "model", "The network."),
          field("train", &Params::train, "How it learns."),
      });
    }
  };
  explicit TrainNetwork(const Params& params) : params_(params) {
    if (params_.dataset.empty())
      throw SpecError("dataset: no data to train on", "give dataset = \"mine.npz\" (arrays x and y), or a name from 'neurarium data list'");
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    const auto model = build_model<Trainable>(fitted(params_.model, context.registry(), data.train.entry_shape(), context.seed()),
                                              context.registry(), "training by gradients");
    const auto start = std::chrono::steady_clock::now();
    TrainCallbacks callbacks;
    callbacks.after_epoch = [&](const EpochResult& epoch) {
      std::vector<std::pair<std::string, double>> row = {{"epoch", static_cast<double>(epoch.epoch)}, {"train_loss", epoch.loss}};
      if (epoch.has_accuracy) row.emplace_back("train_accuracy", epoch.accuracy);
      context.metrics(row);
    };
    const auto history = train(*model, data.train, data.divisor, params_.train, context, callbacks);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    report_split(context, "train", evaluate(*model, data.train, data.divisor, context));
    if (data.test.samples() > 0) report_split(context, "test", evaluate(*model, data.test, data.divisor, context));
    context.add(Figure{"epochs", static_cast<std::int64_t>(history.size()), "", "Passes over the data.", {}, {}});
    context.add(Figure{"train_seconds", seconds, "s", "Time of the training loop in this process.", {}, {}});
    for (const NamedView& parameter : model->parameters()) context.array(parameter.name, Array(ArrayView(parameter.values)));
    add_curves(context, history);
    context.answer(answer_);
  }

 private:
  void report_split(RunContext& context, const std::string& split, const EpochResult& result) {
    context.add(Figure{split + "_loss", result.loss, "", "Mean loss on the " + split + " samples.", {}, {}});
    if (result.has_accuracy)
      context.add(Figure{split + "_accuracy", result.accuracy, "", "Share of " + split + " samples whose strongest output is the label.", {}, {}});
    answer_ = split + " loss " + std::to_string(result.loss);
    if (result.has_accuracy) answer_ += ", accuracy " + std::to_string(100 * result.accuracy) + " %";
  }
  static void add_curves(RunContext& context, const std::vector<EpochResult>& history) {
    Trace loss, accuracy;
    loss.name = "loss";
    accuracy.name = "accuracy";
    for (const EpochResult& epoch : history) {
      loss.x.push_back(static_cast<double>(epoch.epoch));
      loss.y.push_back(epoch.loss);
      accuracy.x.push_back(static_cast<double>(epoch.epoch));
      accuracy.y.push_back(epoch.accuracy);
    }
    const std::string how = " over the training samples, each measured before the step it took part in.";
    context.add(Chart{"loss", "Loss while learning", "Mean loss of each epoch" + how, "epoch", "loss", "", {loss}, false, false});
    if (!history.empty() && history.front().has_accuracy)
      context.add(Chart{"accuracy", "Accuracy while learning", "Accuracy of each epoch" + how, "epoch", "accuracy", "", {accuracy}, false, false});
  }
  Params params_;
  std::string answer_;
};

}  // namespace

void register_network_studies(Registry& registry) {
  registry.add<TrainNetwork::Params>("study", "train-network", "Does this network learn this data? Trains your network on your data.")
      .makes<Study>([](const TrainNetwork::Params& params) { return std::make_unique<TrainNetwork>(params); });
}

}  // namespace neurarium
