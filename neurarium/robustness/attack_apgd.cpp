// Auto-PGD: projected gradient descent that chooses its own step length.
//   z = Π(x_t + η s(∂L/∂x)),   x_{t+1} = Π(x_t + α (z − x_t) + (1 − α)(x_t − x_{t−1})),   α = 0.75 (1 in the first step)
// s is the sign (linf) or the unit vector (l2), Π the way back into the ball and the bounds, η = 2 ε at first. After the steps
// w_j = ⌈p_j N⌉, p_0 = 0, p_1 = 0.22, p_{j+1} = p_j + max(p_j − p_{j−1} − 0.03, 0.06), η is halved and x goes back to the best point so
// far if the loss rose in less than 75 % of the steps since w_{j−1}, or if neither η nor the best loss has changed since then.
// Targeted: one run towards each of `targets` wrong classes, the strongest by the logits of x first; what is fooled is done.
// A sample that is fooled at any step stays there; else the best point of the last run is left.
// Source: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks",
// ICML 2020, algorithm 1. Random starts are uniform in the ball.
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/class_order.hpp"
#include "neurarium/robustness/climb.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct ApgdParams {
  std::string norm = "linf";
  std::string loss = "cross-entropy";
  std::int64_t iterations = 100;
  std::int64_t restarts = 1;
  bool targeted = false;
  std::int64_t targets = 9;
  bool random_start = true;
  static Schema fields() {
    using P = ApgdParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("loss", &P::loss, "What the steps climb.").one_of(attack_loss_names()),
        field("iterations", &P::iterations, "Number of steps N of a run.").at_least(1),
        field("restarts", &P::restarts, "Runs (towards each class), each for what is not fooled yet.").at_least(1),
        field("targeted", &P::targeted, "Climb towards wrong classes, one after the other; loss = dlr is usual."),
        field("targets", &P::targets, "How many classes, if targeted: the strongest, at most all wrong ones.")
            .at_least(1),
        field("random_start", &P::random_start, "Start at a random point of the ball, not at the sample."),
    });
  }
};

/// ⌈p_j N⌉ for j ≥ 1, below N.
std::vector<std::int64_t> checkpoints(std::int64_t iterations) {
  std::vector<std::int64_t> steps;
  // In hundredths: p_j are multiples of 0.01.
  for (std::int64_t before = 0, now = 22; now < 100;) {
    const std::int64_t step = (now * iterations + 99) / 100;
    if (step < iterations && (steps.empty() || step > steps.back())) steps.push_back(step);
    const std::int64_t next = now + std::max<std::int64_t>(now - before - 3, 6);
    before = now, now = next;
  }
  return steps;
}

template <class T>
class Apgd : public Attack<T> {
 public:
  using Params = ApgdParams;
  explicit Apgd(const Params& params) : params_(params), checkpoints_(checkpoints(params.iterations)) {
    require_different_starts("apgd", params_.restarts, params_.random_start);
  }
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::gradients; }
  std::size_t least_classes() const override {
    return neurarium::least_classes(attack_loss_of(params_.loss), params_.targeted);
  }
  bool draws() const override { return params_.random_start; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    std::vector<std::size_t> open = all_rows(task.samples());
    ClassOrder order;
    if (params_.targeted) order = wrong_classes(target, task);
    const std::size_t targets = params_.targeted ? std::min(order.each, static_cast<std::size_t>(params_.targets)) : 1;
    std::uint32_t run = 0;
    for (std::size_t t = 0; t < targets; ++t)
      for (std::int64_t restart = 0; restart < params_.restarts && !open.empty(); ++restart, ++run) {
        Climb<T> climb(task, open, params_.targeted ? order.column(open, t) : std::vector<std::size_t>{});
        if (params_.random_start) climb.start_anywhere(norm(), Stream(task.seed, "attack.apgd"), run);
        open = ascend(target, climb, task.epsilon, open.size(), changed);
      }
  }

 private:
  /// What APGD knows of a sample besides where it is.
  struct Pace {
    double best_before = 0;  ///< best loss at the last checkpoint
    std::int64_t rises = 0;  ///< steps since then that raised the loss
    bool is_halved = false;  ///< whether η was halved there
  };

  /// One run; the rows that are not fooled in the end.
  std::vector<std::size_t> ascend(Target<T>& target, Climb<T>& climb, double epsilon, std::size_t samples,
                                  View<T> changed) const {
    std::vector<Pace> paces(samples);
    std::vector<double> sizes(samples, 2 * epsilon);
    std::int64_t last = 0;
    auto checkpoint = checkpoints_.begin();
    for (std::int64_t step = 0;; ++step) {
      climb.look(target, attack_loss_of(params_.loss), step < params_.iterations, changed);
      if (step == params_.iterations || climb.size() == 0) return climb.leave_best(changed);
      for (std::size_t place = 0; place < climb.size(); ++place) {
        const std::size_t i = climb.number(place);
        if (step == 0) paces[i].best_before = climb.loss(i);
        else if (climb.loss(i) > climb.loss_before(i)) ++paces[i].rises;
      }
      if (checkpoint != checkpoints_.end() && step == *checkpoint) {
        for (std::size_t place = 0; place < climb.size(); ++place) {
          const std::size_t i = climb.number(place);
          if (!must_halve(paces[i], climb.best_loss(i), step - last)) continue;
          sizes[i] /= 2;
          climb.go_to_best(place);
        }
        last = *checkpoint++;
      }
      climb.step(norm(), sizes, step == 0 ? 1 : 0.75);
    }
  }

  static bool must_halve(Pace& pace, double best, std::int64_t steps) {
    const bool swings = static_cast<double>(pace.rises) < 0.75 * static_cast<double>(steps);
    const bool stands = !pace.is_halved && !(best > pace.best_before);
    pace = {best, 0, swings || stands};
    return pace.is_halved;
  }

  Params params_;
  std::vector<std::int64_t> checkpoints_;
};

}  // namespace

void register_apgd(Registry& registry) {
  add_attack<Apgd>(registry, "apgd",
                   "Auto-PGD: steps up the loss with momentum that halve their length by themselves.");
}

}  // namespace neurarium
