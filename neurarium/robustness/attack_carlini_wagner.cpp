// Carlini and Wagner's attack in l2: the smallest change by descent, with a price on being answered rightly.
//   x'(w) = low + width (1 + tanh w)/2,   minimise over w   |x' − x|₂² / width² + c max(z_y − max_{o≠y} z_o + κ, 0)
// by Adam (learning_rate, β 0.9 and 0.999, ε 1e-8), from the w of x, 0.1 % off the bounds. c is searched for each sample: times 10
// while it fails, then halfway between the largest that failed and the smallest that succeeded. A sample is fooled when some
// other class leads by κ; the nearest such x' of all iterations is kept. Each tenth of the iterations a sample stops whose loss
// has not sunk by 0.01 % (early_abort). What is never fooled is left at its last iteration.
// The authors start 0.0001 % off the bounds, w = ±7.25, and take 1,000 or 10,000 iterations at 0.01 to come from there. On MNIST
// (784-128-10, 100 images) the mean change is 0.788 with the defaults, in 1,406 gradients an image; with the authors' start and rate
// 0.789 after 1,000 iterations (5,193 gradients) and 1.93 after 200. Logits a million times smaller want a c a million times
// larger: more searches, or a larger initial_c.
// Source: Carlini, Wagner, "Towards evaluating the robustness of neural networks", IEEE S&P 2017, and the authors' program,
// which decides on stopping for a batch as a whole.
#include "neurarium/kernels/logistic.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/logit_row.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct CarliniWagnerParams {
  std::string norm = "l2";
  double confidence = 0;
  std::int64_t searches = 9;
  std::int64_t iterations = 200;
  double learning_rate = 0.02;
  double initial_c = 1e-3;
  bool early_abort = true;
  static Schema fields() {
    using P = CarliniWagnerParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: l2.").one_of({"l2"}),
        field("confidence", &P::confidence, "By how much κ of the logits the wrong class must lead.").at_least(0),
        field("searches", &P::searches, "Values of c, each a descent of its own.").at_least(1),
        field("iterations", &P::iterations, "Steps of a descent.").at_least(1),
        field("learning_rate", &P::learning_rate, "Of Adam, in units of w.").positive(),
        field("initial_c", &P::initial_c, "The first c.").positive(),
        field("early_abort", &P::early_abort, "Stop samples whose loss no longer sinks."),
    });
  }
};

/// The search for one sample's c.
struct Price {
  static constexpr double unknown = 1e10;
  double c, low = 0, high = unknown;
  void next(bool has_fooled) {
    if (has_fooled) high = std::min(high, c);
    else low = std::max(low, c);
    c = high < unknown ? (low + high) / 2 : c * 10;
  }
};

template <class T>
class CarliniWagner : public Attack<T> {
 public:
  using Params = CarliniWagnerParams;
  explicit CarliniWagner(const Params& params) : params_(params) {}
  Norm norm() const override { return Norm::l2; }
  Access access() const override { return Access::gradients; }
  bool seeks_smallest() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    std::ranges::copy(task.x.flat(), changed.flat().begin());
    State state(task, params_.initial_c);
    for (std::int64_t search = 0; search < params_.searches; ++search) {
      const std::vector<char> fooled = descend(target, task, state, changed);
      for (std::size_t i = 0; i < task.samples(); ++i) state.prices[i].next(fooled[i]);
    }
  }

 private:
  /// All samples of the task; the rows of share, x and slope are those of the samples that go on.
  struct State {
    Tensor<T> start, w, mean, square;  // [n, d] in tanh space, and Adam's averages
    Tensor<T> share, x, slope;
    std::vector<Price> prices;
    std::vector<double> best;
    State(const AttackTask<T>& task, double first_c)
        : start(task.x.shape()),
          w(task.x.shape()),
          mean(task.x.shape()),
          square(task.x.shape()),
          prices(task.samples(), Price{first_c}),
          best(task.samples(), std::numeric_limits<double>::infinity()) {
      const std::span<const T> from = task.x.flat();
      const std::span<T> to = start.flat();
      for (std::size_t j = 0; j < from.size(); ++j) {
        const double t = 2 * (static_cast<double>(from[j]) - task.bounds.low) / task.bounds.width() - 1;
        to[j] = static_cast<T>(std::atanh(std::clamp(t, -1.0, 1.0) * (1 - 1e-3)));
      }
    }
  };

  /// One descent of all samples, each with its own c. Which of them were fooled on the way.
  std::vector<char> descend(Target<T>& target, const AttackTask<T>& task, State& state, View<T> changed) const {
    const std::size_t n = task.samples();
    std::vector<char> fooled(n, 0);  // ever, by row
    std::vector<char> flat(n);       // by place: nothing more to pay for, so no slope
    std::vector<std::size_t> active = all_rows(n);
    std::vector<double> loss(n), loss_before(n, std::numeric_limits<double>::infinity());
    state.w = state.start;
    state.mean.fill(0), state.square.fill(0);
    const std::int64_t look_every = std::max<std::int64_t>(1, params_.iterations / 10);
    for (std::int64_t iteration = 0; iteration < params_.iterations && !active.empty(); ++iteration) {
      show(task, active, state);
      const View<const T> logits = target.logits(std::as_const(state.x).view());
      state.slope.resize(logits.shape());
      for (std::size_t i = 0; i < active.size(); ++i) {
        const std::size_t row = active[i];
        const auto x = std::as_const(state.x).view()[i].flat();
        const double far = distance<T>(Norm::l2, x, task.x[row].flat());
        const double lead = look(logits, i, task.labels[row], state.prices[row].c, state.slope.view()[i].flat());
        const double width = task.bounds.width();
        loss[row] = far * far / (width * width) + state.prices[row].c * std::max(params_.confidence - lead, 0.0);
        const bool is_success = lead >= params_.confidence && is_fooled(logits, i, task.labels[row]);
        flat[i] = lead >= params_.confidence;
        fooled[row] |= static_cast<char>(is_success);
        const bool is_better = is_success && far < state.best[row];
        if (is_better) state.best[row] = far;
        if (is_better || state.best[row] == std::numeric_limits<double>::infinity())
          std::ranges::copy(x, changed[row].flat().begin());
      }
      const View<const T> gradient = target.pull_back(std::as_const(state.slope).view(), flat);
      for (std::size_t i = 0; i < active.size(); ++i) step(task, active[i], i, iteration + 1, gradient, state);
      if (params_.early_abort && iteration % look_every == 0)
        std::erase_if(active, [&](std::size_t row) {
          const bool is_stuck = loss[row] > 0.9999 * loss_before[row];
          loss_before[row] = loss[row];
          return is_stuck;
        });
    }
    return fooled;
  }

  /// x' of the active samples, and their share (1 + tanh w)/2 = 1/(1 + e^−2w) of the bounds' width.
  void show(const AttackTask<T>& task, std::span<const std::size_t> active, State& state) const {
    const std::size_t d = task.x.shape()[1];
    state.share.resize(Shape{active.size(), d}), state.x.resize(Shape{active.size(), d});
    for (std::size_t i = 0; i < active.size(); ++i) {
      const auto w = state.w.view()[active[i]].flat(), twice = state.share.view()[i].flat();
      for (std::size_t j = 0; j < d; ++j) twice[j] = 2 * w[j];
    }
    kernels::logistic<T>(std::as_const(state.share).view(), state.share.view());
    const T low = static_cast<T>(task.bounds.low), high = static_cast<T>(task.bounds.high);
    const T width = static_cast<T>(task.bounds.width());
    const auto share = state.share.flat(), x = state.x.flat();
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = std::min(std::max(low + width * share[j], low), high);
  }

  /// By how much the strongest other class leads; `slope` becomes ∂(c max(κ − lead, 0))/∂logits.
  double look(View<const T> logits, std::size_t i, std::int64_t label, double c, std::span<T> slope) const {
    const auto z = logits[i].flat();
    const auto y = static_cast<std::size_t>(label);
    const std::size_t other = strongest_but<T>(z, y);
    const double lead = static_cast<double>(z[other]) - static_cast<double>(z[y]);
    std::ranges::fill(slope, T{0});
    if (lead < params_.confidence) slope[y] = static_cast<T>(c), slope[other] = static_cast<T>(-c);
    return lead;
  }

  /// One step of Adam for the sample in `row` of the task and place i of those that go on.
  void step(const AttackTask<T>& task, std::size_t row, std::size_t i, std::int64_t number, View<const T> gradient,
            State& state) const {
    const auto g = gradient[i].flat(), from = task.x[row].flat();
    const auto x = state.x.view()[i].flat(), share = state.share.view()[i].flat();
    const auto w = state.w.view()[row].flat(), mean = state.mean.view()[row].flat();
    const auto square = state.square.view()[row].flat();
    const bool is_usable = std::ranges::all_of(g, [](T v) { return std::isfinite(v); });
    const T width = static_cast<T>(task.bounds.width()), pull = 2 / (width * width);
    const double count = static_cast<double>(number);
    const T rate = static_cast<T>(params_.learning_rate / (1 - std::pow(0.9, count)));
    const T lift = static_cast<T>(1 / std::sqrt(1 - std::pow(0.999, count)));
    for (std::size_t j = 0; j < w.size(); ++j) {
      const T outward = is_usable ? g[j] : T{0};
      const T slope = (pull * (x[j] - from[j]) + outward) * (2 * width * share[j] * (1 - share[j]));
      mean[j] += T(0.1) * (slope - mean[j]);
      square[j] += T(0.001) * (slope * slope - square[j]);
      w[j] -= rate * mean[j] / (lift * std::sqrt(square[j]) + T(1e-8));
    }
  }

  Params params_;
};

}  // namespace

void register_carlini_wagner(Registry& registry) {
  add_attack<CarliniWagner>(registry, "carlini-wagner",
                            "Carlini and Wagner's: the smallest change in l2, by descent and a searched price.");
}

}  // namespace neurarium
