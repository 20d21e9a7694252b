// The search for the least share p of pixels to spoil, for spoilers whose effect depends on luck: `steps` tries with p growing from a
// low end to a high end. When a try fools the network with a smaller change than before, the ends become p/2 and 1.2 p (at most 1)
// and the tries that are left are spread between them; at the high end it begins again at the low one.
// Source: the salt-and-pepper attack of Foolbox 3 (Rauber, Zimmermann, Bethge, Brendel, Journal of Open Source Software 5(53), 2020).
#pragma once

#include <algorithm>
#include <functional>
#include <limits>

#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/fooled.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {

/// Where the search of one sample is.
class GrowingShare {
 public:
  explicit GrowingShare(std::size_t steps) : steps_(steps), stride_(1 / static_cast<double>(steps)), share_(stride_) {}
  double share() const noexcept { return share_; }
  /// After try `step` (from 0): whether it was the best so far.
  void next(std::size_t step, bool is_best) {
    const bool is_at_end = share_ >= high_;
    if (is_best) {
      low_ = share_ / 2, high_ = std::min(1.2 * share_, 1.0);
      stride_ = (high_ - low_) / static_cast<double>(steps_ - step);
    }
    if (is_best || is_at_end) share_ = low_;
    share_ = std::min(share_ + stride_, high_);
  }

 private:
  std::size_t steps_;
  double low_ = 0, high_ = 1, stride_, share_;
};

/// Writes for each sample the smallest change that `spoil(row of the task, step, share, x)` (x holds the sample) fooled the network
/// with, in the norm; where there is none, the last try. Every step is one pass over all samples.
template <class T>
void search_least_share(Target<T>& target, const AttackTask<T>& task, Norm norm, std::size_t steps,
                        const std::function<void(std::size_t, std::size_t, double, std::span<T>)>& spoil,
                        View<T> changed) {
  const std::size_t n = task.samples();
  std::vector<GrowingShare> shares(n, GrowingShare(steps));
  std::vector<double> best(n, std::numeric_limits<double>::infinity());
  Tensor<T> x(task.x.shape());
  for (std::size_t step = 0; step < steps; ++step) {
    std::ranges::copy(task.x.flat(), x.flat().begin());
    for (std::size_t i = 0; i < n; ++i) spoil(i, step, shares[i].share(), x.view()[i].flat());
    const std::vector<char> fooled = fooled_rows<T>(target, std::as_const(x).view(), task.labels);
    for (std::size_t i = 0; i < n; ++i) {
      const auto here = x.view()[i].flat();
      const double far = fooled[i] ? distance<T>(norm, here, task.x[i].flat()) : 0;
      const bool is_best = fooled[i] && far < best[i];
      if (is_best) best[i] = far;
      if (is_best || best[i] == std::numeric_limits<double>::infinity())
        std::ranges::copy(here, changed[i].flat().begin());
      shares[i].next(step, is_best);
    }
  }
}

}  // namespace neurarium
