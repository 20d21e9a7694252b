// Fast gradient sign method: one step of length ε up the loss.
//   x' = x + ε sign(∂L/∂x)   (linf),   x + ε ∂L/∂x / |∂L/∂x|₂   (l2),   then into the bounds.
// With random_start: a random point of the ball first, then a step of 1.25 ε, and back into the ball.
// Source: Goodfellow, Shlens, Szegedy, "Explaining and harnessing adversarial examples", ICLR 2015; the random start:
// Wong, Rice, Kolter, "Fast is better than free", ICLR 2020.
#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"

namespace neurarium {
namespace {

struct FgsmParams {
  std::string norm = "linf";
  std::string loss = "cross-entropy";
  bool random_start = false;
  static Schema fields() {
    return Schema::of<FgsmParams>({
        field("norm", &FgsmParams::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("loss", &FgsmParams::loss, "What the step climbs.").one_of(attack_loss_names()),
        field("random_start", &FgsmParams::random_start, "Start at a random point of the ball, and step 1.25 ε."),
    });
  }
};

template <class T>
class Fgsm : public Attack<T> {
 public:
  using Params = FgsmParams;
  explicit Fgsm(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::gradients; }
  std::size_t least_classes() const override { return neurarium::least_classes(attack_loss_of(params_.loss), false); }
  bool draws() const override { return params_.random_start; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    std::ranges::copy(task.x.flat(), changed.flat().begin());
    const Stream stream(task.seed, "attack.fgsm");
    if (params_.random_start)
      for (std::size_t i = 0; i < task.samples(); ++i)
        random_point<T>(norm(), task.epsilon, task.bounds, stream, {0, static_cast<std::uint32_t>(task.ids[i]), 0, 0},
                        task.x[i].flat(), changed[i].flat());
    const View<const T> logits = target.logits(changed);
    Tensor<T> slope(logits.shape());
    std::vector<double> losses(task.samples());
    evaluate_attack_loss<T>(attack_loss_of(params_.loss), logits, task.labels, {}, losses, slope.view());
    const View<const T> gradient = target.pull_back(std::as_const(slope).view());
    const double size = (params_.random_start ? 1.25 : 1) * task.epsilon;
    for (std::size_t i = 0; i < task.samples(); ++i)
      step_within<T>(norm(), size, gradient[i].flat(), task.epsilon, task.bounds, task.x[i].flat(), changed[i].flat());
  }

 private:
  Params params_;
};

}  // namespace

void register_fgsm(Registry& registry) {
  add_attack<Fgsm>(registry, "fgsm", "Fast gradient sign method: one step up the loss.");
}

}  // namespace neurarium
