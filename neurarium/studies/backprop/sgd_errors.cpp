// sgd-errors: the error of each pattern by itself along a line through weight space, and their sum: why do stochastic
// gradients work? (founding notebook: learning-anns, E_0 … E_3 and E along w5 = w, w6 = w + 2)
#include <algorithm>
#include <cmath>

#include "neurarium/core/array_of.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/backprop/notebook_network.hpp"
#include "neurarium/studies/backprop/studies.hpp"
#include "neurarium/studies/backprop/weight_pair.hpp"

namespace neurarium {
namespace {

struct SliceParams {
  std::string first = "w5";
  std::string second = "w6";
  double offset = 2;
  double low = -10;
  double high = 10;
  double step = 0.25;
  static Schema fields() {
    using P = SliceParams;
    return Schema::of<P>({
        field("first", &P::first, "The weight that is w: w1 … w6, b1 … b3, or layer.parameter[row,column]."),
        field("second", &P::second, "The weight that is w + offset."),
        field("offset", &P::offset, "Its distance from the first one."),
        field("low", &P::low, "First w."),
        field("high", &P::high, "w stays below this value (as NumPy's arange)."),
        field("step", &P::step, "Distance between two values of w.").positive(),
    });
  }
};

struct Params {
  std::string dataset = "xor";
  std::int64_t patterns = 8;
  Component model = notebook_network();
  SliceParams slice;
  static Schema fields() {
    return Schema::of<Params>({
        field("dataset", &Params::dataset, "Where the patterns come from."),
        field("patterns", &Params::patterns,
              "Patterns drawn, the first ones of the training set, if there are as many.")
            .between(1, 1000),
        component("model", &Params::model, "model",
                  "The network; default: the notebook's 2-2-1 with its nine weights."),
        field("slice", &Params::slice, "The line through weight space."),
    });
  }
};

class SgdErrors : public Study {
 public:
  explicit SgdErrors(const Params& params) : params_(params) {}

  void run(RunContext& context) override {
    data_ = context.dataset(params_.dataset);
    require_arrays(data_);
    if (data_.train.samples() == 0 || data_.train.y.empty())
      throw DataError(params_.dataset, "has no answers y to learn", "give x and y");
    model_ =
        build_model<Trainable>(fitted(params_.model, context.registry(), data_.train.entry_shape(), context.seed()),
                               context.registry(), "error curves");
    const Value* loss = params_.model.settings.find_path("loss.type");
    halved_ = !loss || loss->as_text() == "squared_error";
    is_notebook_ = is_notebook_network(*model_);
    pair_ = WeightPair(*model_, params_.slice.first, params_.slice.second);
    patterns_ = std::min(static_cast<std::size_t>(params_.patterns), data_.train.samples());
    follow_the_line();
    add_exhibits(context);
    add_figures(context);
  }

 private:
  std::string error_name() const { return halved_ ? "(y − t)², without the ½" : "loss"; }

  /// E_n and its slope along the line, for every w.
  void follow_the_line() {
    const SliceParams& p = params_.slice;
    const double count = std::ceil((p.high - p.low) / p.step);
    if (!(count >= 2) || count > 100000)
      throw SpecError("slice: from low to high in steps of step gives no line", "2 to 100,000 values");
    const auto steps = static_cast<std::size_t>(count);
    error_.assign(patterns_, std::vector<double>(steps));
    slope_ = error_;
    sum_.assign(steps, 0);
    Tape tape;
    Gradient gradient = make_gradient(*model_);
    const double factor = halved_ ? 2 : 1;
    for (std::size_t i = 0; i < steps; ++i) {
      w_.push_back(p.low + static_cast<double>(i) * p.step);
      pair_.set(w_[i], w_[i] + p.offset);
      for (std::size_t n = 0; n < patterns_; ++n) {
        set_zero(gradient);
        const Batch one{data_.train.x.view().rows(n, 1), data_.train.y.view().rows(n, 1), data_.divisor};
        error_[n][i] = factor * model_->evaluate_with_gradient(one, {}, tape, gradient).loss;
        pair_.keep_only(gradient);  // dE/dw = ∂E/∂first + ∂E/∂second, as both move with w
        for (const Array& array : gradient)
          with_floating(array.dtype(), [&]<class T>() {
            for (const T g : array.as<T>().flat()) slope_[n][i] += factor * static_cast<double>(g);
          });
        sum_[i] += error_[n][i];
      }
    }
  }

  void add_exhibits(RunContext& context) const {
    const SliceParams& p = params_.slice;
    const std::string where = "w along " + p.first + " = w, " + p.second + " = w + " + short_digits(p.offset);
    Chart single, whole, slopes;
    single.name = "patterns", single.title = "The error of each pattern";
    single.caption = "E_n = " + error_name() + " of one pattern alone; " + where + ". They want different things.";
    whole.name = "sum", whole.title = "Their sum";
    whole.caption = "E = Σ E_n, what learning is to make small; " + where + ".";
    slopes.name = "slopes", slopes.title = "The slope each pattern sees";
    for (Chart* chart : {&single, &whole, &slopes}) chart->x_label = "w", chart->y_label = "E";
    slopes.y_label = "dE/dw";
    std::vector<double> mean(w_.size(), 0);
    Array errors(DType::f64, {patterns_, w_.size()});
    for (std::size_t n = 0; n < patterns_; ++n) {
      Trace trace;
      trace.name = "E_" + std::to_string(n);
      trace.x = w_, trace.y = error_[n];
      single.traces.push_back(trace);
      trace.y = slope_[n];
      slopes.traces.push_back(trace);
      std::ranges::copy(error_[n], errors.as<double>()[n].flat().begin());
      for (std::size_t i = 0; i < w_.size(); ++i) mean[i] += slope_[n][i] / static_cast<double>(patterns_);
    }
    Trace total;
    total.name = "E", total.x = w_, total.y = sum_;
    whole.traces.push_back(total);
    total.name = "mean", total.y = mean;
    slopes.traces.push_back(total);
    slopes.caption = "dE_n/dw of each pattern, and their mean: a single pattern may point the wrong way.";
    const std::vector<Array> halves = {picture_of(error_), picture_of({sum_})};
    context.add(Picture{"curves", "The error of each pattern, and their sum",
                        "Left: E_n = " + error_name() +
                            ", one curve per pattern (from E_0, red). Right: their sum E. " + where + ", from " +
                            short_digits(w_.front()) + " to " + short_digits(w_.back()) +
                            "; each side fills its own height.",
                        beside(halves, 12), true});
    context.add(std::move(single));
    context.add(std::move(whole));
    context.add(std::move(slopes));
    context.array("w", array_of(w_));
    context.array("errors", errors);
    context.array("sum", array_of(sum_));
    context.add(Remark{
        "Why stochastic gradients work",
        "The gradient of a sum is the sum of the gradients. A pattern drawn at random therefore gives, on average, 1/N "
        "of the whole gradient: each step is cheap and wrong, but not wrong in one direction. Where all patterns "
        "agree, one of them says as much as all, for 1/N of the work. Where they disagree, the steps scatter around "
        "the way of the sum. That scatter helps: in a minimum of the sum that is not the best one the single slopes "
        "need not be 0, they only cancel; so single steps can leave it where the whole gradient stays. It also "
        "hinders: at the best minimum they need not vanish either, so the learning rate has to fall for the weights "
        "to settle."});
    if (halved_)
      context.add(
          Remark{"Conventions",
                 "The curves are (y − t)², as in the notebook's plots; training follows ½ Σ (y − t)², as in its "
                 "equations. The places of the minima are the same."});
  }

  /// Curves on white: the least of all values at the bottom, the largest at the top.
  static Array picture_of(const std::vector<std::vector<double>>& curves) {
    static constexpr Colour colours[] = {{205, 60, 40},  {30, 110, 190}, {40, 150, 80},   {160, 90, 190},
                                         {225, 140, 20}, {20, 150, 160}, {120, 120, 120}, {150, 110, 60}};
    constexpr std::size_t width = 360, height = 270;
    Array image = blank_image(height, width, paper);
    double low = INFINITY, high = -INFINITY;
    for (const auto& curve : curves)
      for (const double e : curve) low = std::min(low, e), high = std::max(high, e);
    const double margin = high > low ? 0.05 * (high - low) : 1;
    const std::size_t n = curves.front().size();
    const Frame frame{0, static_cast<double>(n - 1), low - margin, high + margin, width, height};
    for (std::size_t k = 0; k < curves.size(); ++k) {
      std::vector<Point> line;
      for (std::size_t i = 0; i < n; ++i) line.push_back(frame.pixel(static_cast<double>(i), curves[k][i]));
      draw_polyline(image, line, colours[k % 8], 2.5);
    }
    const double right = width - 0.5, bottom = height - 0.5;
    const std::vector<Segment> box = {{{0.5, 0.5}, {right, 0.5}},
                                      {{right, 0.5}, {right, bottom}},
                                      {{right, bottom}, {0.5, bottom}},
                                      {{0.5, bottom}, {0.5, 0.5}}};
    draw_segments(image, box, {120, 120, 120}, 1);
    return image;
  }

  void add_figures(RunContext& context) const {
    const SliceParams& p = params_.slice;
    const bool notebook = params_.dataset == "xor" && patterns_ == 4 && halved_ && p.first == "w5" &&
                          p.second == "w6" && p.offset == 2 && p.low == -10 && p.high == 10 && p.step == 0.25 &&
                          is_notebook_;
    const auto lowest = static_cast<std::size_t>(std::ranges::min_element(sum_) - sum_.begin());
    const Value source_min = notebook ? Value(1.004290110) : Value(), source_at = notebook ? Value(9.75) : Value();
    const std::string source = notebook ? "NumPy, the notebook's fprop" : "";
    context.add(
        Figure{"slice_min", sum_[lowest], "", "Smallest E = Σ " + error_name() + " on the line.", source_min, source});
    context.add(Figure{"slice_argmin", w_[lowest], "", "Where it is: " + p.first + ".", source_at, source});
    Value::List minima;
    Value::List inner;
    std::size_t agreeing = 0, counted = 0, with_inner = 0;
    for (std::size_t n = 0; n < patterns_; ++n) {
      minima.emplace_back(w_[static_cast<std::size_t>(std::ranges::min_element(error_[n]) - error_[n].begin())]);
      const std::size_t valleys = inner_minima(error_[n]).size();
      inner.emplace_back(static_cast<std::int64_t>(valleys));
      with_inner += valleys > 0;
      for (std::size_t i = 0; i < w_.size(); ++i) {
        double total = 0;
        for (std::size_t m = 0; m < patterns_; ++m) total += slope_[m][i];
        if (slope_[n][i] == 0) continue;  // a pattern that does not depend on w has no opinion
        agreeing += (slope_[n][i] > 0) == (total > 0);
        ++counted;
      }
    }
    const auto valleys = inner_minima(sum_);
    const double share = counted ? static_cast<double>(agreeing) / static_cast<double>(counted) : 1;
    context.add(Figure{"pattern_argmins", minima, "", "Where each pattern's own error is smallest.", {}, {}});
    context.add(Figure{"inner_minima",
                       static_cast<std::int64_t>(valleys.size()),
                       "",
                       "Minima of the sum that are not at an end of the line.",
                       {},
                       {}});
    context.add(Figure{"pattern_inner_minima", inner, "", "The same for each pattern's own error.", {}, {}});
    context.add(Figure{"agreement",
                       share,
                       "",
                       "Share of all (pattern, w) with a slope where it has the sign of the whole slope.",
                       {},
                       {}});
    std::string answer = percent(share) + " of the single slopes point the way of the sum";
    for (const std::size_t i : valleys)
      if (sum_[i] > sum_[lowest] && with_inner == 0) {
        answer += ". The whole gradient is caught at " + p.first + " = " + short_digits(w_[i]) +
                  " (E = " + short_digits(sum_[i]) + "), where no single pattern has a minimum";
        break;
      }
    context.answer(answer + "; the lowest point of the line is " + short_digits(sum_[lowest]) + " at " + p.first +
                   " = " + short_digits(w_[lowest]) + ".");
  }

  /// Points lower than both their neighbours.
  static std::vector<std::size_t> inner_minima(const std::vector<double>& e) {
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i + 1 < e.size(); ++i)
      if (e[i] < e[i - 1] && e[i] < e[i + 1]) found.push_back(i);
    return found;
  }

  Params params_;
  Dataset data_;
  std::unique_ptr<Trainable> model_;
  WeightPair pair_;
  bool halved_ = true, is_notebook_ = false;
  std::size_t patterns_ = 0;
  std::vector<double> w_, sum_;
  std::vector<std::vector<double>> error_, slope_;  ///< [pattern][w]
};

}  // namespace

void register_sgd_errors(Registry& registry) {
  registry
      .add<Params>("study", "sgd-errors",
                   "How do the errors of single patterns differ from their sum: why do stochastic gradients work?")
      .makes<Study>([](const Params& params) { return std::make_unique<SgdErrors>(params); });
}

}  // namespace neurarium
