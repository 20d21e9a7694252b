// From a classifier's outputs to what it believes: probabilities, and the classes that it takes to be likeliest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// Softmax of each row of logits [n, k], k ≥ 1: p_j = exp(z_j − max z) / Σ_i exp(z_i − max z).
/// Source: Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.104.
Tensor<double> softmax(View<const double> logits);

/// The places of the `count` largest numbers (or of all, if there are fewer), largest first; of equal ones the lower place
/// comes first.
std::vector<std::size_t> strongest(std::span<const double> scores, std::size_t count);
/// The place of the largest number; of equal ones the first.
std::size_t strongest(std::span<const double> scores);

/// Throws unless `labels` are those of scores [n, k]: n of them (else a ShapeError), each one of 0 … k−1 (else a DataError).
void require_labels(View<const double> scores, std::span<const std::int64_t> labels);

}  // namespace neurarium
