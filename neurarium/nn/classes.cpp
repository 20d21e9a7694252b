#include "neurarium/nn/classes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

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

std::size_t strongest(std::span<const double> scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

void require_labels(View<const double> scores, std::span<const std::int64_t> labels) {
  const Shape& shape = scores.shape();
  if (shape.axes() != 2 || shape[0] != labels.size())
    throw ShapeError("scores", "[" + std::to_string(labels.size()) + ", classes]", to_string(shape));
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= shape[1])
      throw DataError(
          "label of sample " + std::to_string(i),
          "is " + std::to_string(labels[i]) + ", but the network has " + std::to_string(shape[1]) + " outputs",
          "labels are 0 … outputs − 1");
}

}  // namespace neurarium
