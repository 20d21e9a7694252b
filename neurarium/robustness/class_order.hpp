// The wrong classes of each sample by the network's own order: towards which attacks aim first.
#pragma once

#include "neurarium/nn/attack.hpp"
#include "neurarium/nn/classes.hpp"

namespace neurarium {

struct ClassOrder {
  std::size_t each = 0;              ///< k − 1
  std::vector<std::size_t> classes;  ///< [n, each], the strongest first, of equal ones the first
  /// The t-th wrong class of each of these rows.
  std::vector<std::size_t> column(const std::vector<std::size_t>& rows, std::size_t t) const {
    std::vector<std::size_t> chosen;
    for (const std::size_t row : rows) chosen.push_back(classes[row * each + t]);
    return chosen;
  }
};

template <class T>
ClassOrder wrong_classes(Target<T>& target, const AttackTask<T>& task) {
  const View<const T> logits = target.logits(task.x);
  ClassOrder order;
  order.each = logits.shape()[1] - 1;
  for (std::size_t i = 0; i < task.samples(); ++i) {
    const auto z = logits[i].flat();
    for (const std::size_t c : strongest(std::vector<double>(z.begin(), z.end()), z.size()))
      if (c != static_cast<std::size_t>(task.labels[i])) order.classes.push_back(c);
  }
  return order;
}

}  // namespace neurarium
