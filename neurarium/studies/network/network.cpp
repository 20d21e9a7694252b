// train-network: trains a network that the user describes on the user's data, and reports how it went.
#include <algorithm>
#include <chrono>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/trainer.hpp"

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
      throw SpecError("dataset: no data to train on",
                      "give dataset = \"mine.npz\" (arrays x and y), or a name from 'neurarium data list'");
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    if (!data.train.spikes) require_arrays(data);
    if (data.train.y.empty())
      throw DataError(params_.dataset, "has no answers y to learn", "save them beside x: labels 0, 1, 2 … or targets");
    const auto model =
        build_model<Trainable>(fitted(params_.model, context.registry(), data.train.entry_shape(), context.seed()),
                               context.registry(), "training by gradients");
    model->require_answers(data.train.y, data.name + " (train)");
    if (data.test.samples() > 0) model->require_answers(data.test.y, data.name + " (test)");
    const auto start = std::chrono::steady_clock::now();
    TrainCallbacks callbacks;
    callbacks.after_epoch = [&](const EpochResult& epoch) {
      std::vector<std::pair<std::string, double>> row = {{"epoch", static_cast<double>(epoch.epoch)},
                                                         {"train_loss", epoch.loss}};
      if (epoch.has_accuracy) row.emplace_back("train_accuracy", epoch.accuracy);
      if (epoch.has_held_out) row.emplace_back("held_out_loss", epoch.held_out_loss);
      if (epoch.has_held_out && epoch.has_accuracy) row.emplace_back("held_out_accuracy", epoch.held_out_accuracy);
      context.metrics(row);
    };
    const auto history = train(*model, data.train, data.divisor, params_.train, context, callbacks);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    report_split(context, "train", evaluate(*model, data.train, data.divisor, context));
    if (data.test.samples() > 0) report_split(context, "test", evaluate(*model, data.test, data.divisor, context));
    context.add(Figure{"epochs", static_cast<std::int64_t>(history.size()), "", "Passes over the data.", {}, {}});
    if (!history.empty() && history.front().has_held_out) report_held_out(context, history);
    context.add(Figure{"train_seconds", seconds, "s", "Time of the training loop in this process.", {}, {}});
    for (const NamedView& parameter : model->parameters())
      context.array(parameter.name, Array(ArrayView(parameter.values)));
    if (data.train.entry_shape() == Shape{2}) add_plane(context, *model, data);
    add_curves(context, history);
    context.answer("After " + std::to_string(history.size()) + " epochs on " + std::to_string(data.train.samples()) +
                   " samples: " + answer_ + ".");
  }

 private:
  void report_split(RunContext& context, const std::string& split, const EpochResult& result) {
    context.add(Figure{split + "_loss", result.loss, "", "Mean loss on the " + split + " samples.", {}, {}});
    if (result.has_accuracy)
      context.add(Figure{split + "_accuracy",
                         result.accuracy,
                         "",
                         "Share of " + split + " samples whose strongest output is the label.",
                         {},
                         {}});
    char text[120];
    std::snprintf(text, sizeof text, "%s loss %.4g", split.c_str(), result.loss);
    answer_ = text;
    if (!result.has_accuracy) return;
    std::snprintf(text, sizeof text, ", accuracy %.2f %%", 100 * result.accuracy);
    answer_ += text;
  }
  void report_held_out(RunContext& context, const EpochHistory& history) const {
    const EpochResult& best = kept_epoch(history, params_.train.early_stopping);
    context.add(Figure{"best_epoch",
                       static_cast<std::int64_t>(best.epoch),
                       "",
                       "The epoch whose weights were kept, as the held-out training samples told.",
                       {},
                       {}});
    context.add(
        Figure{"held_out_loss", best.held_out_loss, "", "Mean loss on the held-out training samples then.", {}, {}});
    if (best.has_accuracy)
      context.add(Figure{"held_out_accuracy",
                         best.held_out_accuracy,
                         "",
                         "Share of held-out training samples whose strongest output is the label then.",
                         {},
                         {}});
  }
  static void add_curves(RunContext& context, const EpochHistory& history) {
    Trace loss, accuracy, held_out_loss, held_out_accuracy;
    loss.name = "loss";
    accuracy.name = "accuracy";
    held_out_loss.name = held_out_accuracy.name = "held out";
    for (const EpochResult& epoch : history) {
      loss.x.push_back(static_cast<double>(epoch.epoch));
      loss.y.push_back(epoch.loss);
      accuracy.x.push_back(static_cast<double>(epoch.epoch));
      accuracy.y.push_back(epoch.accuracy);
      if (!epoch.has_held_out) continue;
      held_out_loss.y.push_back(epoch.held_out_loss);
      held_out_accuracy.y.push_back(epoch.held_out_accuracy);
    }
    held_out_loss.x = held_out_accuracy.x = loss.x;
    const auto with = [](const Trace& seen, const Trace& held_out) {
      return held_out.y.empty() ? std::vector<Trace>{seen} : std::vector<Trace>{seen, held_out};
    };
    const std::string how = " over the training samples, each measured before the step it took part in.";
    context.add(Chart{"loss", "Loss while learning", "Mean loss of each epoch" + how, "epoch", "loss", "",
                      with(loss, held_out_loss), false, false});
    if (!history.empty() && history.front().has_accuracy)
      context.add(Chart{"accuracy", "Accuracy while learning", "Accuracy of each epoch" + how, "epoch", "accuracy", "",
                        with(accuracy, held_out_accuracy), false, false});
  }
  /// What the network says over the plane of its two inputs, with the training samples on it.
  static void add_plane(RunContext& context, const Trainable& model, const Dataset& data) {
    constexpr std::size_t nodes = 121, size = 484;
    const Tensor<double> x = to_tensor<double>(data.train.x.view()), y = to_tensor<double>(data.train.y.view());
    Frame frame{0, 0, 0, 0, size, size};
    const auto span_of = [&](std::size_t column, double& low, double& high) {
      low = high = x(std::size_t{0}, column);
      for (std::size_t i = 0; i < x.shape()[0]; ++i)
        low = std::min(low, x(i, column)), high = std::max(high, x(i, column));
      const double margin = high > low ? 0.2 * (high - low) : 1;
      low -= margin, high += margin;
    };
    span_of(0, frame.x_low, frame.x_high);
    span_of(1, frame.y_low, frame.y_high);
    Tensor<double> grid(Shape{nodes * nodes, 2});
    for (std::size_t i = 0; i < nodes * nodes; ++i) {
      const auto at = [](double low, double high, std::size_t k) {
        return low + (high - low) * static_cast<double>(k) / (nodes - 1);
      };
      grid(i, std::size_t{0}) = at(frame.x_low, frame.x_high, i % nodes);
      grid(i, std::size_t{1}) = at(frame.y_low, frame.y_high, i / nodes);
    }
    const Tensor<double> out =
        to_tensor<double>(model.outputs(scaled(grid.view(), data.divisor, model.scalar()), {}).front().second.view());
    const std::size_t outputs = out.shape()[1];
    Array heights(DType::f64, {nodes, nodes});
    for (std::size_t i = 0; i < nodes * nodes; ++i) {
      const auto row = out.view()[i].flat();
      heights.as<double>().flat()[i] =
          outputs == 1 ? row[0] : static_cast<double>(std::ranges::max_element(row) - row.begin());
    }
    const auto [least, most] = std::ranges::minmax(y.flat());
    const bool one_answer = y.size() == x.shape()[0];
    const double low = one_answer ? least : 0, high = one_answer ? most : static_cast<double>(outputs - 1);
    Array picture = height_map(heights, size, size, low, high, ColourMap::cividis);
    const double radius = x.shape()[0] < 50 ? 10 : 3;
    for (std::size_t i = 0; i < std::min<std::size_t>(x.shape()[0], 2000); ++i) {
      const Point at = frame.pixel(x(i, std::size_t{0}), x(i, std::size_t{1}));
      const double share = one_answer && high > low ? (y.flat()[i] - low) / (high - low) : 0.5;
      draw_disc(picture, at, radius + 2, {255, 255, 255});
      draw_disc(picture, at, radius, colour_at(ColourMap::cividis, share));
    }
    context.add(Picture{
        "plane", "What the network says over the plane of its inputs",
        std::string(outputs == 1 ? "Its output" : "The class with the strongest output") +
            ", from dark (smallest answer) to bright (largest); discs: training samples in the colour of their answer. "
            "First input to the right, second upwards.",
        std::move(picture), true});
  }
  Params params_;
  std::string answer_;
};

}  // namespace

void register_network_studies(Registry& registry) {
  registry
      .add<TrainNetwork::Params>("study", "train-network",
                                 "Does this network learn this data? Trains your network on your data.")
      .makes<Study>([](const TrainNetwork::Params& params) { return std::make_unique<TrainNetwork>(params); });
}

}  // namespace neurarium
