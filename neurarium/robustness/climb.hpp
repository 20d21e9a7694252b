// Samples on their way up a loss with momentum, one step of all at a time: where each is, was, and was best. Those that are fooled
// leave, so that passes through the network get smaller. Each keeps its number, 0 … rows − 1, wherever its row lies.
#pragma once

#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/ball.hpp"

namespace neurarium {

template <class T>
class Climb {
 public:
  /// These rows of `whole`, each at its sample. `targets`: the class each is to be taken for, or empty.
  Climb(const AttackTask<T>& whole, std::vector<std::size_t> rows, std::vector<std::size_t> targets);
  void start_anywhere(Norm norm, const Stream& stream, std::uint32_t run);

  /// The numbers of those that have not left.
  const std::vector<std::size_t>& open() const noexcept { return open_; }
  double loss(std::size_t number) const { return loss_[number]; }
  double loss_before(std::size_t number) const { return loss_before_[number]; }
  double best_loss(std::size_t number) const { return best_loss_[number]; }

  /// Runs all through the network; those that are fooled are written into their rows of `changed` and leave. Then loss() and, if
  /// asked, the gradient are those of where each is, until the target's next pass.
  void look(Target<T>& target, AttackLoss loss, bool with_gradient, View<T> changed);
  /// To Π(x + a (z − x) + (1 − a) (x − x before)), z = Π(x + size[number] · direction): Π leads into the ball and the bounds.
  void step(Norm norm, std::span<const double> size, double a);
  /// Back to where the loss was largest, with the gradient found there.
  void go_to_best(std::size_t number);
  /// Writes the best points of those that have not left into `changed`; gives back their rows.
  std::vector<std::size_t> leave_best(View<T> changed) const;

 private:
  std::span<T> here(std::size_t place) { return x_.view()[place].flat(); }

  const AttackTask<T>& whole_;
  std::vector<std::size_t> rows_;                       // of `whole`, by number
  std::vector<double> loss_, loss_before_, best_loss_;  // by number
  Tensor<T> before_, best_, best_gradient_;             // by number
  std::vector<const T*> direction_;                     // by number: the gradient's row
  std::vector<std::size_t> open_, place_;               // numbers by place, and places by number
  Tensor<T> x_;                                         // by place
  std::vector<std::int64_t> labels_;                    // by place
  std::vector<std::size_t> targets_;                    // by place
  Tensor<T> slope_;
  std::vector<double> values_;
  std::vector<T> middle_;
};

}  // namespace neurarium
