// Lists of numbers as directions: how long they are, and how much two of them point the same way.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace neurarium {

inline double length(std::span<const double> a) {
  double sum = 0;
  for (const double x : a) sum += x * x;
  return std::sqrt(sum);
}

/// The cosine of the angle between both, of as many numbers; 0 if one of them is 0.
inline double cosine(std::span<const double> a, std::span<const double> b) {
  double dot = 0;
  for (std::size_t i = 0; i < a.size(); ++i) dot += a[i] * b[i];
  const double lengths = length(a) * length(b);
  return lengths > 0 ? dot / lengths : 0;
}

}  // namespace neurarium
