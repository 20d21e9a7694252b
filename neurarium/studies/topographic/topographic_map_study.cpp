// topographic-map: do features that excite their neighbours order themselves into a map?
// (founding notebook: topographic-sparsedream)
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/topographic/images.hpp"
#include "neurarium/studies/topographic/measures.hpp"
#include "neurarium/train/detached_context.hpp"
#include "neurarium/train/local_trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace neurarium {
namespace {

struct DataParams {
  std::int64_t crop = 10;
  static Schema fields() {
    return Schema::of<DataParams>({
        field("crop", &DataParams::crop,
              "Side of the square cut from the middle of each image, in pixels; 0 = the whole image.")
            .at_least(0),
    });
  }
};

struct AnalysisParams {
  std::vector<std::int64_t> images = {110, 401, 656, 420, 25, 98};
  std::int64_t held_out = 1000;
  bool compare_fidelity = true;
  static Schema fields() {
    using P = AnalysisParams;
    return Schema::of<P>({
        field("images", &P::images, "Test images shown with their code and reconstruction.").at_least(0),
        field("held_out", &P::held_out, "Test images on which the figures are taken.").at_least(1),
        field(
            "compare_fidelity", &P::compare_fidelity,
            "Train again with each of the notebook's slips mended, from the same start, and measure the differences."),
    });
  }
};

struct Params {
  std::string dataset = "cifar10";
  Component model{"topographic_map", Value::table()};
  DataParams data;
  LocalTrainParams train;
  AnalysisParams analysis;
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset, "Images: a data set's name, or a .npz file with x and y."),
        component("model", &Params::model, "model", "The map."),
        field("data", &Params::data, "What is cut from the images."),
        field("train", &Params::train, "How long and in which order it sees them."),
        field("analysis", &Params::analysis, "What is shown and measured."),
    });
  }
};

std::string rounded(double x, int digits) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, x);
  return buffer;
}

class TopographicMapStudy : public Study {
 public:
  explicit TopographicMapStudy(const Params& params) : params_(params) {
    const auto& images = params_.analysis.images;
    for (std::size_t i = 0; i < images.size(); ++i)
      if (std::find(images.begin(), images.begin() + static_cast<std::ptrdiff_t>(i), images[i]) !=
          images.begin() + static_cast<std::ptrdiff_t>(i))
        throw SpecError("analysis.images: image " + std::to_string(images[i]) + " is listed twice", "list each once");
  }

  void run(RunContext& context) override {
    load(context);
    component_ = fitted(params_.model, context.registry(), {shape_.numbers()}, context.seed());
    const auto model = build_model<LocalLearner>(component_, context.registry(), "learning without a loss gradient");
    rows_ = grid_size("rows");
    columns_ = grid_size("columns");

    const auto start = std::chrono::steady_clock::now();
    Rows curve("topographic_map.curve", 4);
    const auto report_row = [&](std::size_t i) {
      context.metrics({{"epoch", curve(i, 0)},
                       {"mean_activity", curve(i, 1)},
                       {"snr_db", curve(i, 2)},
                       {"gain_corrected_snr_db", curve(i, 3)}});
    };
    const auto after_epoch = [&](std::uint64_t epoch) {
      const MapMeasures m = measures_of(*model);
      curve.add({static_cast<double>(epoch), m.mean_activity, m.snr_db, m.gain_corrected_snr_db});
      report_row(curve.size() - 1);
    };
    ExtraState state = curve.state();
    state.restore = [&, restore = state.restore](const Checkpoint& checkpoint) {
      restore(checkpoint);
      for (std::size_t i = 0; i < curve.size(); ++i) report_row(i);
    };
    train_locally(*model, train_x_, divisor_, params_.train, context, after_epoch, state);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    const MapMeasures m = measures_of(*model);
    add_figures(context, m, seconds);
    add_pictures(context, *model);
    if (params_.analysis.compare_fidelity) compare_fidelity(context);
    for (const NamedView& item : model->parameters()) context.array(item.name, Array(ArrayView(item.values)));
    for (const NamedView& item : model->buffers()) context.array(item.name, Array(ArrayView(item.values)));
    context.answer(std::to_string(rows_) + " × " + std::to_string(columns_) +
                   " units code the shape of held-out images at " + rounded(m.gain_corrected_snr_db, 1) + " dB (" +
                   rounded(m.snr_db, 1) + " dB without the best gain); on one image up to " +
                   rounded(100 * m.max_share_on, 0) + " % of them fire together.");
  }

 private:
  std::size_t grid_size(const char* name) const {
    const Value* given = component_.settings.find(name);
    if (!given || !given->is_integer())
      throw SpecError(std::string("model.") + name + ": this study needs a model on a grid");
    return static_cast<std::size_t>(given->as_integer());
  }

  void load(RunContext& context) {
    Dataset data = context.dataset(params_.dataset);
    if (data.test.samples() == 0) {
      context.choice("held-out images", "the training images: the data set has no test split");
      data.test = data.train;
    }
    const auto crop = static_cast<std::size_t>(params_.data.crop);
    train_x_ = centre_crop(data.train.x, crop, shape_);
    ImageShape test_shape;
    const Array test = centre_crop(data.test.x, crop, test_shape);
    if (test_shape.numbers() != shape_.numbers())
      throw ShapeError("test images", to_string(train_x_.shape()), to_string(test.shape()));
    divisor_ = data.divisor;
    const auto as_seen = [&](ArrayView images) { return scaled(images, divisor_, DType::f64); };
    const std::size_t available = test.shape()[0];
    held_out_ = as_seen(test.view().rows(0, std::min(available, static_cast<std::size_t>(params_.analysis.held_out))));
    for (const std::int64_t index : params_.analysis.images) {
      if (static_cast<std::size_t>(index) >= available)
        throw SpecError("analysis.images: there is no test image " + std::to_string(index),
                        "the data set has 0 … " + std::to_string(available - 1));
      shown_.push_back(as_seen(test.view().rows(static_cast<std::size_t>(index), 1)));
    }
  }

  static NamedArrays respond(LocalLearner& model, const Array& x) {
    return model.outputs(converted(x, model.scalar()), {});
  }

  static ArrayView output_of(const NamedArrays& code, const char* name) {
    for (const auto& [key, array] : code)
      if (key == name) return array;
    throw SpecError(std::string("model.type: this study needs a model with an output called '") + name + "'");
  }

  MapMeasures measures_of(LocalLearner& model) const {
    const NamedArrays code = respond(model, held_out_);
    return measure_map(held_out_, output_of(code, "activity"), output_of(code, "reconstruction"),
                       ArrayView(model.parameters().front().values), rows_, columns_);
  }

  void add_figures(RunContext& context, const MapMeasures& m, double seconds) const {
    const Value* wanted = component_.settings.find("sparsity");
    const std::string on = " on " + std::to_string(held_out_.shape()[0]) + " held-out images";
    const auto add = [&](const char* name, Value value, const char* unit, std::string meaning, Value reference = {},
                         const char* source = "") {
      context.add(Figure{name, std::move(value), unit, std::move(meaning), std::move(reference), source});
    };
    add("mean_activity", m.mean_activity, "", "Mean activity o" + on + ".", wanted ? *wanted : Value(),
        wanted ? "the target s" : "");
    add("snr_db", m.snr_db, "dB", "10 log₁₀ Σ v² / Σ (v − r)²" + on + ".");
    add("gain_corrected_snr_db", m.gain_corrected_snr_db, "dB",
        "The same after the best gain per image: is the shape right?");
    add("max_share_on", m.max_share_on, "", "Largest share of units with o > ½ on one image.");
    add("dead_units", m.dead_units, "", "Units with o ≤ ½" + on + ".");
    add("share_of_zero_weights", m.share_of_zero_weights, "", "Weights that are 0 and stay so.");
    add("share_of_weights_above_one", m.share_of_weights_above_one, "", "Weights above 1, shown clipped.");
    // Samples trained in this process: after a resume, fewer than the epochs hold.
    const double samples =
        static_cast<double>(params_.train.samples > 0 ? static_cast<std::size_t>(params_.train.samples)
                                                      : train_x_.shape()[0]) *
        static_cast<double>(params_.train.epochs);
    add("samples_per_second", samples / std::max(seconds, 1e-9), "1/s",
        "Samples learned per second (too high after a resume).");
    add("train_seconds", seconds, "s", "Time of the training loop in this process.");
  }

  void add_pictures(RunContext& context, LocalLearner& model) const {
    const ArrayView weights = model.parameters().front().values;
    context.add(Picture{"tapestry-normalised", "The features of all units, in their places on the map",
                        "Each tile is one unit's weights as an image, divided by the unit's largest weight.",
                        tapestry(weights, shape_, rows_, columns_, true), false});
    context.add(Picture{"tapestry", "The weights as the notebook shows them",
                        "The same tiles, colours clipped to [0, 1]: units with small weights look dark.",
                        tapestry(weights, shape_, rows_, columns_, false), false});
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const NamedArrays code = respond(model, shown_[i]);
      const Tensor<double> o = to_tensor<double>(output_of(code, "activity")),
                           r = to_tensor<double>(output_of(code, "reconstruction"));
      const std::string index = std::to_string(params_.analysis.images[i]);
      const auto [low, high] = std::ranges::minmax(o.flat());
      context.add(Picture{"test-image-" + index, "Test image " + index,
                          "Left: the image; middle: activity of the units on the map, from " + rounded(low, 3) +
                              " to " + rounded(high, 3) + "; right: the reconstruction, clipped to [0, 1].",
                          triptych(shown_[i].as<double>()[0], o.view()[0], r.view()[0], shape_, rows_, columns_),
                          false});
    }
  }

  /// Trains again from the same weights in the same order, with the notebook's slips mended one by one.
  void compare_fidelity(RunContext& context) const {
    const auto* description = context.registry().find("model", component_.type);
    if (!description || !description->schema.find("corrections")) return;
    struct Variant {
      const char *name, *fidelity;
      std::vector<std::string> corrections;
    };
    const Variant variants[] = {{"notebook", "notebook", {}},
                                {"+ neighbourhood", "notebook", {"neighbourhood"}},
                                {"+ clipping", "notebook", {"clipping"}},
                                {"+ growth", "notebook", {"growth"}},
                                {"corrected (all)", "corrected", {}}};
    Table table{"fidelity",
                "What the notebook's slips do",
                "The same start and the same order of images each time. neighbourhood: the last row and column excite "
                "their neighbours too; "
                "clipping: weights not above ε become 0 at every sample, not at every hundredth; growth: no weight "
                "more than doubles in one step. "
                "Change: mean |Δw| over mean |w| against the notebook's rule.",
                {"rule", "change of weights", "mean activity", "activity, last row and column", "SNR", "SNR, best gain",
                 "largest share on", "weights above 1", "largest weight"},
                {}};
    Tensor<double> notebook;  // what the others are compared with; empty if that one diverged
    for (const Variant& variant : variants) {
      Component part = component_;
      part.settings.set("fidelity", variant.fidelity);
      Value::List corrections(variant.corrections.begin(), variant.corrections.end());
      part.settings.set("corrections", std::move(corrections));
      const auto model = build_model<LocalLearner>(part, context.registry(), "learning without a loss gradient");
      DetachedContext side(context, std::string("compare: ") + variant.name);
      try {
        train_locally(*model, train_x_, divisor_, params_.train, side);
      } catch (const NumericError& error) {
        table.rows.push_back({variant.name, std::string("diverged: ") + error.what(), "", "", "", "", "", "", ""});
        continue;
      }
      const Tensor<double> w = to_tensor<double>(ArrayView(model->parameters().front().values));
      if (&variant == variants) notebook = w;
      double change = 0, size = 0;
      for (std::size_t i = 0; i < notebook.size(); ++i)
        change += std::abs(w.flat()[i] - notebook.flat()[i]), size += std::abs(notebook.flat()[i]);
      const MapMeasures m = measures_of(*model);
      table.rows.push_back({variant.name, notebook.size() > 0 ? rounded(100 * change / size, 2) + " %" : "–",
                            rounded(m.mean_activity, 4), rounded(m.border_activity, 4), rounded(m.snr_db, 2) + " dB",
                            rounded(m.gain_corrected_snr_db, 2) + " dB", rounded(100 * m.max_share_on, 0) + " %",
                            rounded(100 * m.share_of_weights_above_one, 2) + " %",
                            rounded(std::ranges::max(w.flat()), 2)});
    }
    context.add(std::move(table));
  }

  Params params_;
  Component component_;
  ImageShape shape_;
  Array train_x_, held_out_;
  std::vector<Array> shown_;
  double divisor_ = 1;
  std::size_t rows_ = 0, columns_ = 0;
};

}  // namespace

void register_topographic_studies(Registry& registry) {
  registry
      .add<Params>("study", "topographic-map", "Do features that excite their neighbours order themselves into a map?")
      .makes<Study>([](const Params& params) { return std::make_unique<TopographicMapStudy>(params); });
}

}  // namespace neurarium
