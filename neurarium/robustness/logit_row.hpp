// What one row of logits says.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace neurarium {

/// The first of the largest of two or more, without `skipped`.
template <class T>
std::size_t strongest_but(std::span<const T> z, std::size_t skipped) {
  std::size_t best = skipped == 0 ? 1 : 0;
  for (std::size_t i = 0; i < z.size(); ++i)
    if (i != skipped && z[i] > z[best]) best = i;
  return best;
}

/// max softmax(z) = 1 / Σ exp(z_i − max z)
template <class T>
double largest_probability(std::span<const T> z) {
  const double largest = static_cast<double>(*std::ranges::max_element(z));
  double sum = 0;
  for (const T v : z) sum += std::exp(static_cast<double>(v) - largest);
  return 1 / sum;
}

}  // namespace neurarium
