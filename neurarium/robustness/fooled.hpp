// Which rows of changed samples fool the network: what attacks that know only its decisions ask for.
#pragma once

#include "neurarium/nn/attack.hpp"

namespace neurarium {

/// One pass over x [n, d]: whether row i is not answered with labels[i].
template <class T>
std::vector<char> fooled_rows(Target<T>& target, View<const T> x, std::span<const std::int64_t> labels) {
  const View<const T> logits = target.logits(x);
  std::vector<char> fooled(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) fooled[i] = is_fooled(logits, i, labels[i]);
  return fooled;
}

}  // namespace neurarium
