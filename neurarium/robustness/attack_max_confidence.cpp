// Maximum confidence: the attack for networks that may refuse to answer. Being wrong is not enough then, the answer must be sure.
// Towards each wrong class c, one after the other, steps climb ln softmax(z)_c as in projected gradient descent (attack_pgd.cpp); of all
// points on all these ways the one whose wrong answer is surest is left: argmax over x' of max_{c ≠ y} softmax(z(x'))_c among those
// that are fooled, or, where none is, among all.
// Source: Goodfellow, Qin, Berthelot, "Evaluation methodology for attacks against confidence thresholding models", 2018.
#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/class_order.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct MaxConfidenceParams {
  std::string norm = "linf";
  std::int64_t steps = 40;
  double step_size = 0;
  std::int64_t targets = 0;
  bool random_start = true;
  static Schema fields() {
    using P = MaxConfidenceParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("steps", &P::steps, "Number of steps towards each class.").at_least(1),
        field("step_size", &P::step_size, "Length of a step as a share of ε; 0 = 2.5 / steps.").at_least(0),
        field("targets", &P::targets, "How many wrong classes, the strongest first; 0 = all.").at_least(0),
        field("random_start", &P::random_start, "Start at a random point of the ball, not at the sample."),
    });
  }
};

template <class T>
class MaxConfidence : public Attack<T> {
 public:
  using Params = MaxConfidenceParams;
  explicit MaxConfidence(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::gradients; }
  bool draws() const override { return params_.random_start; }
  bool goes_on_when_fooled() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    const ClassOrder order = wrong_classes(target, task);
    const auto wanted = static_cast<std::size_t>(params_.targets);
    const std::size_t targets = wanted > 0 ? std::min(wanted, order.each) : order.each;
    const std::vector<std::size_t> rows = all_rows(task.samples());
    std::vector<Found> best(task.samples());
    for (std::size_t t = 0; t < targets; ++t) climb(target, task, t, order.column(rows, t), best, changed);
  }

 private:
  /// How good a point is: fooled first, then the surest.
  struct Found {
    bool fooled = false;
    double confidence = -std::numeric_limits<double>::infinity();  // ln softmax of the strongest wrong class
    bool operator<(const Found& other) const {
      return fooled != other.fooled ? other.fooled : confidence < other.confidence;
    }
  };

  void climb(Target<T>& target, const AttackTask<T>& task, std::size_t run, const std::vector<std::size_t>& classes,
             std::vector<Found>& best, View<T> changed) const {
    const std::size_t n = task.samples();
    const Stream stream(task.seed, "attack.max-confidence");
    const double share = params_.step_size > 0 ? params_.step_size : 2.5 / static_cast<double>(params_.steps);
    Tensor<T> x(task.x.shape()), slope;
    std::ranges::copy(task.x.flat(), x.flat().begin());
    if (params_.random_start)
      for (std::size_t i = 0; i < n; ++i)
        random_point<T>(norm(), task.epsilon, task.bounds, stream,
                        {static_cast<std::uint32_t>(run), static_cast<std::uint32_t>(task.ids[i]), 0, 0},
                        task.x[i].flat(), x.view()[i].flat());
    std::vector<double> sure(n);
    std::vector<char> there(
        n);  // answered with the wanted class: where ln softmax is 0 there is no slope, and none is missed
    for (std::int64_t step = 0;; ++step) {
      const View<const T> logits = target.logits(std::as_const(x).view());
      evaluate_attack_loss<T>(AttackLoss::confidence, logits, task.labels, {}, sure, {});
      for (std::size_t i = 0; i < n; ++i) {
        there[i] = decision(logits, i) == classes[i];
        const Found found{is_fooled(logits, i, task.labels[i]), sure[i]};
        const bool first = run == 0 && step == 0;
        if (!first && !(best[i] < found)) continue;
        best[i] = found;
        std::ranges::copy(x.view()[i].flat(), changed[i].flat().begin());
      }
      if (step == params_.steps) return;
      slope.resize(logits.shape());
      evaluate_attack_loss<T>(AttackLoss::confidence, logits, task.labels, classes, sure, slope.view());
      const View<const T> gradient = target.pull_back(std::as_const(slope).view(), there);
      for (std::size_t i = 0; i < n; ++i) {
        step_within<T>(norm(), share * task.epsilon, gradient[i].flat(), task.epsilon, task.bounds, task.x[i].flat(),
                       x.view()[i].flat());
      }
    }
  }

  Params params_;
};

}  // namespace

void register_max_confidence(Registry& registry) {
  add_attack<MaxConfidence>(registry, "max-confidence",
                            "The surest wrong answer: for networks that may refuse to answer.");
}

}  // namespace neurarium
