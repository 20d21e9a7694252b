#include "neurarium/nn/classes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace neurarium {

Tensor<double> softmax(View<const double> logits) {
  Tensor<double> p(logits.shape());
  for (std::size_t i = 0; i < logits.shape()[0]; ++i) {
    const auto z = logits[i].flat();
    const auto out = p.view()[i].flat();
    const double most = std::ranges::max(z);
    double sum = 0;
    for (std::size_t j = 0; j < z.size(); ++j) sum += out[j] = std::exp(z[j] - most);
    for (double& x : out) x /= sum;
  }
  return p;
}

std::vector<std::size_t> strongest(std::span<const double> scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(count, order.size()));
  return order;
}

}  // namespace neurarium
