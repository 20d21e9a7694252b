#include "neurarium/robustness/climb.hpp"

#include "neurarium/kernels/steps.hpp"

namespace neurarium {

template <class T>
Climb<T>::Climb(const AttackTask<T>& whole, std::vector<std::size_t> rows, std::vector<std::size_t> targets)
    : whole_(whole),
      open_(whole, std::move(rows)),
      targets_(std::move(targets)),
      loss_(open_.size()),
      loss_before_(open_.size()),
      best_loss_(open_.size(), std::numeric_limits<double>::quiet_NaN()),
      direction_(open_.size(), nullptr),
      values_(open_.size()),
      middle_(whole.x.shape()[1]) {
  for (Tensor<T>* tensor : {&before_, &best_, &best_gradient_}) tensor->resize(Shape{open_.size(), middle_.size()});
}

template <class T>
void Climb<T>::start_anywhere(Norm norm, const Stream& stream, std::uint32_t run) {
  for (std::size_t i = 0; i < open_.size(); ++i)
    random_point<T>(norm, whole_.epsilon, whole_.bounds, stream, {run, open_.id(i), 0, 0}, open_.origin(i), open_.x(i));
}

template <class T>
void Climb<T>::look(Target<T>& target, AttackLoss loss, bool with_gradient, View<T> changed) {
  const std::size_t n = open_.size();
  if (n == 0) return;
  const View<const T> logits = target.logits(open_.all());
  slope_.resize(logits.shape());
  evaluate_attack_loss<T>(loss, logits, open_.labels(), std::span(targets_).first(std::min(n, targets_.size())),
                          std::span(values_).first(n), slope_.view());
  find_fooled<T>(logits, open_.labels(), fooled_, slope_.view());
  View<const T> gradient;
  if (with_gradient && std::ranges::find(fooled_, 0) != fooled_.end())
    gradient = target.pull_back(std::as_const(slope_).view(), fooled_);
  for (std::size_t i = 0; i < n; ++i) {
    if (fooled_[i]) continue;
    const std::size_t number = open_.number(i);
    loss_before_[number] = loss_[number];
    loss_[number] = values_[i];
    if (with_gradient) direction_[number] = gradient[i].data();
    if (!(values_[i] > best_loss_[number]) && !std::isnan(best_loss_[number])) continue;
    best_loss_[number] = values_[i];
    std::ranges::copy(open_.x(i), best_.view()[number].flat().begin());
    if (with_gradient) std::ranges::copy(gradient[i].flat(), best_gradient_.view()[number].flat().begin());
  }
  open_.leave(fooled_, changed, [&](std::size_t from, std::size_t to) {
    if (!targets_.empty()) targets_[to] = targets_[from];
  });
}

template <class T>
void Climb<T>::step(Norm norm, std::span<const double> size, double a) {
  for (std::size_t place = 0; place < open_.size(); ++place) {
    const std::size_t number = open_.number(place);
    const std::span<T> x = open_.x(place), before = before_.view()[number].flat();
    const std::span<const T> centre = open_.origin(place);
    if (norm == Norm::linf) {
      const Bounds& bounds = whole_.bounds;
      kernels::momentum_step<T>(
          {centre, static_cast<T>(whole_.epsilon), static_cast<T>(bounds.low), static_cast<T>(bounds.high)},
          {direction_[number], x.size()}, static_cast<T>(size[number]), static_cast<T>(a), before, x);
      continue;
    }
    std::ranges::copy(x, middle_.begin());
    step_within<T>(norm, size[number], {direction_[number], x.size()}, whole_.epsilon, whole_.bounds, centre, middle_);
    const T share = static_cast<T>(a), rest = static_cast<T>(1 - a);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T now = x[i];
      x[i] = now + share * (middle_[i] - now) + rest * (now - before[i]);
      before[i] = now;
    }
    project<T>(norm, whole_.epsilon, whole_.bounds, centre, x);
  }
}

template <class T>
void Climb<T>::go_to_best(std::size_t place) {
  const std::size_t number = open_.number(place);
  std::ranges::copy(best_.view()[number].flat(), open_.x(place).begin());
  loss_[number] = best_loss_[number];
  direction_[number] = best_gradient_.view()[number].data();
}

template <class T>
std::vector<std::size_t> Climb<T>::leave_best(View<T> changed) const {
  for (std::size_t place = 0; place < open_.size(); ++place)
    std::ranges::copy(best_.view()[open_.number(place)].flat(), changed[open_.row(place)].flat().begin());
  return open_.rows();
}

template class Climb<float>;
template class Climb<double>;

}  // namespace neurarium
