// Samples on their way up a loss with momentum, one step of all at a time: where each is, was, and was best, by its number.
#pragma once

#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/open_rows.hpp"

namespace neurarium {

template <class T>
class Climb {
 public:
  /// These rows of `whole`, each at its sample. `targets`: the class each is to be taken for, or empty.
  Climb(const AttackTask<T>& whole, std::vector<std::size_t> rows, std::vector<std::size_t> targets);
  void start_anywhere(Norm norm, const Stream& stream, std::uint32_t run);

  /// How many are not fooled, and the number of the i-th.
  std::size_t size() const noexcept { return open_.size(); }
  std::size_t number(std::size_t place) const { return open_.number(place); }
  double loss(std::size_t number) const { return loss_[number]; }
  double loss_before(std::size_t number) const { return loss_before_[number]; }
  double best_loss(std::size_t number) const { return best_loss_[number]; }

  /// Runs all through the network; those that are fooled are written into their rows of `changed` and leave. Then loss() and, if
  /// asked, the gradient are those of where each is, until the target's next pass.
  void look(Target<T>& target, AttackLoss loss, bool with_gradient, View<T> changed);
  /// To Π(x + a (z − x) + (1 − a) (x − x before)), z = Π(x + size[number] · direction): Π leads into the ball and the bounds.
  void step(Norm norm, std::span<const double> size, double a);
  /// Takes the one at this place back to where its loss was largest, with the gradient found there.
  void go_to_best(std::size_t place);
  /// Writes the best points of those that are not fooled into `changed`; gives back their rows.
  std::vector<std::size_t> leave_best(View<T> changed) const;

 private:
  const AttackTask<T>& whole_;
  OpenRows<T> open_;
  std::vector<std::size_t> targets_;                    // by place
  std::vector<double> loss_, loss_before_, best_loss_;  // by number
  Tensor<T> before_, best_, best_gradient_;             // by number
  std::vector<const T*> direction_;                     // by number: the gradient's row
  Tensor<T> slope_;
  std::vector<double> values_;
  std::vector<char> fooled_;
  std::vector<T> middle_;
};

}  // namespace neurarium
