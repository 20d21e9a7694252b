// HopSkipJump: the smallest change by asking for decisions only.
// It starts at noise that is answered wrongly, and bisects towards the sample until the point lies on the border. Then, `steps` times:
//   1. B_t = min(initial_queries √t, max_queries) directions u_b of length 1 (l2: normal numbers; linf: uniform in ±1) are tried at
//      the point p:   r_b = (clip(p + δ u_b) − p)/δ,   φ_b = +1 if that fools, else −1;   δ = 0.1 width at first, then γ |p − x| / d
//   2. v = Σ (φ_b − mean φ) r_b   (Σ φ_b r_b if all agree); a step along v/|v|₂ or sign(v) of length |p − x| / √t, halved until it fools
//   3. bisection back to the border between it and the sample (l2: on the line; linf: by cutting the change), to θ |p − x| with
//      θ = γ/d^1.5 (l2) or γ/d² (linf), but no coarser than 1/1000.
// The nearest point of all is kept. All samples of a task try the same directions, which each sample's own counter would
// make no better and a hundred times as dear. A sample that `starts` draws of noise (noise_start.hpp) don't fool is given up.
// Source: Chen, Jordan, Wainwright, "HopSkipJumpAttack: a query-efficient decision-based attack", IEEE S&P 2020; defaults
// of the authors' program.
#include "neurarium/core/normal.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/fooled.hpp"
#include "neurarium/robustness/noise_start.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct HopSkipJumpParams {
  std::string norm = "l2";
  std::int64_t steps = 40;
  std::int64_t initial_queries = 100;
  std::int64_t max_queries = 10000;
  double gamma = 1;
  std::int64_t starts = 1000;
  static Schema fields() {
    using P = HopSkipJumpParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("steps", &P::steps, "Steps along the border.").at_least(1),
        field("initial_queries", &P::initial_queries, "Directions tried in the first step.").at_least(1),
        field("max_queries", &P::max_queries, "Most directions tried in a step.").at_least(1),
        field("gamma", &P::gamma, "Reach γ of the tries and of the bisections; 1 as in the paper.").positive(),
        field("starts", &P::starts, "Most draws of noise to start from.").at_least(1),
    });
  }
};

template <class T>
class HopSkipJump : public Attack<T> {
 public:
  using Params = HopSkipJumpParams;
  explicit HopSkipJump(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::decisions; }
  bool draws() const override { return true; }
  bool seeks_smallest() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    std::ranges::copy(task.x.flat(), changed.flat().begin());
    const Stream start_stream(task.seed, "attack.hop-skip-jump.start");
    const Subset<T> part(task, start_at_noise(target, task, start_stream, params_.starts, changed));
    if (part.size() == 0) return;
    Walk walk(part.task);
    for (std::size_t i = 0; i < part.size(); ++i)
      std::ranges::copy(changed[part.rows[i]].flat(), walk.point.view()[i].flat().begin());
    bisect(target, part.task, walk, Norm::l2, 1e-3);  // to where the noise just fools, as the authors' program
    to_border(target, part.task, walk);
    std::vector<double> best = walk.far;
    Tensor<T> nearest = walk.point;
    for (std::int64_t step = 0; step < params_.steps; ++step) {
      find_ways_out(target, part.task, step, walk);
      leap(target, part.task, step, walk);
      to_border(target, part.task, walk);
      for (std::size_t i = 0; i < part.size(); ++i)
        if (walk.far[i] < best[i]) {
          best[i] = walk.far[i];
          std::ranges::copy(walk.point.view()[i].flat(), nearest.view()[i].flat().begin());
        }
    }
    for (std::size_t i = 0; i < part.size(); ++i)
      std::ranges::copy(nearest.view()[i].flat(), changed[part.rows[i]].flat().begin());
  }

 private:
  /// Where all samples of a task are.
  struct Walk {
    Tensor<T> point, way, trial;
    std::vector<double> far;
    explicit Walk(const AttackTask<T>& task)
        : point(task.x.shape()), way(task.x.shape()), trial(task.x.shape()), far(task.samples()) {}
  };

  double dimensions(const AttackTask<T>& task) const { return static_cast<double>(task.x.shape()[1]); }

  /// Moves each point, which fools, towards its sample as far as it still fools; to `tolerance` of the way.
  void bisect(Target<T>& target, const AttackTask<T>& task, Walk& walk, Norm norm, double tolerance) const {
    const std::size_t n = task.samples();
    for (std::size_t i = 0; i < n; ++i) walk.far[i] = distance<T>(norm, walk.point.view()[i].flat(), task.x[i].flat());
    const Tensor<T> from = walk.point;
    std::vector<double> low(n, 0), high(n, 1);
    for (double width = 1; width > tolerance; width /= 2) {
      for (std::size_t i = 0; i < n; ++i) {
        const double share = (low[i] + high[i]) / 2;
        const std::span<T> to = walk.trial.view()[i].flat();
        const std::span<const T> outer = from.view()[i].flat(), sample = task.x[i].flat();
        if (norm == Norm::l2) {
          const T outside = static_cast<T>(share), inside = static_cast<T>(1 - share);
          for (std::size_t j = 0; j < to.size(); ++j) to[j] = inside * sample[j] + outside * outer[j];
          clamp_to<T>(task.bounds, to);
        } else {
          std::ranges::copy(outer, to.begin());
          project<T>(norm, share * walk.far[i], task.bounds, sample, to);
        }
      }
      const std::vector<char> fooled = fooled_rows<T>(target, std::as_const(walk.trial).view(), task.labels);
      for (std::size_t i = 0; i < n; ++i) {
        (fooled[i] ? high : low)[i] = (low[i] + high[i]) / 2;
        if (fooled[i]) std::ranges::copy(walk.trial.view()[i].flat(), walk.point.view()[i].flat().begin());
      }
    }
  }

  void to_border(Target<T>& target, const AttackTask<T>& task, Walk& walk) const {
    const double d = dimensions(task);
    const double theta = params_.gamma / (norm() == Norm::l2 ? d * std::sqrt(d) : d * d);
    bisect(target, task, walk, norm(), std::clamp(theta, 1e-9, 1e-3));
    for (std::size_t i = 0; i < task.samples(); ++i)
      walk.far[i] = distance<T>(norm(), walk.point.view()[i].flat(), task.x[i].flat());
  }

  /// Directions `first`, first + 1, … of a step: rows of length 1.
  void draw_directions(const AttackTask<T>& task, std::int64_t step, std::size_t first, View<T> directions) const {
    const Stream stream(task.seed, "attack.hop-skip-jump");
    std::vector<double> u(directions.shape()[1]);
    for (std::size_t b = 0; b < directions.shape()[0]; ++b) {
      const Counter counter{0, static_cast<std::uint32_t>(first + b), static_cast<std::uint32_t>(step), 0};
      if (norm() == Norm::l2) fill_normal(stream, counter, 0, 1, u);
      else fill_uniform(stream, counter, -1, 1, std::span(u));
      double squares = 0;
      for (const double v : u) squares += v * v;
      const double factor = 1 / std::sqrt(squares);
      const auto to = directions[b].flat();
      for (std::size_t j = 0; j < u.size(); ++j) to[j] = static_cast<T>(factor * u[j]);
    }
  }

  /// walk.way: the estimated direction in which the network is fooled more, of length 1, or its signs.
  void find_ways_out(Target<T>& target, const AttackTask<T>& task, std::int64_t step, Walk& walk) const {
    const std::size_t n = task.samples(), d = task.x.shape()[1];
    const auto queries = static_cast<std::size_t>(
        std::min(static_cast<double>(params_.initial_queries) * std::sqrt(static_cast<double>(step + 1)),
                 static_cast<double>(params_.max_queries)));
    constexpr std::size_t rows_of_a_pass = 512;
    Tensor<T> directions, tries, all_reached(Shape{n, d});
    std::vector<std::size_t> fooling(n, 0);
    std::vector<std::int64_t> labels;
    walk.way.fill(0);
    for (std::size_t first = 0; first < queries; first += rows_of_a_pass) {
      const std::size_t count = std::min(rows_of_a_pass, queries - first);
      directions.resize(Shape{count, d});
      draw_directions(task, step, first, directions.view());
      const std::size_t together = std::max<std::size_t>(1, rows_of_a_pass / count);
      for (std::size_t sample = 0; sample < n; sample += together) {
        const std::size_t samples = std::min(together, n - sample);
        tries.resize(Shape{samples * count, d});
        labels.clear();
        for (std::size_t s = 0; s < samples; ++s) {
          reach(task, walk, sample + s, step, directions.view(), tries.view().rows(s * count, count));
          labels.insert(labels.end(), count, task.labels[sample + s]);
        }
        const std::vector<char> fooled = fooled_rows<T>(target, std::as_const(tries).view(), labels);
        for (std::size_t s = 0; s < samples; ++s)
          fooling[sample + s] += add_up(walk.point.view()[sample + s].flat(), tries.view().rows(s * count, count),
                                        std::span(fooled).subspan(s * count, count), walk.way.view()[sample + s].flat(),
                                        all_reached.view()[sample + s].flat());
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      const auto way = walk.way.view()[i].flat(), all = all_reached.view()[i].flat();
      const double share = static_cast<double>(fooling[i]) / static_cast<double>(queries);
      const T mean = static_cast<T>(fooling[i] == 0 || fooling[i] == queries ? 0 : 2 * share - 1);
      double squares = 0;
      for (std::size_t j = 0; j < d; ++j) {
        way[j] -= mean * all[j];
        squares += static_cast<double>(way[j]) * static_cast<double>(way[j]);
      }
      const T factor = static_cast<T>(squares > 0 ? 1 / std::sqrt(squares) : 0);
      for (T& v : way) v = norm() == Norm::l2 ? factor * v : v > 0 ? T{1} : v < 0 ? T{-1} : T{0};
    }
  }

  /// The point of a sample, moved by δ in each direction, within the bounds.
  void reach(const AttackTask<T>& task, const Walk& walk, std::size_t i, std::int64_t step, View<const T> directions,
             View<T> tries) const {
    const auto point = walk.point.view()[i].flat();
    const double delta = step == 0 ? 0.1 * task.bounds.width() : params_.gamma * walk.far[i] / dimensions(task);
    const T size = static_cast<T>(delta), low = static_cast<T>(task.bounds.low),
            high = static_cast<T>(task.bounds.high);
    for (std::size_t b = 0; b < directions.shape()[0]; ++b) {
      const auto u = directions[b].flat();
      const auto to = tries[b].flat();
      for (std::size_t j = 0; j < u.size(); ++j) to[j] = std::min(std::max(point[j] + size * u[j], low), high);
    }
  }

  /// Adds Σ φ (try − point) to `sum` and Σ (try − point) to `all`; how many fool.
  static std::size_t add_up(std::span<const T> point, View<const T> tries, std::span<const char> fooled,
                            std::span<T> sum, std::span<T> all) {
    std::size_t fooling = 0;
    for (std::size_t b = 0; b < fooled.size(); ++b) {
      const T* moved = tries[b].data();
      const T sign = fooled[b] ? T{1} : T{-1};
      fooling += fooled[b] ? 1 : 0;
      for (std::size_t j = 0; j < point.size(); ++j) {
        const T r = moved[j] - point[j];
        all[j] += r, sum[j] += sign * r;
      }
    }
    return fooling;
  }

  /// Moves each point along its way, as far as it fools; a point no such step fools stays.
  void leap(Target<T>& target, const AttackTask<T>& task, std::int64_t step, Walk& walk) const {
    std::vector<std::size_t> open = all_rows(task.samples());
    double size = 1 / std::sqrt(static_cast<double>(step + 1));
    std::vector<std::int64_t> labels;
    for (int halving = 0; halving < 30 && !open.empty(); ++halving, size /= 2) {
      labels.clear();
      for (std::size_t i = 0; i < open.size(); ++i) {
        const auto to = walk.trial.view()[i].flat();
        const auto from = walk.point.view()[open[i]].flat(), way = walk.way.view()[open[i]].flat();
        const T length = static_cast<T>(size * walk.far[open[i]]);
        for (std::size_t j = 0; j < to.size(); ++j) to[j] = from[j] + length * way[j];
        clamp_to<T>(task.bounds, to);
        labels.push_back(task.labels[open[i]]);
      }
      const std::vector<char> fooled =
          fooled_rows<T>(target, std::as_const(walk.trial).view().rows(0, open.size()), labels);
      std::size_t left = 0;
      for (std::size_t i = 0; i < open.size(); ++i)
        if (fooled[i]) std::ranges::copy(walk.trial.view()[i].flat(), walk.point.view()[open[i]].flat().begin());
        else open[left++] = open[i];
      open.resize(left);
    }
  }

  Params params_;
};

}  // namespace

void register_hop_skip_jump(Registry& registry) {
  add_attack<HopSkipJump>(registry, "hop-skip-jump", "HopSkipJump: the smallest change, by decisions only.");
}

}  // namespace neurarium
