#include "neurarium/robustness/climb.hpp"

#include <numeric>

namespace neurarium {
namespace {

/// The step in linf, in one pass over the row.
template <class T>
void step_linf(std::span<const T> centre, const T* direction, double epsilon, const Bounds& bounds, double size,
               double share, std::span<T> before, std::span<T> x) {
  const T radius = static_cast<T>(epsilon), low = static_cast<T>(bounds.low), high = static_cast<T>(bounds.high);
  const T length = static_cast<T>(size), a = static_cast<T>(share), rest = static_cast<T>(1 - share);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T least = std::max(centre[i] - radius, low), most = std::min(centre[i] + radius, high);
    const T sign = static_cast<T>(direction[i] > 0) - static_cast<T>(direction[i] < 0);
    const T z = std::min(std::max(x[i] + length * sign, least), most);
    const T next = x[i] + a * (z - x[i]) + rest * (x[i] - before[i]);
    before[i] = x[i];
    x[i] = std::min(std::max(next, least), most);
  }
}

}  // namespace

template <class T>
Climb<T>::Climb(const AttackTask<T>& whole, std::vector<std::size_t> rows, std::vector<std::size_t> targets)
    : whole_(whole),
      rows_(std::move(rows)),
      loss_(rows_.size()),
      loss_before_(rows_.size()),
      best_loss_(rows_.size(), std::numeric_limits<double>::quiet_NaN()),
      direction_(rows_.size(), nullptr),
      open_(rows_.size()),
      targets_(std::move(targets)),
      values_(rows_.size()) {
  const Shape shape{rows_.size(), whole.x.shape()[1]};
  for (Tensor<T>* tensor : {&before_, &best_, &best_gradient_, &x_}) tensor->resize(shape);
  middle_.resize(shape[1]);
  std::iota(open_.begin(), open_.end(), std::size_t{0});
  place_ = open_;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    std::ranges::copy(whole.x[rows_[i]].flat(), here(i).begin());
    labels_.push_back(whole.labels[rows_[i]]);
  }
}

template <class T>
void Climb<T>::start_anywhere(Norm norm, const Stream& stream, std::uint32_t run) {
  for (std::size_t i = 0; i < rows_.size(); ++i)
    random_point<T>(norm, whole_.epsilon, whole_.bounds, stream,
                    {run, static_cast<std::uint32_t>(whole_.ids[rows_[i]]), 0, 0}, whole_.x[rows_[i]].flat(), here(i));
}

template <class T>
void Climb<T>::look(Target<T>& target, AttackLoss loss, bool with_gradient, View<T> changed) {
  const std::size_t n = open_.size();
  if (n == 0) return;
  const View<const T> logits = target.logits(std::as_const(x_).view().rows(0, n));
  slope_.resize(logits.shape());
  evaluate_attack_loss<T>(loss, logits, {labels_.data(), n}, {targets_.data(), std::min(n, targets_.size())},
                          {values_.data(), n}, slope_.view());
  std::vector<bool> fooled(n);
  for (std::size_t i = 0; i < n; ++i) {
    fooled[i] = is_fooled(logits, i, labels_[i]);
    if (!fooled[i]) continue;
    std::ranges::copy(here(i), changed[rows_[open_[i]]].flat().begin());
    std::ranges::fill(slope_.view()[i].flat(), T{0});
  }
  View<const T> gradient;
  if (with_gradient && std::ranges::find(fooled, false) != fooled.end())
    gradient = target.pull_back(std::as_const(slope_).view());
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t number = open_[i];
    if (fooled[i]) continue;
    loss_before_[number] = loss_[number];
    loss_[number] = values_[i];
    if (with_gradient) direction_[number] = gradient[i].data();
    if (!(values_[i] > best_loss_[number]) && !std::isnan(best_loss_[number])) continue;
    best_loss_[number] = values_[i];
    std::ranges::copy(here(i), best_.view()[number].flat().begin());
    if (with_gradient) std::ranges::copy(gradient[i].flat(), best_gradient_.view()[number].flat().begin());
  }
  for (std::size_t i = n; i-- > 0;) {
    if (!fooled[i]) continue;
    const std::size_t last = open_.size() - 1;
    if (i != last) {
      std::ranges::copy(here(last), here(i).begin());
      open_[i] = open_[last], labels_[i] = labels_[last];
      if (!targets_.empty()) targets_[i] = targets_[last];
      place_[open_[i]] = i;
    }
    open_.pop_back();
  }
}

template <class T>
void Climb<T>::step(Norm norm, std::span<const double> size, double a) {
  for (const std::size_t number : open_) {
    const std::span<T> x = here(place_[number]), before = before_.view()[number].flat();
    const std::span<const T> centre = whole_.x[rows_[number]].flat();
    if (norm == Norm::linf) {
      step_linf<T>(centre, direction_[number], whole_.epsilon, whole_.bounds, size[number], a, before, x);
      continue;
    }
    std::ranges::copy(x, middle_.begin());
    step_along<T>(norm, size[number], {direction_[number], x.size()}, middle_);
    project<T>(norm, whole_.epsilon, whole_.bounds, centre, middle_);
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
void Climb<T>::go_to_best(std::size_t number) {
  std::ranges::copy(best_.view()[number].flat(), here(place_[number]).begin());
  loss_[number] = best_loss_[number];
  direction_[number] = best_gradient_.view()[number].data();
}

template <class T>
std::vector<std::size_t> Climb<T>::leave_best(View<T> changed) const {
  std::vector<std::size_t> left;
  for (const std::size_t number : open_) {
    std::ranges::copy(best_.view()[number].flat(), changed[rows_[number]].flat().begin());
    left.push_back(rows_[number]);
  }
  std::ranges::sort(left);
  return left;
}

template class Climb<float>;
template class Climb<double>;

}  // namespace neurarium
