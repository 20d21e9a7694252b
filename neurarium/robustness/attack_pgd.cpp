// Projected gradient descent: many short steps up the loss, each brought back into the ball and the bounds.
//   x_0 = x + a random point of the ball (or x),   x_{t+1} = Π(x_t + α sign(∂L/∂x))   (l2: α ∂L/∂x / |∂L/∂x|₂)
// A sample that is fooled at any step stays there, or (early_stop = false) at the last step where it is; what no start fools is
// left at the last step of the last start.
// Source: Madry, Makelov, Schmidt, Tsipras, Vladu, "Towards deep learning models resistant to adversarial attacks", ICLR 2018.
#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/open_rows.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct PgdParams {
  std::string norm = "linf";
  std::string loss = "cross-entropy";
  std::int64_t steps = 20;
  double step_size = 0;
  std::int64_t restarts = 1;
  bool random_start = true;
  bool early_stop = true;
  static Schema fields() {
    using P = PgdParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("loss", &P::loss, "What the steps climb.").one_of(attack_loss_names()),
        field("steps", &P::steps, "Number of steps.").at_least(1),
        field("step_size", &P::step_size, "Length α of a step as a share of ε; 0 = 2.5 / steps.").at_least(0),
        field("restarts", &P::restarts, "Starts, each for what is not fooled yet.").at_least(1),
        field("random_start", &P::random_start, "Start at a random point of the ball, not at the sample."),
        field("early_stop", &P::early_stop,
              "Leave a sample where it is first fooled; else climb on, for other networks."),
    });
  }
};

template <class T>
class Pgd : public Attack<T> {
 public:
  using Params = PgdParams;
  explicit Pgd(const Params& params) : params_(params) {
    require_different_starts("pgd", params_.restarts, params_.random_start);
  }
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::gradients; }
  std::size_t least_classes() const override { return neurarium::least_classes(attack_loss_of(params_.loss), false); }
  bool draws() const override { return params_.random_start; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    std::vector<std::size_t> open = all_rows(task.samples());
    for (std::uint32_t start = 0; start < params_.restarts && !open.empty(); ++start)
      open = climb(target, task, open, start, changed);
  }

 private:
  /// From one start; the rows that were never fooled.
  std::vector<std::size_t> climb(Target<T>& target, const AttackTask<T>& task, const std::vector<std::size_t>& rows,
                                 std::uint32_t start, View<T> changed) const {
    OpenRows<T> open(task, rows);
    const Stream stream(task.seed, "attack.pgd");
    if (params_.random_start)
      for (std::size_t i = 0; i < open.size(); ++i)
        random_point<T>(norm(), task.epsilon, task.bounds, stream, {start, open.id(i), 0, 0}, open.origin(i),
                        open.x(i));
    const double share = params_.step_size > 0 ? params_.step_size : 2.5 / static_cast<double>(params_.steps);
    std::vector<char> fooled, found(open.size(), 0);  // now, by place; ever, by number
    std::vector<double> losses(open.size());
    Tensor<T> slope;
    for (std::int64_t step = 0; open.size() > 0; ++step) {
      const View<const T> logits = target.logits(open.all());
      slope.resize(logits.shape());
      evaluate_attack_loss<T>(attack_loss_of(params_.loss), logits, open.labels(), {}, losses, slope.view());
      find_fooled<T>(logits, open.labels(), fooled, params_.early_stop ? slope.view() : View<T>{});
      for (std::size_t i = 0; i < open.size(); ++i) {
        if (!fooled[i]) continue;
        found[open.number(i)] = 1;
        std::ranges::copy(open.x(i), changed[open.row(i)].flat().begin());
      }
      if (step == params_.steps) break;
      if (!params_.early_stop) std::ranges::fill(fooled, 0);  // nobody leaves
      if (std::ranges::find(fooled, 0) != fooled.end()) {
        const View<const T> gradient = target.pull_back(std::as_const(slope).view(), fooled);
        for (std::size_t i = 0; i < open.size(); ++i) {
          if (fooled[i]) continue;
          step_within<T>(norm(), share * task.epsilon, gradient[i].flat(), task.epsilon, task.bounds, open.origin(i),
                         open.x(i));
        }
      }
      open.leave(fooled, changed, [](std::size_t, std::size_t) {});
    }
    std::vector<std::size_t> never_fooled;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (found[open.number(i)]) continue;
      std::ranges::copy(open.x(i), changed[open.row(i)].flat().begin());
      never_fooled.push_back(open.row(i));
    }
    std::ranges::sort(never_fooled);
    return never_fooled;
  }

  Params params_;
};

}  // namespace

void register_pgd(Registry& registry) {
  add_attack<Pgd>(registry, "pgd", "Projected gradient descent: many short steps up the loss, from random starts.");
}

}  // namespace neurarium
