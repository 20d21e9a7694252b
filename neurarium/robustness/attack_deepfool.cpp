// DeepFool: steps to the nearest border between classes, as if the network were linear.
// With z the logits, y the label, x_t = x + (1 + overshoot) r_t brought into the bounds, and for each other class k
//   w_k = ∂(z_k − z_y)/∂x,  m_k = z_k − z_y  at x_t,   l = argmin_k |m_k| / |w_k|_q   (q = 2 for l2, 1 for linf)
//   l2:   r_{t+1} = r_t + |m_l| w_l / |w_l|₂²          linf:   r_{t+1} = r_t + |m_l| sign(w_l) / |w_l|₁
// until x_t is fooled, or `steps` are done. Other classes: the strongest at x, `candidates` with the label's own.
// A number that lies on a bound and would have to leave it counts as w = 0: with the paper's steps, which know no bounds, what
// the bounds cut off is missing each time, and samples with many numbers on them come ever nearer to the border, but not across.
// Where no class has a gradient, the sample is given up. A sample on the border itself (m_l = 0) goes 1e-4 of the bounds' width.
// On a linear network of two classes one step is exact: the change is 1 + overshoot times the smallest there is, unless the
// bounds cut it.
// Source: Moosavi-Dezfooli, Fawzi, Frossard, "DeepFool: a simple and accurate method to fool deep neural networks",
// CVPR 2016; the gradients at the overshot point as in the authors' program.
#include "neurarium/nn/classes.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct DeepfoolParams {
  std::string norm = "l2";
  std::int64_t steps = 50;
  double overshoot = 0.02;
  std::int64_t candidates = 10;
  static Schema fields() {
    using P = DeepfoolParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("steps", &P::steps, "Most steps of a sample.").at_least(1),
        field("overshoot", &P::overshoot, "By how much of the change to go beyond the border.").at_least(0),
        field("candidates", &P::candidates, "Classes to look at, the strongest, the right one among them; 0 = all.")
            .at_least(0),
    });
  }
};

/// The nearest border of one sample so far.
template <class T>
struct Border {
  double far = std::numeric_limits<double>::infinity();
  double factor = 0;  ///< the step is factor · w, or factor · sign(w)
  std::vector<T> w;
};

template <class T>
class Deepfool : public Attack<T> {
 public:
  using Params = DeepfoolParams;
  explicit Deepfool(const Params& params) : params_(params) {
    if (params_.candidates == 1)
      throw SpecError("deepfool: 1 candidate is the right class alone", "set candidates to 2 or more, or to 0 for all");
  }
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::gradients; }
  bool seeks_smallest() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    std::ranges::copy(task.x.flat(), changed.flat().begin());
    const std::size_t d = task.x.shape()[1];
    std::vector<std::size_t> open = all_rows(task.samples());
    std::vector<std::vector<std::size_t>> others;  // of each sample of the task, strongest first
    Tensor<T> x, way(task.x.shape()), slope;
    std::vector<Border<T>> borders;
    std::vector<double> z;
    for (std::int64_t step = 0; step < params_.steps; ++step) {
      x.resize(Shape{open.size(), d});
      for (std::size_t i = 0; i < open.size(); ++i)
        std::ranges::copy(changed[open[i]].flat(), x.view()[i].flat().begin());
      const View<const T> logits = target.logits(std::as_const(x).view());
      if (others.empty())
        for (std::size_t i = 0; i < task.samples(); ++i) others.push_back(rivals(logits[i].flat(), task.labels[i]));
      const std::size_t k = logits.shape()[1];
      z.assign(logits.flat().begin(), logits.flat().end());
      find_borders(target, task, open, others, std::as_const(x).view(), z, slope, borders);

      std::vector<std::size_t> still;
      for (std::size_t i = 0; i < open.size(); ++i) {
        const std::size_t row = open[i];
        const auto label = static_cast<std::size_t>(task.labels[row]);
        const std::span<const double> here(z.data() + i * k, k);
        if (strongest(here) != label) continue;
        if (!std::isfinite(borders[i].far)) continue;
        go(borders[i], way.view()[row].flat());
        const T factor = static_cast<T>(1 + params_.overshoot);
        const std::span<const T> from = task.x[row].flat();
        const std::span<T> r = way.view()[row].flat(), to = changed[row].flat();
        const T low = static_cast<T>(task.bounds.low), high = static_cast<T>(task.bounds.high);
        for (std::size_t j = 0; j < d; ++j) to[j] = std::min(std::max(from[j] + factor * r[j], low), high);
        still.push_back(row);
      }
      open = std::move(still);
      if (open.empty()) return;
    }
  }

 private:
  /// Classes other than the label among the strongest.
  std::vector<std::size_t> rivals(std::span<const T> logits, std::int64_t label) const {
    const std::size_t k = logits.size();
    const std::size_t count = params_.candidates == 0 ? k : std::min(static_cast<std::size_t>(params_.candidates), k);
    const std::vector<double> scores(logits.begin(), logits.end());
    std::vector<std::size_t> classes = strongest(scores, k);
    std::erase(classes, static_cast<std::size_t>(label));
    classes.resize(count - 1);
    return classes;
  }

  /// One backward pass of all open samples for each rank of rival.
  void find_borders(Target<T>& target, const AttackTask<T>& task, std::span<const std::size_t> open,
                    const std::vector<std::vector<std::size_t>>& others, View<const T> x, std::span<const double> z,
                    Tensor<T>& slope, std::vector<Border<T>>& borders) const {
    const std::size_t k = z.size() / open.size();
    borders.resize(open.size());
    for (Border<T>& border : borders) border.far = std::numeric_limits<double>::infinity();
    slope.resize(Shape{open.size(), k});
    for (std::size_t rank = 0; rank < others.front().size(); ++rank) {
      slope.fill(0);
      for (std::size_t i = 0; i < open.size(); ++i) {
        slope(i, others[open[i]][rank]) = 1;
        slope(i, static_cast<std::size_t>(task.labels[open[i]])) = -1;
      }
      const View<const T> gradient = target.pull_back(std::as_const(slope).view());
      for (std::size_t i = 0; i < open.size(); ++i) {
        const double margin =
            std::abs(z[i * k + others[open[i]][rank]] - z[i * k + static_cast<std::size_t>(task.labels[open[i]])]);
        measure(margin, task.bounds, x[i].flat(), gradient[i].flat(), borders[i]);
      }
    }
  }

  /// Keeps the border of this class if it is the nearest.
  void measure(double margin, const Bounds& bounds, std::span<const T> x, std::span<const T> gradient,
               Border<T>& border) const {
    const T low = static_cast<T>(bounds.low), high = static_cast<T>(bounds.high);
    const auto usable = [&](std::size_t j) {
      const T w = gradient[j];
      return (w > 0 && x[j] >= high) || (w < 0 && x[j] <= low) ? T{0} : w;
    };
    double sum = 0, squares = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double w = static_cast<double>(usable(j));
      sum += std::abs(w), squares += w * w;
    }
    const bool is_linf = norm() == Norm::linf;
    const double size = is_linf ? sum : std::sqrt(squares);
    if (!(size > 0) || !std::isfinite(size)) return;
    const double far = margin / size;
    if (!(far < border.far)) return;
    border.far = far;
    const double step = far > 0 ? far : 1e-4 * bounds.width();  // on the border itself: some way beyond it
    border.factor = is_linf ? step : step / size;
    border.w.resize(x.size());
    for (std::size_t j = 0; j < x.size(); ++j) border.w[j] = usable(j);
  }

  void go(const Border<T>& border, std::span<T> way) const {
    const double f = border.factor;
    for (std::size_t j = 0; j < way.size(); ++j) {
      const T w = border.w[j];
      const double step = norm() == Norm::l2 ? f * static_cast<double>(w) : w > 0 ? f : w < 0 ? -f : 0;
      way[j] += static_cast<T>(step);
    }
  }

  Params params_;
};

}  // namespace

void register_deepfool(Registry& registry) {
  add_attack<Deepfool>(registry, "deepfool",
                       "DeepFool: steps to the nearest border between classes; the smallest change.");
}

}  // namespace neurarium
