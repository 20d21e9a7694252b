// xor-surface: what does the error of a tiny network look like, seen over two of its weights, and how do gradient
// descent, momentum and Adam walk on it? (founding notebook: learning-anns)
#include "neurarium/core/array_of.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/backprop/notebook_network.hpp"
#include "neurarium/studies/backprop/studies.hpp"
#include "neurarium/studies/backprop/surface_exhibits.hpp"
#include "neurarium/studies/backprop/weight_pair.hpp"
#include "neurarium/train/detached_context.hpp"
#include "neurarium/train/trainer.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

struct SurfaceParams {
  std::string first = "w5";
  std::string second = "w6";
  double low = -10;
  double high = 10;
  double step = 0.25;
  std::int64_t descent_steps = 500;
  double descent_rate = 20;
  double momentum = 0.9;
  double adam_rate = 0.1;
  static Schema fields() {
    using P = SurfaceParams;
    return Schema::of<P>({
        field("first", &P::first, "Weight on the horizontal axis: w1 … w6, b1 … b3, or layer.parameter[row,column]."),
        field("second", &P::second, "Weight on the other axis."),
        field("low", &P::low, "First value of both weights."),
        field("high", &P::high, "Both weights stay below this value (as NumPy's arange)."),
        field("step", &P::step, "Distance between two values.").positive(),
        field("descent_steps", &P::descent_steps, "Steps of the descents that move these two weights alone.")
            .at_least(0),
        field("descent_rate", &P::descent_rate, "Learning rate of gradient descent, without and with momentum.")
            .positive(),
        field("momentum", &P::momentum, "Momentum of the second walk.").positive().below(1),
        field("adam_rate", &P::adam_rate, "Learning rate of Adam.").positive(),
    });
  }
};

struct Params {
  std::string dataset = "xor";
  Component model = notebook_network();
  SurfaceParams surface;
  TrainParams train = [] {
    TrainParams full_batch;
    full_batch.epochs = 5000;
    full_batch.batch_size = 4;
    full_batch.shuffle = false;
    full_batch.reduction = "sum";
    full_batch.optimiser.settings.set("learning_rate", 2.0);
    return full_batch;
  }();
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset, "The patterns to learn."),
        component("model", &Params::model, "model",
                  "The network; default: the notebook's 2-2-1 with its nine weights."),
        field("surface", &Params::surface, "The two weights and where to look."),
        field("train", &Params::train, "Descent of all weights."),
    });
  }
};

// Of the walks on the surface.
constexpr Colour red{255, 80, 60}, orange{255, 190, 40}, blue{70, 170, 255};

class XorSurface : public Study {
 public:
  explicit XorSurface(const Params& params) : params_(params) {}

  void run(RunContext& context) override {
    data_ = context.dataset(params_.dataset);
    require_arrays(data_);
    if (data_.train.samples() == 0 || data_.train.y.empty())
      throw DataError(params_.dataset, "has no answers y to learn", "give x and y");
    component_ = fitted(params_.model, context.registry(), data_.train.entry_shape(), context.seed());
    model_ = build_model<Trainable>(component_, context.registry(), "an error surface");
    const Value* loss = component_.settings.find_path("loss.type");
    halved_ = !loss || loss->as_text() == "squared_error";
    pair_ = WeightPair(*model_, params_.surface.first, params_.surface.second);

    const Surface start = surface_of(context);
    const std::vector<Walk> walks = walks_on_surface(context);
    add_surface_figures(context, start);
    add_walk_figures(context, walks);
    show(context, "surface", "The error over two weights",
         "All other weights keep their first values. The lines are gradient descent, the same with momentum, "
         "and Adam, each "
         "moving these two weights alone: they lie on the surface. White disc: start; black discs: ends.",
         start, walks);
    add_descents(context, walks);
    add_patterns(context);
    context.array("surface", start.error);
    context.array("axis", array_of(start.axis));

    Rows path("xor_surface.path", 3);  // first, second, error after each epoch
    const double error_before = total_error();
    path.add({pair_.first(), pair_.second(), error_before});
    TrainCallbacks callbacks;
    callbacks.extra = path.state();
    callbacks.after_epoch = [&](const EpochResult& epoch) {
      context.metrics({{"epoch", static_cast<double>(epoch.epoch)}, {"error", factor() * epoch.loss * samples()}});
      if (epoch.epoch < path.size()) return;  // restored from the checkpoint
      path.add({pair_.first(), pair_.second(), total_error()});
    };
    train(*model_, data_.train, data_.divisor, params_.train, context, callbacks);

    const double error_after = total_error();
    const std::size_t solved = patterns_solved();
    const Surface end = surface_of(context);
    show(context, "surface-after", "The same two weights after all weights have learned",
         "Now all weights move. The surface is drawn with the other weights where they ended; the line is the path of "
         "the two weights, seen from above (at its earlier points the surface was another).",
         end, {{"all weights", "", red, path_points(path)}});
    add_learning_curve(context, path);
    context.array("path", path.array());
    context.add(Figure{"start_error", error_before, "", error_name() + " with the first weights.", {}, {}});
    context.add(Figure{"final_error", error_after, "", error_name() + " after training.", {}, {}});
    context.add(Figure{"patterns_solved",
                       static_cast<std::int64_t>(solved),
                       "",
                       "Patterns answered rightly after training: strongest output, or |y − t| < ½.",
                       {},
                       {}});
    if (halved_)
      context.add(Remark{
          "Conventions",
          "The error drawn here is Σ (y − t)² as in the notebook's plots; training follows ½ Σ (y − t)², as in its "
          "equations. The notebook's text gives δ = y − t for the output layer; with logistic outputs and this error "
          "it "
          "is (y − t) · y (1 − y), which is what is computed here and checked by 'neurarium gradcheck xor-surface'."});
    const bool flat = start.high - start.low < 0.1 * std::abs(start.mean);
    context.answer("Over (" + params_.surface.first + ", " + params_.surface.second + ") the error " +
                   (flat ? "is nearly flat, " : "goes from ") + short_digits(start.low) + " to " +
                   short_digits(start.high) + "; moving all weights brings it from " + short_digits(error_before) +
                   " to " + short_digits(error_after) + " (" + std::to_string(solved) + " of " +
                   std::to_string(data_.train.samples()) + " patterns right).");
  }

 private:
  double samples() const { return static_cast<double>(data_.train.samples()); }
  double factor() const { return halved_ ? 2 : 1; }
  std::string error_name() const { return halved_ ? "Σ (y − t)²" : "summed loss"; }
  Batch batch() const { return {data_.train.x, data_.train.y, data_.divisor}; }
  double total_error() { return factor() * model_->evaluate(batch(), {}, tape_).loss; }

  Surface surface_of(RunContext& context) {
    const SurfaceParams& p = params_.surface;
    const double count = std::ceil((p.high - p.low) / p.step);
    if (!(count >= 2) || count > 2000)
      throw SpecError("surface: from low to high in steps of step gives no grid", "2 to 2,000 values per axis");
    Surface surface;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      surface.axis.push_back(p.low + static_cast<double>(i) * p.step);
    const std::size_t n = surface.axis.size();
    surface.error = Array(DType::f64, {n, n});
    const auto e = surface.error.as<double>();
    const double first = pair_.first(), second = pair_.second();
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (i % 16 == 0) context.progress({"surface", static_cast<double>(i), static_cast<double>(n), "rows", {}});
      for (std::size_t j = 0; j < n; ++j) {
        pair_.set(surface.axis[j], surface.axis[i]);
        e(i, j) = total_error();
        sum += e(i, j);
      }
    }
    pair_.set(first, second);
    const auto flat = e.flat();
    const auto lowest = static_cast<std::size_t>(std::ranges::min_element(flat) - flat.begin());
    surface.low = flat[lowest];
    surface.high = std::ranges::max(flat);
    surface.mean = sum / static_cast<double>(n * n);
    surface.first_at_low = surface.axis[lowest % n];
    surface.second_at_low = surface.axis[lowest / n];
    return surface;
  }

  /// The same steps by three optimisers.
  std::vector<Walk> walks_on_surface(RunContext& run) {
    const SurfaceParams& p = params_.surface;
    const auto optimiser = [](const char* type, double rate) {
      Component component{type, Value::table()};
      component.settings.set("learning_rate", rate);
      return component;
    };
    Component with_momentum = optimiser("sgd", p.descent_rate);
    with_momentum.settings.set("momentum", p.momentum);
    return {walk_of(run, {"gradient descent", "descent", red, {}}, optimiser("sgd", p.descent_rate), "walk"),
            walk_of(run, {"momentum", "momentum", orange, {}}, with_momentum, "walk-momentum"),
            walk_of(run, {"Adam", "adam", blue, {}}, optimiser("adam", p.adam_rate), "walk-adam")};
  }

  /// The two weights alone, moved by `optimiser`, on a model of its own.
  Walk walk_of(RunContext& run, Walk walk, const Component& optimiser, const std::string& array_name) {
    const auto walker = build_model<Trainable>(component_, run.registry(), "an error surface");
    const WeightPair pair(*walker, params_.surface.first, params_.surface.second);
    TrainParams train_params = params_.train;
    train_params.epochs = params_.surface.descent_steps;
    train_params.optimiser = optimiser;
    train_params.schedule = {"constant", Value::table()};
    train_params.early_stopping = {};
    walk.points = {{pair.first(), pair.second()}};
    TrainCallbacks callbacks;
    callbacks.after_gradient = [&](Gradient& gradient) { pair.keep_only(gradient); };
    callbacks.after_step = [&](std::uint64_t) { walk.points.push_back({pair.first(), pair.second()}); };
    DetachedContext context(run, walk.name + " of two weights");
    train(*walker, data_.train, data_.divisor, train_params, context, callbacks);
    Array points(DType::f64, {walk.points.size(), 2});
    for (std::size_t i = 0; i < walk.points.size(); ++i)
      points.as<double>()(i, 0) = walk.points[i].x, points.as<double>()(i, 1) = walk.points[i].y;
    run.array(array_name, points);
    return walk;
  }

  void add_walk_figures(RunContext& context, const std::vector<Walk>& walks) {
    for (const Walk& walk : walks)
      context.add(Figure{walk.figure + "_end",
                         error_at(walk.points.back()),
                         "",
                         error_name() + " where " + walk.name + " of the two weights ends.",
                         {},
                         {}});
  }

  /// How fast each walk comes down: on the surface one does not see the time that a walk takes.
  void add_descents(RunContext& context, const std::vector<Walk>& walks) {
    Chart chart{"descents",
                "The error along the three walks",
                error_name() +
                    " after each step of the two weights alone. On a plateau the gradient is small: plain "
                    "descent waits there, momentum and Adam do not.",
                "step",
                error_name(),
                "",
                {},
                false,
                false};
    for (const Walk& walk : walks) {
      Trace& line = chart.traces.emplace_back();
      line.name = walk.name;
      line.colour = css(walk.colour);
      for (const std::size_t i : thinned(walk.points.size(), 500))
        line.x.push_back(static_cast<double>(i)), line.y.push_back(error_at(walk.points[i]));
    }
    context.add(std::move(chart));
  }

  void add_surface_figures(RunContext& context, const Surface& s) {
    // Golden values for the notebook's network, data and grid, from an independent NumPy computation.
    const bool notebook = is_the_notebooks();
    const auto reference = [&](double value) { return notebook ? Value(value) : Value(); };
    const std::string source = notebook ? "NumPy, the notebook's fprop" : "";
    context.add(
        Figure{"surface_min", s.low, "", "Smallest " + error_name() + " on the grid.", reference(0.992675623), source});
    context.add(
        Figure{"surface_max", s.high, "", "Largest " + error_name() + " on the grid.", reference(1.046818355), source});
    context.add(
        Figure{"surface_mean", s.mean, "", "Mean " + error_name() + " over the grid.", reference(1.018995599), source});
    const double first = pair_.first(), second = pair_.second();
    pair_.set(0, 0);
    context.add(Figure{"surface_origin", total_error(), "", error_name() + " where both weights are 0.",
                       reference(1.016384213), source});
    pair_.set(first, second);
    context.add(Figure{"surface_argmin", Value::List{s.first_at_low, s.second_at_low}, "",
                       "Where the grid is lowest (first, second weight).",
                       notebook ? Value(Value::List{4.75, -10.0}) : Value(), source});
  }

  bool is_the_notebooks() const {
    const Params standard;
    const SurfaceParams& p = params_.surface;
    return params_.dataset == standard.dataset && p.first == "w5" && p.second == "w6" && p.low == -10 && p.high == 10 &&
           p.step == 0.25 && halved_ && is_notebook_network(*model_);
  }

  /// Patterns whose answer is right: by the strongest output where answers are labels, else all outputs within ½.
  std::size_t patterns_solved() {
    const Evaluation result = model_->evaluate(batch(), {}, tape_);
    if (result.has_accuracy) return static_cast<std::size_t>(result.correct);
    const NamedArrays named = model_->outputs(scaled(data_.train.x, data_.divisor, model_->scalar()), {});
    const Tensor<double> y = to_tensor<double>(named.front().second.view()),
                         t = to_tensor<double>(data_.train.y.view());
    const std::size_t outputs = y.size() / data_.train.samples();
    std::size_t right = 0;
    for (std::size_t i = 0; i < data_.train.samples(); ++i) {
      bool near = true;
      for (std::size_t j = i * outputs; j < (i + 1) * outputs; ++j)
        near = near && std::abs(y.flat()[j] - t.flat()[j]) < 0.5;
      right += near;
    }
    return right;
  }

  void add_patterns(RunContext& context) {
    if (data_.train.x.shape() != Shape{data_.train.samples(), 2} || data_.train.y.size() != data_.train.samples())
      return;
    const Tensor<double> x = to_tensor<double>(data_.train.x.view()), t = to_tensor<double>(data_.train.y.view());
    Chart chart{"patterns", "The patterns", "Each point is an input (x₁, x₂); its colour is the answer to be learned.",
                "x₁",       "x₂",           "",
                {},         false,          true};
    std::vector<double> answers(t.flat().begin(), t.flat().end());
    std::ranges::sort(answers);
    answers.erase(std::unique(answers.begin(), answers.end()), answers.end());
    if (answers.size() > 12) return;
    for (const double answer : answers) {
      Trace trace;
      trace.kind = Trace::Kind::points;
      trace.name = "t = " + short_digits(answer);
      for (std::size_t i = 0; i < t.size(); ++i)
        if (t.flat()[i] == answer) trace.x.push_back(x.flat()[2 * i]), trace.y.push_back(x.flat()[2 * i + 1]);
      chart.traces.push_back(std::move(trace));
    }
    context.add(std::move(chart));
  }

  static std::vector<Point> path_points(const Rows& path) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < path.size(); ++i) points.push_back({path(i, 0), path(i, 1)});
    return points;
  }

  double error_at(const Point& p) {
    const double first = pair_.first(), second = pair_.second();
    pair_.set(p.x, p.y);
    const double error = total_error();
    pair_.set(first, second);
    return error;
  }

  void show(RunContext& context, std::string name, std::string title, std::string caption, const Surface& surface,
            std::vector<Walk> walks) {
    add_surface(context,
                {std::move(name), std::move(title), std::move(caption), params_.surface.first, params_.surface.second,
                 error_name()},
                surface, std::move(walks), [this](const Point& point) { return error_at(point); });
  }

  void add_learning_curve(RunContext& context, const Rows& path) const {
    Trace error;
    error.name = error_name();
    for (const std::size_t i : thinned(path.size(), 1000))
      error.x.push_back(static_cast<double>(i)), error.y.push_back(path(i, 2));
    context.add(Chart{"learning",
                      "The error while all weights learn",
                      error_name() + " over all patterns after each epoch.",
                      "epoch",
                      error_name(),
                      "",
                      {error},
                      true,
                      false});
  }

  Params params_;
  Component component_;
  Dataset data_;
  std::unique_ptr<Trainable> model_;
  WeightPair pair_;
  Tape tape_;
  bool halved_ = true;
};

}  // namespace

void register_xor_surface(Registry& registry) {
  registry
      .add<Params>(
          "study", "xor-surface",
          "What does the error of a small network look like over two of its weights, and how does descent walk on it?")
      .makes<Study>([](const Params& params) { return std::make_unique<XorSurface>(params); });
}

}  // namespace neurarium
