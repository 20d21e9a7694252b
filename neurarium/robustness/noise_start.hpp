// Where attacks begin that know decisions only: at noise which the network does not answer with the sample's label.
// Draw t is u within the bounds, mixed with the sample by s = 0, 1/4, 1/2, 3/4, 0, …:   x' = (1 − s) u + s x.
// Mixtures help where pure noise is all answered alike, as by networks that know nothing far from their data.
// Source: the blended uniform noise of Foolbox (Rauber, Zimmermann, Bethge, Brendel, Journal of Open Source Software 5(53), 2020).
#pragma once

#include "neurarium/core/rng.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/fooled.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {

/// Writes such noise into `changed`, drawn up to `draws` times; the rows of the task, ascending, for which there was any.
template <class T>
std::vector<std::size_t> start_at_noise(Target<T>& target, const AttackTask<T>& task, const Stream& stream,
                                        std::int64_t draws, View<T> changed) {
  std::vector<std::size_t> open = all_rows(task.samples()), found;
  Tensor<T> x;
  std::vector<std::int64_t> labels;
  for (std::uint32_t draw = 0; draw < draws && !open.empty(); ++draw) {
    const T sample_share = static_cast<T>(draw % 4) / 4;
    x.resize(Shape{open.size(), task.x.shape()[1]});
    labels.clear();
    for (std::size_t i = 0; i < open.size(); ++i) {
      const std::span<T> to = x.view()[i].flat();
      const std::span<const T> from = task.x[open[i]].flat();
      fill_uniform(stream, {0, static_cast<std::uint32_t>(task.ids[open[i]]), draw, 0}, task.bounds.low,
                   task.bounds.high, to);
      for (std::size_t j = 0; j < to.size(); ++j) to[j] = (1 - sample_share) * to[j] + sample_share * from[j];
      clamp_to<T>(task.bounds, to);
      labels.push_back(task.labels[open[i]]);
    }
    const std::vector<char> fooled = fooled_rows<T>(target, std::as_const(x).view(), labels);
    std::size_t left = 0;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (fooled[i]) {
        std::ranges::copy(x.view()[i].flat(), changed[open[i]].flat().begin());
        found.push_back(open[i]);
      } else {
        open[left++] = open[i];
      }
    open.resize(left);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace neurarium
